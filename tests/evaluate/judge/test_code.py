"""Programs judged in the real sandbox: right ones, broken ones, and those that cheat."""

import json
import os
import re

import pytest

import benchmark_copies
from ablate.errors import UserError
from ablate.evaluate.benchmarks.readers import READERS
from ablate.evaluate.benchmarks.sources import Sources
from ablate.evaluate.judge import Answered, code, judge
from ablate.evaluate.judge.outputs import same_output, same_value
from ablate.evaluate.judge.programs import written
from ablate.evaluate.sandbox import NoSandbox, open_sandbox
from contest_solutions import SOLUTIONS

ADD = {"kind": "stdin", "tests": [{"input": "1 2\n", "output": "3\n"}, {"input": "5 7\n", "output": "12"}]}
DOUBLE = {"kind": "call", "entry_point": "double", "tests": [{"input": [2], "output": 4}, {"input": [[1]], "output": [1, 1]}]}
CHECK = {
    "kind": "check",
    "entry_point": "half",
    "prompt": 'import math\n\ndef half(x):\n    """Half of x."""\n',
    "check": "def check(candidate):\n    assert candidate(4) == 2\n    assert math.isclose(candidate(3), 1.5)\n",
}
RIGHT = {
    "stdin": "a, b = map(int, input().split())\nprint(a + b)",
    "call": "def double(x):\n    return x + x",
    "check": "def half(x):\n    return x / 2",
}
FACTS = {"stdin": ADD, "call": DOUBLE, "check": CHECK}
CHEATS = [
    "print('PASSED')",
    "import sys; sys.exit(0)",
    "import os; os._exit(0)",
    "raise SystemExit(0)",
    "print('passed')\nprint('ready')\nprint(('value', 4))",
    "import builtins\nbuiltins.exec = lambda *a: None\nprint('ok')",
    "class Same:\n    def __eq__(self, other): return True\n"
    "import builtins\nbuiltins.repr = lambda x: \"('value', 4)\"\ndef double(x): return Same()",
    "class Same(int):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n"
    "def double(x): return Same(0)\ndef half(x): return Same(0)\nprint(Same(9))",
    "import glob\nfor name in glob.glob('/tmp/*') + glob.glob('/proc/self/fd/*'):\n"
    "    try: print(open(name).read())\n    except Exception: pass",
    "import sys\nsys.stdout.write('\\x1b[2J\\x1b]0;owned\\x07')\nraise ValueError('\\x1b[31mred')",
    "import threading, time\ndef late():\n    time.sleep(0.3)\n    print(3)\nthreading.Thread(target=late).start()",
    "import gc\nfor x in gc.get_objects():\n    if isinstance(x, dict) and 'output' in x: print(x['output'])",
    "def double(x):\n    import inspect\n    for f in inspect.stack():\n        for v in f.frame.f_locals.values():\n"
    "            if isinstance(v, dict) and 'output' in v: return v['output']\nhalf = double",
]


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    try:
        return open_sandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


def answer(program, facts):
    return Answered((), f"<think>so</think>Here:\n```python\n{program}\n```\n", True, facts)


@pytest.mark.parametrize("kind", FACTS)
def test_a_right_program_passes_and_a_wrong_one_fails(kind):
    wrong = RIGHT[kind].replace("a + b", "a - b").replace("x + x", "x").replace("x / 2", "x")
    right, broken, unwritten = judge("code", [answer(program, FACTS[kind]) for program in (RIGHT[kind], wrong, "")], 2)
    assert (right.correct, broken.correct, unwritten.correct) == (True, False, False)


@pytest.mark.parametrize("kind", FACTS)
def test_no_cheat_passes(kind):
    verdicts = judge("code", [answer(program, FACTS[kind]) for program in CHEATS], os.cpu_count())
    assert [program for program, verdict in zip(CHEATS, verdicts, strict=True) if verdict.correct is not False] == []
    assert all(verdict.why.isprintable() for verdict in verdicts)


def test_what_is_expected_never_enters_the_sandbox():
    secret = {"kind": "stdin", "tests": [{"input": "", "output": "a secret word"}]}
    look = """
import os
word = " ".join(["a", "secret", "word"])
places = [os.path.join(root, name) for root, _, names in os.walk("/tmp") for name in names]
places += [f"/proc/self/fd/{number}" for number in range(20)]
for place in places:
    try:
        if word in open(place, errors="ignore").read(4096):
            print(word)
            break
    except Exception:
        continue
"""
    (verdict,) = judge("code", [answer(look, secret)])
    assert verdict.correct is False


def test_values_cross_as_literals():
    facts = {"kind": "call", "entry_point": "f", "tests": [{"input": [], "output": [1, 2]}]}
    for body, right in (
        ("return (1, 2)", True),
        ("yield from [1, 2]", False),
        ("return range(1, 3)", False),
        ("return [1.0000000001, 2]", True),
        ("return [True, 2]", True),
        ("return object()", False),
        ("return {1: 2}", False),
        ("raise ValueError", False),
    ):
        (verdict,) = judge("code", [answer(f"def f():\n    {body}", facts)])
        assert verdict.correct is right, body


def test_a_method_of_a_class_is_called_where_there_is_no_function():
    (verdict,) = judge("code", [answer("class Solution:\n    def double(self, x):\n        return x + x", DOUBLE)])
    assert verdict.correct


