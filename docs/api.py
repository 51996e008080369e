"""Builds the pages of the API from the docstrings, into build/docs; a warning is an error. `make docs` calls it."""

import pkgutil
import sys
import warnings
from importlib import import_module
from pathlib import Path

import pdoc

import ablate


def pages(package: str) -> list[str]:
    """The modules that pdoc has to be told of: in a package that names its public members it finds those alone by itself."""
    module = import_module(package)
    named = getattr(module, "__all__", None)
    rest = []
    for entry in pkgutil.iter_modules(module.__path__, f"{package}."):
        below = pages(entry.name) if entry.ispkg else [entry.name]
        found = named is None or entry.name.rpartition(".")[2] in named
        rest += below[1:] if found else below
    return [package, *(name for name in rest if not name.endswith(".__main__"))]


if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    pdoc.render.configure(docformat="google")
    pdoc.pdoc(*pages(ablate.__name__), output_directory=Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs"))
