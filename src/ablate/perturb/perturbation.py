"""What a perturbation is: a family, a dose, and a pure call that returns the perturbed example with a manifest of its edits."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import numpy as np

from ablate.errors import UserError
from ablate.perturb.donors import Donors
from ablate.traces import Example, Replacement, boxed_answer

Family = Literal["structure", "content", "control"]
Random = np.random.Generator
NAMES = {bool: "true or false", int: "a whole number", float: "a number"}
"""What messages call the types of settings."""


@dataclass(frozen=True)
class Insertion:
    """The step at `position` came from step `step` of the trace `donor`."""

    position: int
    donor: str
    step: int


@dataclass(frozen=True)
class Edits:
    """The manifest of one perturbation of one trace: all it changed, and nothing else was changed.

    Step positions count from 0 in the trace before the edit; `moved` pairs a new position with the old one; `repeated` steps stand twice in
    a row; `replaced` spans count from the start of the response. All steps `removed` takes the thought's tags too, unless `emptied`.
    `swapped_with` names the trace that took the place of the whole one, `thought_of` that of the steps and gaps alone. Characters count
    the whole response. `keywords_left` counts reflection keywords after their removal.
    """

    perturbation: str
    moved: tuple[tuple[int, int], ...] = ()
    removed: tuple[int, ...] = ()
    inserted: tuple[Insertion, ...] = ()
    repeated: tuple[int, ...] = ()
    replaced: tuple[Replacement, ...] = ()
    swapped_with: str | None = None
    emptied: bool = False
    thought_of: str | None = None
    keywords_left: int | None = None
    steps_before: int = 0
    steps_after: int = 0
    characters_before: int = 0
    characters_after: int = 0
    answer_survived: bool = True

    @property
    def origins(self) -> tuple["int | Insertion | None", ...]:
        """Of each step after the edit: its position before, or the insertion it is; None where the whole thought is another's."""
        if self.swapped_with or self.thought_of:
            return (None,) * self.steps_after
        origins: list[int | Insertion | None] = list(range(self.steps_before))
        for new, old in self.moved:
            origins[new] = old
        for insertion in self.inserted:
            origins[insertion.position] = insertion
        removed, repeated = set(self.removed), set(self.repeated)
        return tuple(
            origin for at, origin in enumerate(origins) for _ in range(1 + (at in repeated)) if not (at in removed or self.emptied)
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain containers, as the run folder stores them."""
        return {**vars(self), "inserted": [vars(insertion) for insertion in self.inserted]}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Edits":
        """What `as_dict` gave, after a way through JSON."""
        pairs = {name: tuple(tuple(entry) for entry in stored[name]) for name in ("moved", "replaced")}
        inserted = tuple(Insertion(**entry) for entry in stored["inserted"])
        return cls(**{**stored, **pairs, "inserted": inserted, "removed": tuple(stored["removed"]), "repeated": tuple(stored["repeated"])})


def in_words(families: Iterable[str]) -> str:
    """The families of an arm's perturbations as everything that is shown names them: `structure and content`; nothing without any."""
    order = get_args(Family)
    return " and ".join(sorted(set(families), key=lambda name: (order.index(name) if name in order else len(order), name)))


@dataclass(frozen=True)
class Perturbation(ABC):
    """A way to damage a trace. Subclasses say what they touch; everything random comes from the generator they are given.

    Doses are nested: what a lower dose touches, a higher one touches too, because each draws for every place, whatever the dose. After
    another perturbation that takes steps away or adds some, places are others, and nesting ends.
    """

    dose: float = 1.0
    family: ClassVar[Family]
    draws_as: ClassVar[str | None] = None
    """Of a control: the perturbation whose random draws it takes, so that it touches what its partner touches."""

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(type(self)).items():
            value = getattr(self, name)
            if hint in (bool, int, float) and not (type(value) is hint or (hint is float and type(value) is int)):
                raise UserError(f"{name}: found {value!r}, allowed is {NAMES[hint]}")
            if get_origin(hint) is Literal and getattr(self, name) not in get_args(hint):
                raise UserError(f"{name}: found {getattr(self, name)!r}, allowed: {', '.join(get_args(hint))}")
        if not 0 <= self.dose <= 1:
            raise UserError(f"dose: found {self.dose:g}, allowed is a share from 0 to 1")

    @abstractmethod
    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        """The perturbed example and the fields of `Edits` that say what changed."""

    def __call__(self, name: str, example: Example, random: Random, donors: Donors) -> tuple[Example, Edits]:
        """Perturb one example; the manifest's counts are taken here, the same way for every perturbation."""
        perturbed, changes = self.edit(example, random, donors)
        return perturbed, Edits(
            perturbation=name,
            steps_before=len(example.trace.steps),
            steps_after=len(perturbed.trace.steps),
            characters_before=len(example.trace.text),
            characters_after=len(perturbed.trace.text),
            answer_survived=(perturbed.problem, boxed_answer(perturbed.trace.solution))
            == (example.problem, boxed_answer(example.trace.solution)),
            **changes,
        )


def random_for(seed: int, example_id: str, name: str) -> Random:
    """A counter-based generator keyed by hash(seed, example id, perturbation), so that neither row order nor processes matter.

    Args:
        seed: of the arm.
        example_id: of the example.
        name: of the perturbation.
    """
    key = hashlib.blake2b(f"{seed}\0{example_id}\0{name}".encode(errors="surrogatepass"), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def touched_steps(count: int, dose: float, random: Random) -> list[int]:
    """The share `dose` of `count` step positions, rounded, in the random order in which a growing dose takes them up.

    Args:
        count: of steps.
        dose: share of them, 0 to 1.
        random: the example's generator.
    """
    order = np.argsort(random.random(count), kind="stable")
    return order[: int(dose * count + 0.5)].tolist()


def with_trace(example: Example, **parts: Any) -> Example:
    """The example with parts of its trace replaced."""
    return replace(example, trace=replace(example.trace, **parts))


def choose(values: Sequence[Any], draw: float) -> Any:
    """The element that a draw in [0, 1) points at.

    Args:
        values: to choose from.
        draw: in [0, 1).
    """
    return values[int(draw * len(values))]
