"""Runs in the second sandbox: tests that are code, whose candidate is a call into the first. Values cross as literals."""

import ast
import os
import sys


def main() -> None:
    calls = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name = sys.argv[1]

    def candidate(*arguments):
        print("call", repr(arguments).replace("\n", " "), file=calls, flush=True)
        kind, value = ast.literal_eval(sys.stdin.readline())
        if kind == "error":
            raise RuntimeError(value)
        return value

    space: dict = {"__name__": "checks", name: candidate}
    for file in ("before.py", "checks.py"):
        with open("/tmp/" + file) as source:
            exec(compile(source.read(), file, "exec"), space)
        space[name] = candidate
    if "check" in space:
        space["check"](candidate)
    print("passed", file=calls, flush=True)


if __name__ == "__main__":
    main()
