"""What holds for every perturbation: pure, seeded by example, nested, clean at dose 0, and changing exactly what its manifest says."""

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate import corpora as sources
from ablate import perturb
from ablate.conf import FOLDER
from ablate.config import Data
from ablate.errors import UserError
from ablate.perturb import (
    AnswerOnly,
    CorruptDigits,
    CutAfterConclusion,
    CutSpan,
    DeleteSteps,
    Donors,
    EmptyThought,
    FillSteps,
    InsertSteps,
    MergeParagraphs,
    RemoveKeywords,
    RenameEntities,
    RepeatSteps,
    ReverseSteps,
    ShortCot,
    ShuffleSteps,
    SplitParagraphs,
    SwapOperators,
    SwapThought,
    Truncate,
    WrongAnswer,
)
from ablate.traces import Example, boxed_answer, parse, replace_in
from strategies import corpora, real_responses, token_ends

CATALOGUE = {
    "wrong_answer": WrongAnswer,
    "wrong_answer_by_answer": lambda dose: WrongAnswer(dose=dose, by="answer"),
    "wrong_answer_near": lambda dose: WrongAnswer(dose=dose, by="near"),
    "corrupt_digits": CorruptDigits,
    "corrupt_numbers": lambda dose: CorruptDigits(dose=dose, unit="number", where="response"),
    "corrupt_numbers_consistently": lambda dose: CorruptDigits(dose=dose, unit="number", mapping="consistent"),
    "corrupt_result": lambda dose: CorruptDigits(dose=dose, only="last_result"),
    "corrupt_last_result": lambda dose: CorruptDigits(dose=dose, only="last_result", where="solution"),
    "remove_keywords": RemoveKeywords,
    "remove_keywords_by_trace": lambda dose: RemoveKeywords(dose=dose, unit="trace"),
    "shuffle_steps": ShuffleSteps,
    "shuffle_interior": lambda dose: ShuffleSteps(dose=dose, interior=True),
    "shuffle_blocks": lambda dose: ShuffleSteps(dose=dose, block=2),
    "delete_steps": DeleteSteps,
    "delete_checks": lambda dose: DeleteSteps(dose=dose, kind="check"),
    "insert_steps": InsertSteps,
    "insert_same": lambda dose: InsertSteps(dose=dose, source="same"),
    "reverse_steps": ReverseSteps,
    "truncate": Truncate,
    "swap_thought": SwapThought,
    "swap_operators": SwapOperators,
    "rename_entities": RenameEntities,
    "rename_in_response": lambda dose: RenameEntities(dose=dose, where="response"),
    "repeat_steps": RepeatSteps,
    "merge_paragraphs": MergeParagraphs,
    "split_paragraphs": SplitParagraphs,
    "fill_steps": FillSteps,
    "cut_span": CutSpan,
    "cut_after_conclusion": CutAfterConclusion,
    "empty_thought": EmptyThought,
    "short_cot": ShortCot,
    "answer_only": AnswerOnly,
}
doses = st.sampled_from([0.0, 0.2, 0.33, 0.5, 0.67, 1.0])
kinds = st.sampled_from(sorted(CATALOGUE))


def apply(kind, dose, corpus, seed=0, order=None):
    wrong = [replace(example, id=f"{example.id}-wrong") for example in corpus]
    return {
        example.id: (example, edits[0])
        for example, edits in perturb.apply(order or corpus, {kind: CATALOGUE[kind](dose=dose)}, seed, Donors(corpus, wrong, token_ends))
    }


@given(kinds, corpora)
def test_dose_zero_is_the_clean_trace(kind, corpus):
    for before in corpus:
        after, edits = apply(kind, 0.0, corpus)[before.id]
        assert after == before
        assert not touched(edits)


@given(kinds, doses, corpora, st.integers(0, 3))
def test_neither_order_nor_repetition_matters(kind, dose, corpus, seed):
    assert apply(kind, dose, corpus, seed) == apply(kind, dose, corpus, seed, order=corpus[::-1])


def touched(edits):
    kinds = (
        edits.moved,
        edits.removed,
        edits.inserted,
        edits.repeated,
        edits.replaced,
        edits.emptied,
        edits.swapped_with,
        edits.thought_of,
    )
    return any(kinds)


def replaced(edits, name, corpus):
    """Places and what comes there; of a removed step every place counts."""
    trace = next(example.trace for example in corpus if example.id == name)
    places = {(at, new) for start, end, new in edits.replaced for at in range(start, end)}
    return places | {(at, "") for position in edits.removed for at in range(*trace.step_spans[position])}


