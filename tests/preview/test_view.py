from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ablate import perturb
from ablate.conf import FOLDER
from ablate.perturb import CorruptDigits, DeleteSteps, Donors, Edits, InsertSteps, MergeParagraphs, RepeatSteps, ShuffleSteps, SwapThought
from ablate.preview.view import view
from ablate.traces import Example, kinds, parse
from strategies import corpora, token_ends

THOUGHT = "We need x.\n\nNow x=3+4.\n\nWait, let me check 3+4.\n\nSo x=7.\n\nThe answer is 7."
TRACE = parse(f"<think>\n{THOUGHT}\n</think>\n\nIt is \\boxed{{7}}.")
EXAMPLE = Example("one", "What is x?", "7", TRACE, "test")
OTHER = replace(EXAMPLE, id="two", problem="What is y?", trace=parse("<think>\nLook.\n\nHmm, no.\n</think>\n\n\\boxed{9}"))


def shown(*perturbations, example=EXAMPLE, corpus=(EXAMPLE, OTHER)):
    chain = {f"p{number}": perturbation for number, perturbation in enumerate(perturbations)}
    ((after, manifest),) = perturb.apply([example], chain, 0, Donors(corpus, corpus, token_ends))
    return view(example, after, manifest), after


def built(name, dose):
    from hydra import compose, initialize_config_module

    from ablate import config

    config.register()
    with initialize_config_module("ablate.conf", version_base="1.3"):
        return perturb.build(config.read(compose("config", [f"perturb=[{name}]", f"dose={dose}"])).perturb)[name]


SHIPPED = {path.stem: built(path.stem, 0.5) for path in sorted((FOLDER / "perturb").glob("*.yaml"))}


@given(corpora, st.lists(st.sampled_from(sorted(SHIPPED)), min_size=1, max_size=3, unique=True))
def test_every_shipped_perturbation_shows_both_traces_whole_and_in_order(corpus, names):
    donors = Donors(corpus, [replace(example, id=f"{example.id}-wrong") for example in corpus], token_ends)
    for before, (after, manifest) in zip(corpus, perturb.apply(corpus, {name: SHIPPED[name] for name in names}, 0, donors), strict=True):
        seen = view(before, after, manifest)
        assert tuple(row.clean.text for row in seen.rows if row.clean) == before.trace.steps
        assert tuple(row.perturbed.text for row in seen.rows if row.perturbed) == after.trace.steps
        for row in seen.rows:
            for step in filter(None, (row.clean, row.perturbed)):
                sides = ("equal", "deleted") if step is row.clean else ("equal", "added")
                assert not step.segments or "".join(part.text for part in step.segments if part.change in sides) == step.text
        unchanged = (before.problem, before.answer, before.trace) == (after.problem, after.answer, after.trace)
        edited = any(part.edited for part in (*seen.above, *seen.rows, *seen.below))
        assert edited or unchanged


def test_a_moved_step_knows_its_other_place_and_takes_its_kind_along():
    seen, _ = shown(ShuffleSteps(1.0))
    clean_kinds = kinds(TRACE.steps)
    moved = [row.perturbed for row in seen.rows]
    assert {step.state for step in moved} == {"moved"}
    assert sorted(step.other for step in moved) == [1, 2, 3, 4, 5]
    for step in moved:
        assert step.text == TRACE.steps[step.other - 1]
        assert step.kind == clean_kinds[step.other - 1]
        assert seen.rows[step.other - 1].clean.other == step.number
    assert seen.figures.edits == {"moved": (5, 1.0)}


def test_a_removed_step_stands_alone_and_those_after_it_stay_beside_themselves():
    seen, after = shown(DeleteSteps(0.4))
    assert [row.clean.number for row in seen.rows] == [1, 2, 3, 4, 5]
    assert sum(row.perturbed is None and row.clean.state == "removed" for row in seen.rows) == 2
    assert all(row.perturbed.other == row.clean.number for row in seen.rows if row.perturbed)
    assert seen.figures.edits == {"removed": (2, 0.4)}
    assert seen.figures.steps == (5, len(after.trace.steps)) == (5, 3)


def test_an_inserted_step_names_its_donor_and_its_number_there():
    seen, _ = shown(InsertSteps(0.4))
    inserted = [row for row in seen.rows if row.perturbed.state == "inserted"]
    assert len(inserted) == 2
    for row in inserted:
        donor, number = row.perturbed.donor
        assert donor == "two"
        assert row.perturbed.text == OTHER.trace.steps[number - 1]
        assert row.clean.state == "replaced"


def test_a_foreign_thought_stands_beside_the_one_it_replaced():
    seen, _ = shown(SwapThought(1.0))
    assert [(row.perturbed.donor if row.perturbed else None) for row in seen.rows] == [("two", 1), ("two", 2), None, None, None]
    assert {row.clean.state for row in seen.rows} == {"replaced"}


def test_a_repeated_step_stands_below_itself():
    seen, _ = shown(RepeatSteps(1.0))
    assert [(row.clean.number if row.clean else None, row.perturbed.state) for row in seen.rows] == [
        pair for number in range(1, 6) for pair in ((number, "kept"), (None, "repeated"))
    ]


def test_changed_words_are_told_from_moves():
    seen, _ = shown(CorruptDigits(1.0), ShuffleSteps(1.0))
    changed = [row.perturbed for row in seen.rows if row.perturbed.segments]
    assert changed
    assert all(step.state == "moved" and any(part.change == "added" for part in step.segments) for step in changed)
    assert seen.figures.places == len([sign for sign in TRACE.thought if sign.isdigit()])


def test_a_gap_that_changed_shows_before_its_step():
    seen, _ = shown(MergeParagraphs(1.0))
    assert [row.perturbed.layout for row in seen.rows] == [None, *[("\n\n", " ")] * 4]
    assert all(row.perturbed.state == "kept" and row.edited for row in seen.rows[1:])


def test_gaps_are_compared_with_those_of_the_same_place_though_steps_moved():
    uneven = replace(EXAMPLE, trace=replace(TRACE, gaps=("\n\n", " ", "\n\n\n", "\n")))
    seen, _ = shown(ShuffleSteps(1.0), example=uneven)
    assert not any(row.perturbed.layout for row in seen.rows)
    seen, _ = shown(DeleteSteps(0.6), example=uneven)
    assert not any(row.perturbed.layout for row in seen.rows if row.perturbed)


def test_what_changed_beside_the_steps_is_shown():
    after = replace(OTHER, id="one", answer="9")
    edits = Edits("wrong", swapped_with="two", steps_before=5, steps_after=2, answer_survived=False)
    seen = view(EXAMPLE, after, [edits], tokens=(40, 20))
    assert {part.name for part in (*seen.above, *seen.below) if part.edited} == {"problem", "answer", "solution"}
    assert seen.figures.answer == ("7", "9")
    assert not seen.figures.answer_survived
    assert seen.figures.tokens == (40, 20)
    seen, _ = shown(DeleteSteps(1.0))
    assert {part.name for part in (*seen.above, *seen.below) if part.edited} == {"opening", "closing"}