@pytest.mark.parametrize(("body", "right"), [("re.match('a', x)", True), ("None", False), ("object()", True)])
def test_of_what_is_no_literal_its_truth_crosses(body, right):
    facts = {"kind": "check", "entry_point": "f", "prompt": "", "check": "assert f('a')"}
    (verdict,) = judge("code", [answer(f"import re\ndef f(x):\n    return {body}", facts)])
    assert verdict.correct is right


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("<think>```python\nx\n```</think>```python\ny\n```", "y\n"),
        ("a\n```py\nx\n```\nb\n```\ny\n```", "x\n"),
        ("```\nx\n```\n```\ny\n```", "y\n"),
        ("```python\nx", "x\n"),
        ("```python\nx\n```\nrun it:\n```bash\ny\n```", "x\n"),
        ("~~~~py\nx\n```\n~~~~", "x\n```\n"),
        ("x = 1", "x = 1"),
        ("", None),
    ],
)
def test_the_program_is_the_last_block_after_the_thought(text, program):
    assert written(text) == program


@pytest.mark.parametrize(
    ("said", "wanted", "same"),
    [
        ("1 2\n", "1 2", True),
        ("1  2 \n\n", "1 2\n", True),
        ("0.333333333", "0.3333333333", True),
        ("0.33", "0.34", False),
        ("Yes", "YES", False),
        ("1\n2", "1 2", False),
        ("", "1", False),
        ("1000000", "1000001", False),
    ],
)
def test_outputs_are_compared_token_by_token(said, wanted, same):
    assert same_output(said, wanted) is same


def test_without_a_sandbox_nothing_is_run(monkeypatch):
    def none(limits_by=None):
        raise NoSandbox("there is none")

    monkeypatch.setattr(code, "open_sandbox", none)
    with pytest.raises(NoSandbox):
        judge("code", [answer(RIGHT["stdin"], ADD)])


UNFAIR = (596,)
"""MBPP's whose test uses a module that its own solution alone imports; tests and solution never share a process here."""


def solutions(name, reads, program):
    """Every so many of a benchmark's own solutions, whole and with one line broken."""
    every = int(os.environ.get("ABLATE_EVERY", "8"))
    rows = [row for row in benchmark_copies.rows_of(name)[::every] if row["task_id"] not in UNFAIR]
    facts = [json.loads(READERS[reads](row, Sources())["facts"]) for row in rows]
    whole = [answer(program(row), fact) for row, fact in zip(rows, facts, strict=True)]
    broken = [answer(_broken(program(row)), fact) for row, fact in zip(rows, facts, strict=True)]
    return rows, judge("code", whole, os.cpu_count()), judge("code", broken, os.cpu_count())


def _broken(program):
    """The same with what it returns spoilt."""
    return re.sub(r"\b(return|yield)\b[^\n]*", lambda found: f"{found[1]} ('broken',)", program) if "return" in program else "broken"


@pytest.mark.skipif(not benchmark_copies.SHARED.is_dir(), reason="the real rows are not part of the repository")
@pytest.mark.parametrize(
    ("name", "reads", "program"),
    [
        ("humaneval.jsonl.gz", "humaneval", lambda row: row["prompt"] + row["canonical_solution"]),
        ("mbpp_sanitized.json.gz", "mbpp", lambda row: row["code"]),
    ],
)
def test_the_benchmarks_own_solutions_pass_and_fail_with_one_line_broken(name, reads, program):
    rows, whole, broken = solutions(name, reads, program)
    failed = [(row["task_id"], verdict.why) for row, verdict in zip(rows, whole, strict=True) if not verdict.correct]
    assert failed == []
    passed = [row["task_id"] for row, verdict in zip(rows, broken, strict=True) if verdict.correct is not False]
    assert passed == []


@pytest.mark.parametrize(
    ("said", "wanted", "same"),
    [
        ((1, 2), [1, 2], True),
        ({"a": [1.0000000001]}, {"a": (1,)}, True),
        ({1, 2}, {2, 1}, True),
        (10**400, 1.0, False),
        (float("nan"), 0.0, False),
        ("1", 1, False),
        (None, False, False),
    ],
)
def test_values_are_compared_as_python_has_it(said, wanted, same):
    assert same_value(said, wanted) is same


@pytest.mark.parametrize(
    "facts", [{}, {"kind": "stdni", "tests": [1]}, {"kind": "stdin", "tests": []}, {"kind": "check", "entry_point": "f"}]
)
def test_an_item_without_tests_is_an_error_and_never_right(facts):
    with pytest.raises(UserError):
        judge("code", [answer("x = 1", facts)])


@pytest.mark.skipif(not benchmark_copies.SHARED.is_dir(), reason="the real rows are not part of the repository")
def test_programs_for_problems_of_code_contests_pass_all_tests_and_fail_with_one_change():
    rows = benchmark_copies.rows_of("code_contests.json.gz")
    tests = {place: json.loads(READERS["code_contests"](rows[place], Sources())["facts"]) for place in SOLUTIONS}
    right = judge("code", [answer(program, tests[place]) for place, (program, _) in SOLUTIONS.items()], os.cpu_count())
    assert {place: verdict.why for place, verdict in zip(SOLUTIONS, right, strict=True) if not verdict.correct} == {}
    changed = [answer(program.replace(*change), tests[place]) for place, (program, change) in SOLUTIONS.items()]
    wrong = judge("code", changed, os.cpu_count())
    assert [place for place, verdict in zip(SOLUTIONS, wrong, strict=True) if verdict.correct is not False] == []
