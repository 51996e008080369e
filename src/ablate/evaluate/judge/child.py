"""A process that asks math-verify about pairs: a line of JSON comes in on standard input, one goes out where standard output was."""

import json
import os
import resource
import sys

MEMORY = 4 << 30
"""Bytes of address space; an expression that takes more has no answer."""


def main() -> None:
    """Answer until the input ends. All that libraries write goes nowhere."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import logging

    from ablate.parallel import end_with_parent

    end_with_parent(os.getppid())  # which may be killed while an answer takes for ever
    logging.disable(logging.CRITICAL)
    from math_verify import parse, verify

    print("ready", file=out, flush=True)
    for line in sys.stdin:
        gold, answer = json.loads(line)
        try:
            # Its own limits are of wall-clock time, which other work on the machine uses up.
            sides = [parse(f"${text}$", parsing_timeout=None, raise_on_error=False) for text in (gold, answer)]
            same = bool(all(sides) and verify(*sides, timeout_seconds=None, raise_on_error=False))
        except Exception:  # whatever a library raises over a text that it can't read
            same = False
        print(json.dumps(same), file=out, flush=True)


if __name__ == "__main__":
    main()
