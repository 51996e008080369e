import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.evaluate.judge import RULES, Answered, children, judge
from ablate.evaluate.judge.final_answer import in_mathematics
from ablate.evaluate.judge.mathematics import compare

PAIRS = Path(__file__).parents[4] / "shared" / "judging" / "pairs.jsonl"
REPORTED = Path(__file__).with_name("reported.jsonl")
numbers = st.integers(-(10**6), 10**6)


def right(gold, said, **facts):
    (verdict,) = judge("mathematics", [Answered((gold,), f"<think>x</think>So \\boxed{{{said}}}.", True, facts)])
    return verdict.correct


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.skipif(not PAIRS.is_file(), reason="the real answers are not part of the repository")
def test_real_answers_are_judged_as_their_graders_and_hands_did():
    given = rows(PAIRS)
    verdicts = judge("mathematics", [Answered(tuple(row["gold"]), f"\\boxed{{{row['answer']}}}") for row in given], 2)
    assert [row for row, verdict in zip(given, verdicts, strict=True) if verdict.correct is not row["correct"]] == []


def test_what_public_reports_name_is_judged_right():
    given = rows(REPORTED)
    verdicts = judge("mathematics", [Answered((row["gold"],), f"\\boxed{{{row['answer']}}}") for row in given], 2)
    assert [row for row, verdict in zip(given, verdicts, strict=True) if verdict.correct is not row["correct"]] == []
    assert len(given) >= 100


@given(numbers)
def test_a_whole_number_is_itself_however_it_is_written(number):
    for written in (
        f"{number}",
        f"{number:,}",
        f"{number}.0",
        f"${number}$",
        f"x = {number}",
        f"{number} \\text{{ cm}}",
        f"{number}^\\circ",
    ):
        assert compare(str(number), written) is True, written
    assert compare(str(number), str(number + 1)) is False


@given(numbers, st.integers(1, 10**4), st.integers(2, 50))
def test_a_fraction_is_itself_however_it_is_written(above, below, times):
    gold = f"\\frac{{{above}}}{{{below}}}"
    for written in (f"{above}/{below}", f"\\dfrac{{{above * times}}}{{{below * times}}}", f"\\frac{{{-above}}}{{{-below}}}"):
        assert compare(gold, written) is True, written
    assert compare(gold, f"\\frac{{{above + 1}}}{{{below}}}") is False


@given(st.lists(numbers, min_size=2, max_size=5, unique=True), st.randoms())
def test_the_order_of_items_does_not_bind_and_that_of_a_tuple_does(items, random):
    mixed = random.sample(items, len(items))
    gold, said = ", ".join(map(str, items)), ", ".join(map(str, mixed))
    assert compare(gold, said) is True
    assert compare(gold, f"({said})") is True
    assert compare(gold, f"\\{{{said}\\}}") is True
    assert compare(f"({gold})", f"({said})") is (items == mixed)
    assert compare(f"({gold})", said) is False
    assert compare(gold, ", ".join(map(str, items[:-1]))) is False


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_get_a_verdict(gold, said):
    assert compare(gold, said) in (True, False) or compare(gold, said).pairs
    assert isinstance(in_mathematics(said), str)


@pytest.mark.parametrize(
    ("gold", "said", "correct"),
    [("4.2", "4.25", True), ("4.2", "4.31", False), ("$4.2$", "\\frac{21}{5}", True)],
)
def test_a_tolerance_holds(gold, said, correct):
    assert right(gold, said, tolerance=0.1) is correct


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Therefore, the value of n is 3.", "3"),
        ("the final answer is east", "east"),
        ("44 is the correct answer", "44"),
        ("a + b + c = 11 + 9 + 0 = 20", "20"),
        ("It is 7. Let me know if you'd like more", "7"),
        ("So the area is 12 square units.", "12"),
        ("The answer is $\\frac{1}{2}$.", "\\frac{1}{2}"),
        ("\\boxed{1} and \\boxed{2}", "1, 2"),
        ("\\boxed{3}. Wrong; it is $\\boxed 5$.", "5"),
        ("<think>\\boxed{9}</think> It is 4.", "4"),
    ],
)
def test_the_final_answer_is_found(text, answer):
    assert in_mathematics(text) == answer


def test_an_unfinished_answer_is_wrong_and_an_unknown_end_is_judged_as_it_stands():
    verdicts = judge("mathematics", [Answered(("3",), "\\boxed{3}", finished) for finished in (True, False, None)])
    assert [verdict.correct for verdict in verdicts] == [True, False, True]


def test_one_of_several_golds_is_enough():
    assert judge("mathematics", [Answered(("3", "east"), "\\boxed{east}")])[0].correct


SLOW = """
import sys
print("ready", flush=True)
for line in sys.stdin:
    while "slow" in line:
        pass
    print("true", flush=True)
"""


def test_what_takes_too_much_of_the_processor_is_unjudged_and_all_else_is_judged(monkeypatch, tmp_path):
    monkeypatch.setattr(children, "CPU_SECONDS", 0.3)
    monkeypatch.setattr(children, "COMMAND", [sys.executable, "-c", SLOW])
    pairs = [("a", "b"), ("slow", "c"), ("d", "e"), ("slow", "f"), ("g", "h")]
    assert children.verify(pairs, 2) == [True, None, True, None, True]


def test_a_long_answer_that_loops_is_wrong_and_takes_no_time():
    assert right("3", "1+" * 30_000 + "1") is False


def test_every_rule_has_a_version():
    assert all(rule.version >= 1 for rule in RULES.values())


def command(folder, *lines):
    path = folder / "rows.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return subprocess.run([sys.executable, "-m", "ablate.evaluate", "judge", str(path)], capture_output=True, text=True)


def test_the_command_judges_anybodys_answers(tmp_path):
    done = command(
        tmp_path,
        {"id": 1, "gold": "1/2", "text": "so \\boxed{0.5}"},
        {"gold": ["3", 4], "answer": "4"},
        {"gold": 3, "answer": "3", "finished": False},
        {"gold": "B", "text": "The answer is (B).", "rule": "choice"},
    )
    assert done.returncode == 0, done.stderr
    judged = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["correct"] for row in judged] == [True, True, False, True]
    assert judged[0]["id"] == 1
    assert judged[2]["why"] == "unfinished"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x"}, "rows.jsonl, row 2: gold: found None"),
        ({"gold": "1"}, "row 2: needs one of `text`"),
        ({"gold": "1", "text": 3}, "row 2: text: found 3"),
        ({"gold": "1", "text": "x", "finished": "yes"}, "row 2: finished: found 'yes'"),
        ({"gold": "1", "text": "x", "rule": "maths"}, "found the rule 'maths'. Did you mean mathematics"),
        ("nonsense\n", "row 2: is no JSON"),
        ("[1]\n", "row 2: found"),
    ],
)
def test_a_row_that_can_not_be_judged_is_one_clear_error(tmp_path, row, message):
    done = command(tmp_path, {"gold": "1", "text": "x"}, row)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
