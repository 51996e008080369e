"""A study as its file says it before any result is seen: its arms, its seeds, its margin, and the claims it tests.

A study's file (`sweeps/*.yaml`, copied to `runs/<study>/study.yaml`) is a mapping with these keys, all but `name` optional:

    name: pilot
    arms:                              # small grids; {} is the clean arm; a list inside a list is one arm with several perturbations
      - {}
      - {perturb: [shuffle_steps, delete_steps], dose: [0.33, 0.67, 1.0]}
      - {perturb: [[shuffle_steps, corrupt_digits]], dose: 0.33}
    seeds: [0, 1, 2]                   # default [0]
    margin: 3                          # points within which a difference is called harmless
    alpha: 0.05
    primary: [tiny_problems]           # the tasks whose mean decides; default all
    claims:                            # tested as written, with Holm's correction over them
      - {kind: contrast, more: structure, less: content, at: dose}
      - {kind: contrast, more: structure, less: content, at: disruption, axes: [characters_changed]}
      - {kind: harmful, arm: shuffle_steps-0.33}
      - {kind: equivalence, arm: wrong_answer-1, margin: 3}
      - {kind: dose_response, perturb: delete_steps}
      - {kind: interaction, perturb: [shuffle_steps, corrupt_digits]}

`more` and `less` are families (structure, content, control) or perturbations; `arm` is a run folder's name up to the training method, or
the whole name without its seed and id. `margin` and `axes` may be left out. What else stands in the file is the sweeper's.
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

from ablate.errors import UserError, nearest

AXES = ("characters_changed", "tokens_changed", "token_ratio", "answer_survived", "kendall_tau", "surprisal")


@dataclass(frozen=True)
class Contrast:
    """Arms of `more` lose more accuracy than arms of `less`, at the same doses or at the same disruption (regression on `axes`)."""

    kind: ClassVar[str] = "contrast"
    more: str
    less: str
    at: str = "dose"
    axes: tuple[str, ...] = ("characters_changed",)


@dataclass(frozen=True)
class Harmful:
    """The arm scores lower than the clean arm."""

    kind: ClassVar[str] = "harmful"
    arm: str


@dataclass(frozen=True)
class Equivalence:
    """The arm's difference to the clean arm lies within the margin, in points; without one, the study's."""

    kind: ClassVar[str] = "equivalence"
    arm: str
    margin: float | None = None


@dataclass(frozen=True)
class DoseResponse:
    """Accuracy falls with the perturbation's dose, the clean arm as dose 0."""

    kind: ClassVar[str] = "dose_response"
    perturb: str


@dataclass(frozen=True)
class Interaction:
    """Two perturbations together cost something else than the sum of what each costs alone, at the same doses."""

    kind: ClassVar[str] = "interaction"
    perturb: tuple[str, str]


Claim = Contrast | Harmful | Equivalence | DoseResponse | Interaction
KINDS: dict[str, type[Claim]] = {claim.kind: claim for claim in (Contrast, Harmful, Equivalence, DoseResponse, Interaction)}


@dataclass(frozen=True)
class Study:
    """What was planned; `margin` in points, `primary` empty for all tasks, `arms` empty where no plan is known."""

    name: str
    arms: tuple[dict[str, Any], ...] = ()
    seeds: tuple[int, ...] = (0,)
    margin: float = 3.0
    alpha: float = 0.05
    primary: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()

    def planned(self) -> Iterator[tuple[tuple[str, ...], dict[str, Any], int]]:
        """Every planned run: its perturbations in order, its other settings, its seed."""
        for grid in self.arms:
            names = [_names(choice) for choice in _choices(grid.get("perturb") or [[]])]
            others = {key: _choices(value) for key, value in grid.items() if key not in ("perturb", "seed")}
            for perturbations, values in product(names, product(*others.values())):
                for seed in _choices(grid.get("seed", list(self.seeds))):
                    yield perturbations, dict(zip(others, values, strict=True)), seed


def read_study(path: Path) -> Study:
    """The study's file.

    Raises:
        UserError: it is no mapping, or a value or a claim is not of the schema; the message names the file and the key.
    """
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise UserError(f"{path}: no YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path}: found {type(found).__name__}, expected a mapping with name, arms, seeds, claims")
    margin, alpha = found.get("margin", Study.margin), found.get("alpha", Study.alpha)
    if not isinstance(margin, int | float) or not 0 < margin < 100:
        raise UserError(f"{path}: margin: found {margin!r}, allowed are points, more than 0 and less than 100")
    if not isinstance(alpha, int | float) or not 0 < alpha < 0.5:
        raise UserError(f"{path}: alpha: found {alpha!r}, allowed is more than 0 and less than 0.5")
    for key in ("arms", "claims"):
        if not isinstance(found.get(key) or [], list) or not all(isinstance(entry, dict) for entry in found.get(key) or []):
            raise UserError(f"{path}: {key}: found {found[key]!r}, expected a list of mappings")
    return Study(
        name=str(found.get("name", path.parent.name)),
        arms=tuple(found.get("arms") or ()),
        seeds=tuple(_choices(found.get("seeds", [0]))),
        margin=float(margin),
        alpha=float(alpha),
        primary=tuple(map(str, _choices(found.get("primary") or []))),
        claims=tuple(_claim(f"{path}: claims[{number}]", entry) for number, entry in enumerate(found.get("claims") or ())),
    )


def _claim(where: str, entry: dict[str, Any]) -> Claim:
    kind = entry.get("kind")
    if kind not in KINDS:
        raise UserError(f"{where}.kind: found {kind!r}. {nearest(str(kind), list(KINDS))}")
    known = {one.name: one for one in fields(KINDS[kind])}
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items() if key != "kind"}
    for key in values:
        if key not in known:
            raise UserError(f"{where}.{key}: there is no such key in {kind}. {nearest(key, list(known))}")
    for key, one in known.items():
        if key not in values and one.default is MISSING:
            raise UserError(f"{where}.{key}: found nothing, {kind} needs it")
    claim = KINDS[kind](**values)
    if isinstance(claim, Contrast) and claim.at not in ("dose", "disruption"):
        raise UserError(f"{where}.at: found {claim.at!r}, allowed: dose, disruption")
    if isinstance(claim, Contrast) and (unknown := [axis for axis in claim.axes if axis not in AXES]):
        raise UserError(f"{where}.axes: found {unknown[0]!r}. {nearest(str(unknown[0]), list(AXES))}")
    if isinstance(claim, Interaction) and (not isinstance(claim.perturb, tuple) or len(claim.perturb) != 2):
        raise UserError(f"{where}.perturb: found {entry['perturb']!r}, expected two perturbations")
    return claim


def _choices(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _names(choice: Any) -> tuple[str, ...]:
    return tuple(map(str, choice)) if isinstance(choice, list | tuple) else (str(choice),)
