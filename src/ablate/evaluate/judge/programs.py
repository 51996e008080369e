"""Where a response writes its program."""

import re

from ablate.evaluate.judge.final_answer import after_thought

_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^`]*)")
_PYTHON = re.compile(r"python|py\b", re.IGNORECASE)


def written(text: str) -> str | None:
    """The program in a response: after the thought, the last block of code that is called Python, else the last of any name, else all that
    is said there; None where that is nothing.

    Args:
        text: the whole response.
    """
    solution = after_thought(text)
    blocks = fenced(solution)
    called = [program for name, program in blocks if _PYTHON.match(name)]
    program = (called or [program for _, program in blocks] or [solution])[-1]
    return program if program.strip() else None


def fenced(text: str) -> list[tuple[str, str]]:
    """The blocks of code of a text, in order: what stands after the fence, and the lines until the next like it; the last may be open.

    Args:
        text: Markdown.
    """
    blocks: list[tuple[str, str]] = []
    fence, name, lines = "", "", list[str]()
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line.rstrip())
        if not fence and found:
            fence, name, lines = found[1], found[2].strip(), []
        elif fence and found and found[1].startswith(fence) and not found[2].strip():
            blocks.append((name, "".join(lines)))
            fence = ""
        elif fence:
            lines.append(f"{line}\n")
    return [*blocks, (name, "".join(lines))] if fence else blocks
