"""What there is to see of one perturbed trace: its steps beside the clean ones, each with what became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from ablate.page.words import Segment, compared
from ablate.perturb import Edits
from ablate.perturb.origins import Origin, step_origins
from ablate.traces import Example, Kind, boxed_answer, kinds

State = Literal["kept", "moved", "removed", "replaced", "inserted", "repeated"]


@dataclass(frozen=True)
class Step:
    """A step on one side. Numbers count from 1.

    `other` is the number of the same step on the other side, `donor` the trace that an inserted one came from, with its number there.
    `segments` compare the words of the clean step with those of its first appearance in the perturbed trace; they are empty where the text
    is the same. `layout` is the gap before the step, before and after, where that changed.
    """

    number: int
    kind: Kind
    text: str
    state: State
    other: int | None = None
    donor: tuple[str, int] | None = None
    segments: tuple[Segment, ...] = ()
    layout: tuple[str, str] | None = None

    @property
    def edited(self) -> bool:
        return self.state != "kept" or bool(self.segments) or self.layout is not None


@dataclass(frozen=True)
class Row:
    """What stands side by side: a clean step, and what stands in its place."""

    clean: Step | None
    perturbed: Step | None

    @property
    def edited(self) -> bool:
        return any(step is not None and step.edited for step in (self.clean, self.perturbed))


@dataclass(frozen=True)
class Part:
    """A text beside the steps, compared: the problem, the answer, the tags, the solution."""

    name: str
    segments: tuple[Segment, ...]

    @property
    def edited(self) -> bool:
        return any(segment.change != "equal" for segment in self.segments)


@dataclass(frozen=True)
class Figures:
    """What the edits come to: pairs are before and after, `edits` counts steps by what became of them, with their share.

    Inserted steps are a share of the perturbed trace's, all others of the clean trace's. `places` are the spans of text that the manifest
    has replaced, `keywords_left` what it left of reflection keywords; `answer` is the boxed one.
    """

    steps: tuple[int, int]
    characters: tuple[int, int]
    tokens: tuple[int, int] | None
    edits: dict[str, tuple[int, float]]
    places: int
    keywords_left: int | None
    answer: tuple[str | None, str | None]
    answer_survived: bool


@dataclass(frozen=True)
class View:
    """One example before and after all its perturbations; `above` and `below` stand above and below the rows of steps."""

    id: str
    figures: Figures
    above: tuple[Part, ...]
    rows: tuple[Row, ...]
    below: tuple[Part, ...]


def view(before: Example, after: Example, manifest: Sequence[Edits], tokens: tuple[int, int] | None = None) -> View:
    """The clean and the perturbed example side by side, from the edits that lie between them.

    A step's kind is judged in the clean trace and travels with it; that of a step from elsewhere is judged where it stands now.

    Args:
        before: the clean example.
        after: the perturbed one.
        manifest: of every perturbation, in order.
        tokens: of the two, where a tokenizer is at hand.

    Raises:
        UserError: a manifest accounts for another number of steps than its trace has.
    """
    origins = step_origins(len(before.trace.steps), manifest)
    clean_kinds, own_kinds = kinds(before.trace.steps), kinds(after.trace.steps)
    perturbed = [
        _perturbed(before, after, origins, position, own_kinds[position] if origin.donor is not None else clean_kinds[origin.step])
        for position, origin in enumerate(origins)
    ]
    perturbed = _repeated(perturbed)
    clean = _clean(before, clean_kinds, perturbed, origins)
    tags_before, tags_after = (example.trace.closing + example.trace.ending for example in (before, after))
    return View(
        before.id,
        _figures(before, after, manifest, clean, perturbed, tokens),
        (
            Part("problem", compared(before.problem, after.problem)),
            Part("answer", compared(before.answer, after.answer)),
            *_where_changed("opening", before.trace.opening, after.trace.opening),
        ),
        tuple(_rows(clean, perturbed, origins)),
        (
            *_where_changed("closing", tags_before, tags_after),
            Part("solution", compared(before.trace.solution, after.trace.solution)),
        ),
    )


def _perturbed(before: Example, after: Example, origins: tuple[Origin, ...], position: int, kind: Kind) -> Step:
    origin, text = origins[position], after.trace.steps[position]
    layout = _layout(before, after, origins, position)
    if origin.donor is not None:
        return Step(position + 1, kind, text, "inserted", donor=(origin.donor, origin.step + 1), layout=layout)
    old = before.trace.steps[origin.step]
    segments = compared(old, text) if old != text else ()
    return Step(position + 1, kind, text, "moved" if origin.moved else "kept", origin.step + 1, None, segments, layout)


def _layout(before: Example, after: Example, origins: tuple[Origin, ...], position: int) -> tuple[str, str] | None:
    """The gap before the step, against the gap before the clean step in whose place it stands; None where it is the same."""
    place = origins[position].place
    if not position or not place or place == origins[position - 1].place:
        return None
    gaps = before.trace.gaps[place - 1], after.trace.gaps[position - 1]
    return gaps if gaps[0] != gaps[1] else None


def _repeated(steps: list[Step]) -> list[Step]:
    """A clean step that already stood before stands here again."""
    seen: set[int] = set()
    found = []
    for step in steps:
        found.append(replace(step, state="repeated") if step.other in seen else step)
        if step.other:
            seen.add(step.other)
    return found


def _clean(before: Example, found: Sequence[Kind], perturbed: list[Step], origins: tuple[Origin, ...]) -> list[Step]:
    """A clean step that is nowhere was replaced where a foreign one stands in its place, else removed."""
    images = {step.other: step for step in reversed(perturbed)}
    foreign = {origin.place for origin in origins if origin.donor is not None}
    steps = []
    for place, (text, kind) in enumerate(zip(before.trace.steps, found, strict=True)):
        image = images.get(place + 1)
        if image:
            steps.append(Step(place + 1, kind, text, image.state, image.number, segments=image.segments))
        else:
            steps.append(Step(place + 1, kind, text, "replaced" if place in foreign or None in foreign else "removed"))
    return steps


def _rows(clean: list[Step], perturbed: list[Step], origins: tuple[Origin, ...]) -> list[Row]:
    if any(origin.place is None for origin in origins):
        return [Row(one, other) for one, other in zip_longest(clean, perturbed)]
    standing: dict[int | None, list[Step]] = {}
    for step, origin in zip(perturbed, origins, strict=True):
        standing.setdefault(origin.place, []).append(step)
    return [Row(one, other) for place, step in enumerate(clean) for one, other in zip_longest([step], standing.get(place, []))]


def _where_changed(name: str, before: str, after: str) -> tuple[Part, ...]:
    return (Part(name, compared(before, after)),) if before != after else ()


def _figures(
    before: Example,
    after: Example,
    manifest: Sequence[Edits],
    clean: list[Step],
    perturbed: list[Step],
    tokens: tuple[int, int] | None,
) -> Figures:
    states = Counter(step.state for step in perturbed)
    counts = {
        "removed": sum(step.state == "removed" for step in clean),
        "moved": states["moved"],
        "inserted": states["inserted"],
        "repeated": states["repeated"],
        "changed": sum(bool(step.segments) for step in perturbed),
        "layout": sum(step.layout is not None for step in perturbed),
    }
    return Figures(
        steps=(len(clean), len(perturbed)),
        characters=(len(before.trace.text), len(after.trace.text)),
        tokens=tokens,
        edits={name: (count, count / len(perturbed if name == "inserted" else clean)) for name, count in counts.items() if count},
        places=sum(len(one.replaced) for one in manifest),
        keywords_left=min((one.keywords_left for one in manifest if one.keywords_left is not None), default=None),
        answer=(boxed_answer(before.trace.solution), boxed_answer(after.trace.solution)),
        answer_survived=all(one.answer_survived for one in manifest),
    )
