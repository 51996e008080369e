"""Runs a command in a terminal of its own, and draws what stands there at its end.

python benchmarks/picture.py docs/terminal.svg python -m ablate +perturb=shuffle_steps dose=0.33
"""

import io
import os
import pty
import re
import shlex
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 110


def main() -> None:
    picture, *command = sys.argv[1:]
    written = io.BytesIO()

    def keep(terminal: int) -> bytes:
        chunk = os.read(terminal, 4096)
        written.write(chunk)
        return chunk

    pty.spawn(["env", f"COLUMNS={WIDTH}", "TERM=xterm-256color", *command], keep)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), highlight=False)
    console.print(f"[bold green]$ {shlex.join(command)}")
    console.print(Text.from_ansi(at_the_end(written.getvalue().decode())))
    console.save_svg(picture, title="ablate")


def at_the_end(written: str) -> str:
    """What is left of each line after all that was written over it, with its colours but without what moves the cursor."""
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in written.split("\n")]
    return re.sub(r"\x1b\[[?0-9]*[A-Zhl]", "", "\n".join(lines)).rstrip()


if __name__ == "__main__":
    main()
