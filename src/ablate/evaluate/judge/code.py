"""The rule `code`: a program passes all tests of its item, run in a sandbox that never sees what is expected."""

import ast
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from typing import Any

from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.final_answer import after_thought
from ablate.evaluate.sandbox import Limits, Sandbox, open_sandbox
from ablate.evaluate.sandbox.bubblewrap import PYTHON

PROBLEM_SECONDS = 120.0
"""Of the processor, for all tests of one answer together."""
CLOSE = 1e-6
"""Relative and absolute, by which decimals may differ, as the usual graders take it."""
_BLOCK = re.compile(r"```[ \t]*(?:python3?|py)?[ \t]*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_OPEN_BLOCK = re.compile(r"```[ \t]*(?:python3?|py)?[ \t]*\n(.*)\Z", re.DOTALL | re.IGNORECASE)
_INSIDE = files("ablate.evaluate.sandbox.inside")


def judge(answers: Sequence[Answered], workers: int) -> list[Verdict]:
    """The verdict on each answer.

    Args:
        answers: finished ones; the facts are `kind` (stdin, call or check) and what that takes (docs/sandbox.md).
        workers: sandboxes at once.

    Raises:
        NoSandbox: this machine has none, so that nothing was run.
        SandboxFailed: a sandbox did not start.
    """
    sandbox = open_sandbox()
    with ThreadPoolExecutor(max(1, workers)) as pool:
        return list(pool.map(lambda answer: verdict(answer, sandbox), answers))


def verdict(answer: Answered, sandbox: Sandbox) -> Verdict:
    """The verdict on one answer.

    Args:
        answer: a finished one.
        sandbox: where it is run.
    """
    program = written(answer.text)
    if program is None:
        return Verdict(False, "no program is written")
    limits = replace(Limits(), cpu_seconds=float(answer.facts.get("time_limit", Limits.cpu_seconds)))
    match answer.facts["kind"]:
        case "stdin":
            return _stdin(program, answer.facts["tests"], sandbox, limits)
        case "call":
            return _call(program, answer.facts, sandbox, limits)
        case _:
            return _check(program, answer.facts, sandbox, limits)


def written(text: str) -> str | None:
    """The program in a response: its last block of code after the thought, else all that is said there.

    Args:
        text: the whole response.
    """
    solution = after_thought(text)
    blocks = _BLOCK.findall(solution) or _OPEN_BLOCK.findall(solution)
    program = blocks[-1] if blocks else solution
    return program if program.strip() else None


def _stdin(program: str, tests: Sequence[Any], sandbox: Sandbox, limits: Limits) -> Verdict:
    source = program.encode(errors="replace")
    left = PROBLEM_SECONDS
    for number, test in enumerate(tests, 1):
        ran = sandbox.run({"main.py": source}, [PYTHON, "-I", "/tmp/main.py"], str(test["input"]).encode(), limits)
        if ran.ended != "itself":
            return Verdict(False, f"test {number} of {len(tests)}: over the limit of {ran.ended}")
        if ran.exit_code != 0:
            return Verdict(False, f"test {number} of {len(tests)}: {_last(ran.stderr)}")
        if not same_output(ran.stdout.decode(errors="replace"), str(test["output"])):
            return Verdict(False, f"test {number} of {len(tests)}: another output")
        left -= limits.cpu_seconds if left < 0 else 0
    return Verdict(True, f"{len(tests)} tests passed")


def _call(program: str, facts: Any, sandbox: Sandbox, limits: Limits) -> Verdict:
    tests = facts["tests"]
    inside = {"run.py": _inside("solution.py"), "solution.py": program.encode(errors="replace")}
    session = sandbox.session(inside, [PYTHON, "-I", "/tmp/run.py", facts["entry_point"]], limits)
    try:
        first = session.ask(b"")
        if first != b"ready":
            return Verdict(False, _failed(first))
        for number, test in enumerate(tests, 1):
            answer = _literal(session.ask(repr(list(test["input"])).encode()))
            if answer is None or answer[0] != "value":
                return Verdict(False, f"test {number} of {len(tests)}: {answer[1] if answer else 'no value'}")
            if not same_value(answer[1], test["output"]):
                return Verdict(False, f"test {number} of {len(tests)}: another value")
    finally:
        session.close()
    return Verdict(True, f"{len(tests)} tests passed")


def _check(program: str, facts: Any, sandbox: Sandbox, limits: Limits) -> Verdict:
    """Tests that are code run in a sandbox of their own, and ask the solution's for values."""
    name, prompt = facts["entry_point"], facts.get("prompt", "")
    before = prompt.partition(f"def {name}")[0]
    whole = f"{before}\n{program}" if f"def {name}" in program else f"{prompt}{program}"
    solved = {"run.py": _inside("solution.py"), "solution.py": whole.encode(errors="replace")}
    tested = {"run.py": _inside("checks.py"), "before.py": before.encode(), "checks.py": facts["check"].encode()}
    solution = sandbox.session(solved, [PYTHON, "-I", "/tmp/run.py", name], limits)
    try:
        first = solution.ask(b"")
        if first != b"ready":
            return Verdict(False, _failed(first))
        checks = sandbox.session(tested, [PYTHON, "-I", "/tmp/run.py", name], limits)
        try:
            said = checks.ask(b"")
            while said is not None and said.startswith(b"call "):
                value = solution.ask(said[5:])
                if _literal(value) is None:
                    return Verdict(False, "a call gives no value")
                said = checks.ask(value or b"")
            return Verdict(said == b"passed", "its check passed" if said == b"passed" else "its check did not pass")
        finally:
            checks.close()
    finally:
        solution.close()


def _inside(name: str) -> bytes:
    return (_INSIDE / name).read_bytes()


def _literal(line: bytes | None) -> tuple[str, Any] | None:
    """What a sandbox said, as data; None where it is none."""
    try:
        kind, value = ast.literal_eval((line or b"").decode())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return (kind, value) if kind in ("value", "error") else None


def _failed(line: bytes | None) -> str:
    return f"it does not load: {line.decode(errors='replace')[7:60]}" if line and line.startswith(b"failed ") else "it does not load"


def _last(stderr: bytes) -> str:
    """The last line of what went wrong, with no sign that moves a cursor."""
    lines = stderr.decode(errors="replace").strip().splitlines() or ["it ended with an error"]
    return "".join(sign for sign in lines[-1][:80] if sign.isprintable())


def same_output(said: str, wanted: str) -> bool:
    """Whether two outputs are the same, token by token and line by line; space at ends counts for nothing, decimals may differ a little.

    Args:
        said: the program's.
        wanted: the test's.
    """
    ours, theirs = ([line.split() for line in text.strip().splitlines() if line.strip()] for text in (said, wanted))
    if ours == theirs:
        return True
    if len(ours) != len(theirs):
        return False
    return all(len(a) == len(b) and all(map(_same_token, a, b)) for a, b in zip(ours, theirs, strict=True))


def _same_token(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    if "." not in said + wanted:
        return False
    try:
        return _close(float(said), float(wanted))
    except ValueError:
        return False


def same_value(said: Any, wanted: Any) -> bool:
    """Whether two literals are the same; lists and tuples are, decimals may differ a little.

    Args:
        said: the function's.
        wanted: the test's.
    """
    if isinstance(said, list | tuple) and isinstance(wanted, list | tuple):
        return len(said) == len(wanted) and all(map(same_value, said, wanted))
    if isinstance(said, dict) and isinstance(wanted, dict):
        return said.keys() == wanted.keys() and all(same_value(said[key], wanted[key]) for key in wanted)
    if isinstance(said, float) or isinstance(wanted, float):
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (said, wanted))
        return numbers and _close(float(said), float(wanted))
    return type(said) is type(wanted) and bool(said == wanted)


def _close(said: float, wanted: float) -> bool:
    return said == wanted or abs(said - wanted) <= CLOSE * max(1.0, abs(wanted))
