"""A copy of the code as it is at submission, so that an array which starts hours later runs what was submitted."""

import hashlib
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import ablate
from ablate import conf, sweeps
from ablate.record.files import whole
from ablate.record.provenance import COMMIT, commit


def contents(roots: Sequence[Path]) -> dict[Path, bytes]:
    """What a snapshot holds, by its path there: ablate, its configs and studies, the commit, and the user's own code.

    Own code is every module loaded by now from below one of `roots`, and what stands beside it in its package.
    """
    package = Path(ablate.__file__).parent
    sources = [(path, Path("ablate", path.relative_to(package))) for path in package.rglob("*")]
    for data in (conf, sweeps):  # which an editable install has elsewhere
        sources += [(path, Path(*data.__name__.split("."), path.relative_to(data.FOLDER))) for path in data.FOLDER.rglob("*")]
    sources += _own([root.resolve() for root in roots])
    held = {place: path.read_bytes() for path, place in sources if path.is_file() and "__pycache__" not in place.parts}
    return {**held, Path(COMMIT): (commit() or "").encode()}


def name(held: dict[Path, bytes]) -> str:
    """Ten hexadecimal digits: a hash of all paths and contents."""
    digest = hashlib.blake2b(digest_size=5)
    for place, content in sorted(held.items()):
        digest.update(f"{place} {len(content)}\0".encode() + content)
    return digest.hexdigest()


def write(held: dict[Path, bytes], folder: Path) -> None:
    """Write the snapshot to `folder`, unless it is there.

    Args:
        held: contents by path.
        folder: where scripts and logs are.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole(folder) as partial:
        for place, content in held.items():
            (partial / place).parent.mkdir(parents=True, exist_ok=True)
            (partial / place).write_bytes(content)


def _own(roots: list[Path]) -> Iterator[tuple[Path, Path]]:
    libraries = Path(sysconfig.get_path("stdlib")).resolve()
    for name, module in list(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/").resolve()
        ours = name.partition(".")[0] in ("ablate", "__main__")
        installed = file.is_relative_to(libraries) or {"site-packages", "dist-packages"} & set(file.parts)
        if ours or installed or file.suffix != ".py" or not any(file.is_relative_to(root) for root in roots):
            continue
        package = Path(*(module.__package__ or "").split("."))
        for source in file.parent.glob("*.py") if module.__package__ else [file]:
            yield source, package / source.name
