"""Runs in the second sandbox: tests that are code, whose candidate is a call into the first. Values cross as literals."""

import builtins
import os
import sys


def main():
    sys.path.insert(0, "/tmp")
    import literals

    answers, calls = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w")
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    name = sys.argv[1]

    def candidate(*arguments, **named):
        print("call", literals.written([list(arguments), named]), file=calls, flush=True)
        kind, value = literals.read(answers.readline())
        if kind == "value":
            return value
        known = getattr(builtins, value, None)
        raise known() if isinstance(known, type) and issubclass(known, Exception) else RuntimeError(value)

    space = {"__name__": "checks", name: candidate}
    for file in ("before.py", "checks.py"):
        with open("/tmp/" + file, encoding="utf-8") as source:
            exec(compile(source.read(), file, "exec"), space)
        space[name] = candidate
    if "check" in space:
        space["check"](candidate)
    print("passed", file=calls, flush=True)


if __name__ == "__main__":
    main()
