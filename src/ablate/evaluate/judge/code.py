"""The rule `code`: a program passes all tests of its item, run in a sandbox that never sees what is expected."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from typing import Any

from ablate.errors import UserError, nearest
from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.outputs import same_output, same_value
from ablate.evaluate.judge.programs import written
from ablate.evaluate.sandbox import Execution, Limits, Sandbox, Session, open_sandbox
from ablate.evaluate.sandbox.inside import literals

ALL_TESTS = 30
"""How many times the limit of one test all tests of an answer may take together, of the processor's time."""
SLEEPING = 10
"""How many times the processor's limit the clock's is: wide, since it is for what sleeps, and a busy machine is no fault of an answer."""
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

    Raises:
        UserError: the facts are of no kind, or hold no test.
        SandboxFailed: the sandbox did not start.
    """
    facts = answer.facts
    kinds = {"stdin": _stdin, "call": _call, "check": _check}
    kind = str(facts.get("kind"))
    if kind not in kinds:
        raise UserError(f"found tests of the kind {kind!r}. {nearest(kind, list(kinds))}")
    if not (facts.get("check") if kind == "check" else facts.get("tests")):
        raise UserError(f"an item of the rule code has no {'check' if kind == 'check' else 'tests'}, so that every program would pass it")
    program = written(answer.text)
    if program is None:
        return Verdict(False, "no program is written")
    seconds = float(facts.get("time_limit") or Limits.cpu_seconds)
    return kinds[kind](program, facts, sandbox, replace(Limits(), cpu_seconds=seconds, seconds=SLEEPING * seconds))


def _stdin(program: str, facts: Mapping[str, Any], sandbox: Sandbox, limits: Limits) -> Verdict:
    tests, source = facts["tests"], {"main.py": _source(program)}
    left = ALL_TESTS * limits.cpu_seconds
    for number, test in enumerate(tests, 1):
        ran = sandbox.run(source, [sandbox.python, "-I", "-X", "utf8", "/tmp/main.py"], str(test["input"]).encode(), limits)
        wrong = _wrong(ran)
        if not wrong and not same_output(ran.stdout.decode(errors="replace"), str(test["output"])):
            wrong = "another output"
        left -= ran.cpu_seconds
        if not wrong and left < 0:
            wrong = _too_long(limits)
        if wrong:
            return Verdict(False, f"test {number} of {len(tests)}: {wrong}")
    return Verdict(True, f"{len(tests)} tests passed")


def _wrong(ran: Execution) -> str | None:
    """Why an execution is no answer, whatever it wrote."""
    if ran.ended != "itself":
        return f"over the limit of {ran.ended}"
    if ran.exit_code == 0:
        return None
    lines = ran.stderr.decode(errors="replace").strip().splitlines()
    return _shown(lines[-1]) if lines else "it ended with an error"


def _call(program: str, facts: Mapping[str, Any], sandbox: Sandbox, limits: Limits) -> Verdict:
    tests = facts["tests"]
    solution = _solution(f"{facts.get('prompt', '')}\n{program}", facts["entry_point"], sandbox, limits)
    try:
        failed = _failed(solution)
        if failed:
            return failed
        for number, test in enumerate(tests, 1):
            kind, value = _answer(solution.ask(literals.written([list(test["input"]), {}]).encode()))
            wrong = None if kind == "value" else _shown(value)
            if not wrong and not same_value(value, test["output"]):
                wrong = "another value"
            if not wrong and solution.cpu_seconds() > ALL_TESTS * limits.cpu_seconds:
                wrong = _too_long(limits)
            if wrong:
                return Verdict(False, f"test {number} of {len(tests)}: {wrong}")
    finally:
        solution.close()
    return Verdict(True, f"{len(tests)} tests passed")


def _check(program: str, facts: Mapping[str, Any], sandbox: Sandbox, limits: Limits) -> Verdict:
    """Tests that are code run in a sandbox of their own, and ask the solution's for values."""
    name, prompt = facts["entry_point"], str(facts.get("prompt", ""))
    before = prompt.partition(f"def {name}(")[0]
    whole = f"{before}\n{program}" if f"def {name}(" in program else f"{prompt}{program}"
    tested = {
        "run.py": _inside("checks.py"),
        "literals.py": _inside("literals.py"),
        "before.py": _source(before),
        "checks.py": _source(facts["check"]),
    }
    solution = _solution(whole, name, sandbox, limits)
    try:
        failed = _failed(solution)
        if failed:
            return failed
        checks = sandbox.session(tested, _command(sandbox, name), limits)
        try:
            said = checks.ask(b"")
            while said is not None and said.startswith(b"call "):
                kind, value = _answer(solution.ask(said[5:]))
                if kind == "none":
                    return Verdict(False, f"a call gives no value: {_shown(value)}")
                if solution.cpu_seconds() > ALL_TESTS * limits.cpu_seconds:
                    return Verdict(False, _too_long(limits))
                said = checks.ask(literals.written([kind, value]).encode())
            return Verdict(said == b"passed", "its check passed" if said == b"passed" else "its check did not pass")
        finally:
            checks.close()
    finally:
        solution.close()


def _solution(source: str, name: str, sandbox: Sandbox, limits: Limits) -> Session:
    inside = {"run.py": _inside("solution.py"), "literals.py": _inside("literals.py"), "solution.py": _source(source)}
    return sandbox.session(inside, _command(sandbox, name), limits)


def _command(sandbox: Sandbox, name: str) -> list[str]:
    return [sandbox.python, "-I", "-X", "utf8", "/tmp/run.py", name]


def _failed(solution: Session) -> Verdict | None:
    """That a solution did not load."""
    kind, value = _answer(solution.ask(b""))
    return None if kind == "ready" else Verdict(False, f"it does not load: {_shown(value)}")


def _answer(line: bytes | None) -> tuple[str, Any]:
    """What a sandbox said, as data: its kind and its value; `none`, and why, where it is none. Nothing in it is believed but a value."""
    if line is None:
        return "none", "it ended, or went over a limit"
    try:
        kind, value = literals.read(line)
    except (ValueError, TypeError):
        return "none", "it says no value"
    return (kind, value) if kind in ("ready", "failed", "value", "error") else ("none", "it says no value")


def _inside(name: str) -> bytes:
    return (_INSIDE / name).read_bytes()


def _source(text: str) -> bytes:
    return text.encode(errors="replace")


def _too_long(limits: Limits) -> str:
    return f"all tests together take more than {ALL_TESTS * limits.cpu_seconds:g} seconds of the processor"


def _shown(said: object) -> str:
    """What an untrusted program said, short, with no sign that moves a cursor."""
    return "".join(sign for sign in str(said)[:80] if sign.isprintable())