@given(kinds, doses, corpora)
def test_the_manifest_says_all(kind, dose, corpus):
    """Redo the edits from the manifest alone, on the clean trace; the perturbed text comes out."""
    by_id = {example.id: example for example in corpus}
    for name, (after, edits) in apply(kind, dose, corpus).items():
        before = by_id[name]
        trace = replace_in(before.trace, edits.replaced)
        if edits.moved:
            source = dict(edits.moved)
            trace = replace(trace, steps=tuple(trace.steps[source.get(at, at)] for at in range(len(trace.steps))))
        if edits.inserted:
            donated = {insertion.position: by_id[insertion.donor.removesuffix("-wrong")].trace.steps for insertion in edits.inserted}
            came = {insertion.position: donated[insertion.position][insertion.step] for insertion in edits.inserted}
            trace = replace(trace, steps=tuple(came.get(at, step) for at, step in enumerate(trace.steps)))
        if edits.repeated:
            twice = [at for at in range(len(trace.steps)) for _ in range(1 + (at in edits.repeated))]
            before_step = [*(trace.gaps[:1] or ("\n\n",)), *trace.gaps]
            gaps = tuple(before_step[at] for at in twice[1:])
            trace = replace(trace, steps=tuple(trace.steps[at] for at in twice), gaps=gaps)
        if edits.emptied:
            trace = replace(trace, steps=(), gaps=())
        if edits.removed:
            trace = trace.keep([at for at in range(len(trace.steps)) if at not in edits.removed])
        if edits.thought_of:
            trace = replace(trace, steps=by_id[edits.thought_of].trace.steps, gaps=by_id[edits.thought_of].trace.gaps)
        if edits.swapped_with:
            trace = by_id[edits.swapped_with.removesuffix("-wrong")].trace
        assert after.trace.text == trace.text
        assert touched(edits) or after == before
        assert len(edits.origins) == len(after.trace.steps)
        if not edits.replaced:
            kept = [(at, step) for at, step in zip(edits.origins, after.trace.steps, strict=True) if isinstance(at, int)]
            assert all(before.trace.steps[at] == step for at, step in kept)
        assert (edits.steps_before, edits.steps_after) == (len(before.trace.steps), len(after.trace.steps))
        assert (edits.characters_before, edits.characters_after) == (len(before.trace.text), len(after.trace.text))


@given(kinds, corpora, st.tuples(doses, doses).map(sorted))
def test_doses_are_nested(kind, corpus, pair):
    low, high = (apply(kind, dose, corpus) for dose in pair)
    for name, (_, edits) in low.items():
        more = high[name][1]
        assert replaced(edits, name, corpus) <= replaced(more, name, corpus)
        assert set(edits.removed) <= set(more.removed)
        assert set(edits.inserted) <= set(more.inserted)
        assert set(edits.repeated) <= set(more.repeated)
        assert edits.emptied <= more.emptied
        if kind.startswith("shuffle"):
            assert {new for new, _ in edits.moved} <= {new for new, _ in more.moved}
        assert edits.swapped_with in (None, more.swapped_with)
        assert edits.thought_of in (None, more.thought_of)


@given(corpora, doses)
def test_shuffling_keeps_the_steps_and_moves_every_chosen_one(corpus, dose):
    for name, (after, edits) in apply("shuffle_steps", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert Counter(after.trace.steps) == Counter(before.trace.steps)
        chosen = int(dose * len(before.trace.steps) + 0.5)
        assert len(edits.moved) == (chosen if chosen > 1 else 0)


@given(corpora, doses)
def test_reversing_keeps_the_steps_and_at_full_dose_turns_them_round(corpus, dose):
    for name, (after, edits) in apply("reverse_steps", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert Counter(after.trace.steps) == Counter(before.trace.steps)
        chosen = int(dose * len(before.trace.steps) + 0.5)
        assert len(edits.moved) == chosen - chosen % 2
        if dose == 1:
            assert after.trace.steps == before.trace.steps[::-1]


@given(corpora, doses)
def test_truncating_keeps_the_first_steps_as_many_as_deleting_keeps(corpus, dose):
    deleted = apply("delete_steps", dose, corpus)
    for name, (after, _) in apply("truncate", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert after.trace.steps == before.trace.steps[: len(after.trace.steps)]
        assert len(after.trace.steps) == len(deleted[name][0].trace.steps)
        assert after.trace.solution == before.trace.solution


@given(corpora, doses)
def test_a_swapped_thought_is_of_another_problem_and_the_rest_stays(corpus, dose):
    problems = {example.id: example.problem for example in corpus}
    for name, (after, edits) in apply("swap_thought", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert edits.thought_of is None or problems[edits.thought_of] != before.problem
        assert edits.thought_of is not None or dose < 1
        parts = ("opening", "closing", "solution", "ending")
        assert [getattr(after.trace, part) for part in parts] == [getattr(before.trace, part) for part in parts]


@given(corpora, doses)
def test_deleting_keeps_a_subsequence(corpus, dose):
    for name, (after, _) in apply("delete_steps", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        rest = iter(before.trace.steps)
        assert all(step in rest for step in after.trace.steps)
        assert after.trace.solution == before.trace.solution


@given(corpora, doses)
def test_inserted_steps_are_of_other_problems(corpus, dose):
    problems = {example.id: example.problem for example in corpus}
    for name, (after, edits) in apply("insert_steps", dose, corpus).items():
        assert all(problems[insertion.donor] != problems[name] for insertion in edits.inserted)
        assert len(after.trace.steps) == edits.steps_before


@given(corpora, doses)
def test_steps_from_the_same_problem_are_of_another_trace(corpus, dose):
    for name, (_, edits) in apply("insert_same", dose, corpus).items():
        assert all(insertion.donor == f"{name}-wrong" for insertion in edits.inserted)


@given(corpora, doses)
def test_an_interior_shuffle_leaves_both_ends_in_place(corpus, dose):
    for name, (after, _) in apply("shuffle_interior", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert (after.trace.steps[0], after.trace.steps[-1]) == (before.trace.steps[0], before.trace.steps[-1])
        assert Counter(after.trace.steps) == Counter(before.trace.steps)


@given(corpora, doses)
def test_blocks_move_as_neighbours(corpus, dose):
    for _, edits in apply("shuffle_blocks", dose, corpus).values():
        moved = dict(edits.moved)
        assert all(moved[new] == moved[new - 1] + 1 for new in moved if new % 2)


@given(corpora, doses)
def test_layout_changes_white_space_alone(corpus, dose):
    for kind in ("merge_paragraphs", "split_paragraphs"):
        for name, (after, _) in apply(kind, dose, corpus).items():
            before = next(example for example in corpus if example.id == name)
            assert after.trace.text.split() == before.trace.text.split()


@given(corpora, doses)
def test_filler_is_as_many_tokens_as_the_steps_that_deleting_removes(corpus, dose):
    deleted = apply("delete_steps", dose, corpus)
    for name, (after, edits) in apply("fill_steps", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        gone = deleted[name][1].removed
        filled = [at for at, span in enumerate(before.trace.step_spans) if span in {piece[:2] for piece in edits.replaced}]
        assert filled == list(gone)
        for at in filled:
            assert len(token_ends(after.trace.steps[at])) == len(token_ends(before.trace.steps[at]))
            assert set(after.trace.steps[at]) <= set(". ")


@given(corpora, doses)
def test_a_cut_span_is_one_piece_as_long_as_what_deleting_removes(corpus, dose):
    deleted = apply("delete_steps", dose, corpus)
    for name, (after, edits) in apply("cut_span", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        assert after.trace.solution == before.trace.solution
        gone = sorted(at for at, _ in replaced(edits, name, corpus))
        assert all(before.trace.text[at].isspace() for at in range(gone[0], gone[-1]) if at not in gone) if gone else True
        lost = [len(set(token_ends(before.trace.thought))) - len(set(token_ends(out.trace.thought))) for out in (after, deleted[name][0])]
        # White space at the seams, and what tokens meet there, make the difference.
        assert abs(lost[0] - lost[1]) <= 4 + 2 * len(deleted[name][1].removed)


def test_the_controls_do_what_their_names_say():
    rows = tuple(_tiny(20))
    for name, (after, _) in apply("empty_thought", 1.0, rows).items():
        before = next(row for row in rows if row.id == name).trace
        assert after.trace.text == before.text.replace(before.thought, "")
    for after, _ in apply("answer_only", 1.0, rows).values():
        solution = f"\\boxed{{{after.answer}}}"
        assert after.trace.text == f"<|begin_of_solution|>\n\n{solution}\n\n<|end_of_solution|>"
    for after, _ in apply("short_cot", 1.0, rows).values():
        assert "begin_of_thought" not in after.trace.text
        assert after.trace.solution == after.short
        assert boxed_answer(after.short) == after.answer
    for name, (after, edits) in apply("cut_after_conclusion", 1.0, rows).items():
        before = next(row for row in rows if row.id == name).trace
        assert after.trace.steps == before.steps[: len(after.trace.steps)]
        assert edits.answer_survived


def test_a_near_miss_is_near():
    for after, _ in apply("wrong_answer_near", 1.0, tuple(_tiny(60))).values():
        assert abs(int(boxed_answer(after.trace.solution)) - int(after.answer)) in (1, 2, 10)


def test_consistent_numbers_keep_agreeing_with_each_other():
    for name, (after, edits) in apply("corrupt_numbers_consistently", 0.5, tuple(_tiny(10))).items():
        before = next(row for row in _tiny(10) if row.id == name)
        new_of = {}
        for start, end, new in edits.replaced:
            assert new_of.setdefault(before.trace.text[start:end], new) == new
        assert after.trace.solution == before.trace.solution


def test_operators_become_their_opposites_and_hyphens_stay():
    text = "<think>\nA well-known sum: 3+4=7, x - 1 < 2, a\\times b, 2\\leq n and/or -5.\n</think>\n\n\\boxed{7}"
    row = Example("a", "p", "7", parse(text), "test")
    ((after, _),) = apply("swap_operators", 1.0, (row,)).values()
    assert after.trace.steps == ("A well-known sum: 3-4=7, x + 1 > 2, a\\div b, 2\\geq n and/or -5.",)


def test_entities_of_the_problem_get_one_new_name_each():
    text = "<think>\nMia has 12 pens, n of them red. 12 pens for Mia, so n=5, not 112.\n</think>\n\nMia: \\boxed{5}"
    row = Example("a", "If Mia has 12 pens, what is n?", "5", parse(text), "test")
    ((after, edits),) = apply("rename_entities", 1.0, (row,)).values()
    words = after.trace.thought.replace(",", "").replace(".", "").replace("=", " ").split()
    assert len(edits.replaced) == 6
    assert (words[0], words[2], words[4]) == (words[11], words[8], words[13])
    assert not {"Mia", "12"} & set(words)
    assert "112" in words
    assert after.trace.solution == row.trace.solution


def changed(kind, problem, thought, solution="\\boxed{5}", dose=1.0):
    row = Example("a", problem, boxed_answer(solution), parse(f"<think>\n{thought}\n</think>\n\n{solution}"), "test")
    other = Example("b", "another problem", "77", parse("<think>\nSo.\n</think>\n\n\\boxed{77}"), "test")
    return apply(kind, dose, (row, other))["a"]


def test_variables_are_renamed_beside_digits_and_indices_and_an_apostrophe_makes_none():
    after, _ = changed(
        "rename_entities", "Solve 2x + y = 11; it isn't hard, t is 3.", "So 2x = 8, x_1 = 4, x = 4. Don't stop: t = 3, y = 3."
    )
    said = after.trace.thought
    assert "Don't stop" in said
    assert not any(re.search(rf"(?<![A-Za-z']){letter}(?![a-z'])", said) for letter in "xyt")
    names = re.findall(r"\d([a-z]) =|([a-z])_1|, ([a-z]) = \d+\. D", said)
    assert len({"".join(found) for found in names}) == 1


def test_a_word_that_only_begins_sentences_is_a_name_where_the_trace_has_it_inside_one():
    after, _ = changed("rename_entities", "Carlos buys shoes. Every pair counts.", "So Carlos pays\n\nEvery pair, Carlos thinks.")
    assert "Carlos" not in after.trace.thought
    assert "Every pair" in after.trace.thought


def test_a_new_name_is_none_that_the_trace_uses():
    _, edits = changed("rename_entities", "Solve for x.", "x = 4 and z = x + w.")
    assert {new for _, _, new in edits.replaced}.isdisjoint("xzw")


@pytest.mark.parametrize(
    ("answer", "part"),
    [("12\\text{ cm}^2", "\\text{ cm}^2"), ("\\frac{1}{2}", "}{2}"), ("x_1=4", "x_1="), ("3.5", ".5")],
)
def test_a_near_miss_is_of_the_value_and_not_of_its_unit_or_denominator(answer, part):
    after, _ = changed("wrong_answer_near", "p", "So.", f"\\boxed{{{answer}}}")
    assert boxed_answer(after.trace.solution) != answer
    assert part in boxed_answer(after.trace.solution)


def test_of_several_boxes_those_with_the_answer_become_wrong():
    after, _ = changed("wrong_answer_by_answer", "p", "So.", "First \\boxed{3}, then \\boxed{5}, yes \\boxed{5}.")
    assert after.trace.solution == "First \\boxed{3}, then \\boxed{77}, yes \\boxed{77}."


def test_after_the_first_conclusion_all_steps_go():
    after, edits = changed("cut_after_conclusion", "p", "x = 2+3.\n\nSo the answer is 5.\n\nLet me check: 5 - 3 = 2.\n\nFine.")
    assert after.trace.steps == ("x = 2+3.", "So the answer is 5.")
    assert edits.removed == (2, 3)


def test_the_last_result_is_whole():
    after, _ = changed("corrupt_result", "p", "a = 3.\n\nIn all = \\frac{1,625}{13}, done.")
    assert after.trace.steps[0] == "a = 3."
    assert "1,625}{13" not in after.trace.steps[1]


@given(corpora, doses)
def test_digits_of_the_thought_change_and_nothing_else(corpus, dose):
    for name, (after, edits) in apply("corrupt_digits", dose, corpus).items():
        before = next(example for example in corpus if example.id == name)
        touched = {start for start, _, _ in edits.replaced}
        for at, (old, new) in enumerate(zip(before.trace.text, after.trace.text, strict=True)):
            assert old == new or (at in touched and old in "0123456789" and new in "0123456789")
        assert after.trace.solution == before.trace.solution
        if dose == 1:
            assert len(touched) == sum(character in "0123456789" for character in before.trace.thought)


def test_numbers_reach_the_boxed_answer_and_become_0_to_10():
    out = [after for after, _ in apply("corrupt_numbers", 1.0, tuple(_tiny(60))).values()]
    answers = {boxed_answer(example.trace.solution) for example in out}
    assert answers <= {str(number) for number in range(11)}
    assert len(answers) > 5


def test_keywords_at_full_dose_are_gone_and_the_rest_is_counted():
    rows = tuple(_tiny(40))
    full, half = apply("remove_keywords", 1.0, rows), apply("remove_keywords", 0.5, rows)
    assert all(edits.keywords_left == 0 and "Wait" not in after.trace.thought for after, edits in full.values())
    left = sum(edits.keywords_left for _, edits in half.values())
    total = sum(edits.keywords_left for _, edits in apply("remove_keywords", 0.0, rows).values())
    assert 0.3 < left / total < 0.7


def test_wrong_answers_take_the_wrong_trace_of_the_same_problem():
    corpus = sources.load(Data(traces=50))
    donors = Donors(corpus.examples, corpus.wrong)
    out = list(perturb.apply(corpus.examples, {"wrong_answer": WrongAnswer(dose=0.5)}, 0, donors))
    swapped = [(before, after) for before, (after, edits) in zip(corpus.examples, out, strict=True) if edits[0].swapped_with]
    assert 10 < len(swapped) < 40
    assert all(after.problem == before.problem and after.trace != before.trace for before, after in swapped)
    assert all(edits[0].answer_survived == (edits[0].swapped_with is None) for _, edits in out)


def test_without_one_of_the_same_problem_the_wrong_example_of_another_comes_whole():
    rows = tuple(_tiny(6))
    wrong = rows[3:]
    for after, (edits,) in perturb.apply(rows[:3], {"wrong_answer": WrongAnswer()}, 0, Donors(rows[:3], wrong)):
        donor = next(example for example in wrong if example.id == edits.swapped_with)
        assert (after.problem, after.answer, after.trace) == (donor.problem, donor.answer, donor.trace)


def test_no_wrong_trace_at_hand_is_said():
    rows = tuple(_tiny(3))
    with pytest.raises(UserError, match=r"perturb\.wrong_answer\.by=answer"):
        list(perturb.apply(rows, {"wrong_answer": WrongAnswer()}, 0, Donors(rows)))


def test_two_perturbations_compose_in_order():
    rows = tuple(_tiny(5))
    both = {"delete_steps": DeleteSteps(dose=0.33), "corrupt_digits": CorruptDigits(dose=0.5)}
    for after, manifest in perturb.apply(rows, both, 0, Donors(rows)):
        assert [edits.perturbation for edits in manifest] == list(both)
        assert manifest[0].characters_after == manifest[1].characters_before
        assert len(after.trace.steps) == manifest[0].steps_after


def test_another_process_with_another_hash_seed_gives_the_same():
    rows = tuple(_tiny(4))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from perturb.test_catalogue import CATALOGUE, _tiny, apply\n"
        "print([after.trace.text for kind in CATALOGUE for after, _ in apply(kind, 0.5, tuple(_tiny(4))).values()])"
    )
    here = os.path.dirname(os.path.dirname(__file__))
    shown = [
        subprocess.run(
            [sys.executable, "-c", code, here], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert shown[0] == shown[1]
    assert str([after.trace.text for kind in CATALOGUE for after, _ in apply(kind, 0.5, rows).values()]) == shown[0].strip()


def test_seed_and_example_are_hashed_not_added():
    rows = tuple(_tiny(2))
    drawn = {(seed, example.id): perturb.perturbation.random_for(seed, example.id, "x").random() for seed in range(3) for example in rows}
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_real_traces(kind):
    rows = real_responses()
    if not rows:
        pytest.skip("no real traces at hand")
    corpus = tuple(Example(row["id"], row["problem"], row["answer"], parse(row["response"]), "real", "\\boxed{0}") for row in rows[:40])
    perturbed = apply(kind, 1.0, corpus)
    # Some traces have no second conclusion, no equals sign in the solution, no entity of the problem in the thought.
    conditional = ("cut_after_conclusion", "corrupt_last_result", "rename_entities", "delete_checks")
    assert sum(touched(edits) for _, edits in perturbed.values()) >= (15 if kind in conditional else 30)
    for name, (after, edits) in perturbed.items():
        before = next(example for example in corpus if example.id == name)
        if kind in ("shuffle_steps", "delete_steps", "insert_steps", "remove_keywords", "corrupt_digits"):
            assert after.trace.solution == before.trace.solution
        same = after.problem == before.problem and boxed_answer(after.trace.solution) == boxed_answer(before.trace.solution)
        assert edits.answer_survived == same


def test_every_shipped_perturbation_builds_with_its_documented_defaults():
    from omegaconf import OmegaConf

    for path in sorted((FOLDER / "perturb").glob("*.yaml")):
        settings = OmegaConf.to_container(OmegaConf.merge({"dose": 0.5}, OmegaConf.load(path)), resolve=True)
        settings.pop("dose")
        built = perturb.build(settings)
        assert list(built) == [path.stem]
        assert built[path.stem] == type(built[path.stem])(dose=0.5)
        assert f"({built[path.stem].family})" in path.read_text()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shuffle_steps": {"_target_": "ablate.perturb.ShuffleSteps", "dose": 1.5}}, r"perturb\.shuffle_steps\.dose: found 1\.5"),
        (
            {"corrupt_digits": {"_target_": "ablate.perturb.CorruptDigits", "unit": "word"}},
            r"corrupt_digits\.unit: found 'word', allowed: digit, number",
        ),
        ({"mine": {"_target_": "nowhere.Mine"}}, r"perturb\.mine\._target_: nowhere\.Mine can't be loaded: No module named 'nowhere'"),
        ({"mine": {"_target_": "ablate.perturb.build"}}, r"ablate.perturb.build is a function; needed is a class"),
        ({"mine": {"_target_": "builtins.dict"}}, r"builtins.dict is a class; needed is a class derived from ablate.perturb.Perturbation"),
        ({"mine": 3}, r"perturb\.mine: found 3"),
        (
            {"shuffle_steps": {"_target_": "ablate.perturb.ShuffleSteps", "interior": "no"}},
            r"interior: found 'no', allowed is true or false",
        ),
        ({"shuffle_steps": {"_target_": "ablate.perturb.ShuffleSteps", "block": 2.5}}, r"block: found 2.5, allowed is a whole number"),
        ({"shuffle_steps": {"_target_": "ablate.perturb.ShuffleSteps", "dose": "high"}}, r"dose: found 'high', allowed is a number"),
        (
            {"remove_keywords": {"_target_": "ablate.perturb.RemoveKeywords", "keywords": "wait"}},
            r"keywords: found 'wait', allowed is a list",
        ),
        (
            {"delete_steps": {"_target_": "ablate.perturb.DeleteSteps"}, "fill_steps": {"_target_": "ablate.perturb.FillSteps"}},
            "delete_steps and fill_steps are partners",
        ),
    ],
)
def test_a_bad_setting_is_named_with_its_key(settings, message):
    with pytest.raises(UserError, match=message):
        perturb.build(settings)


def _tiny(count):
    return sources.load(Data(traces=count)).examples
