"""Writes the catalogue of perturbations from their classes, each at work on the same trace of the tiny world.

python benchmarks/catalogue.py > docs/catalogue.md
"""

import difflib
import inspect
import json
from dataclasses import fields
from typing import Literal, get_args, get_origin, get_type_hints

from omegaconf import OmegaConf

from ablate import corpora, perturb
from ablate.cli.help import describe
from ablate.conf import FOLDER
from ablate.config import Data, Model
from ablate.perturb import Donors, Edits, Perturbation
from ablate.student.load import load_tokenizer, token_ends

TITLES = {
    "content": "What is said is damaged: answers, numbers, operators, words, or what they speak of.",
    "structure": "Steps go, come, or change places, or their layout changes; what a step says stays.",
    "control": "The partners that tell a perturbation's own effect from that of length, layout or the mere presence of a thought.",
}
DOSE = 0.5
VARIANTS = {
    "corrupt_digits": [{"unit": "number", "mapping": "consistent"}, {"only": "last_result"}],
    "delete_steps": [{"kind": "check"}],
    "insert_steps": [{"source": "same"}],
    "shuffle_steps": [{"interior": True, "block": 2}],
    "wrong_answer": [{"by": "near"}],
}


def page() -> str:
    corpus = corpora.load(Data(traces=40))
    donors = Donors(corpus.examples, corpus.wrong, token_ends(load_tokenizer(Model())))
    example = next(row for row in corpus.examples if any("check" in step for step in row.trace.steps) and len(row.trace.steps) > 7)
    classes = {path.stem: _class(path.stem) for path in sorted((FOLDER / "perturb").glob("*.yaml"))}
    lines = [
        "# The catalogue of perturbations",
        "",
        f"Written by `python benchmarks/catalogue.py` from the classes: {len(classes)} perturbations, any of which compose",
        "(`perturb=[shuffle_steps,corrupt_digits]`). Every example is the same trace of the tiny world, seed 0, at dose 0.5, or at 1",
        "where 0.5 leaves it alone; `-` is gone, `+` has come. Below each stands the manifest, without what is empty.",
        "",
        "```",
        example.problem,
        "",
        example.trace.text,
        "```",
    ]
    for family, meaning in TITLES.items():
        lines += ["", f"## {family.capitalize()}", "", meaning]
        for name, kind in classes.items():
            if kind.family == family:
                lines += _entry(name, kind, example, donors)
    return "\n".join(lines)


def _class(name: str) -> type[Perturbation]:
    settings = OmegaConf.load(FOLDER / "perturb" / f"{name}.yaml")[name]
    return getattr(perturb, settings["_target_"].rpartition(".")[2])


def _entry(name: str, kind: type[Perturbation], example, donors) -> list[str]:
    lines = ["", f"### `{name}`", "", describe(FOLDER / "perturb" / f"{name}.yaml"), "", inspect.getdoc(kind)]
    hints = get_type_hints(kind)
    settings = [field for field in fields(kind) if field.name not in ("dose", "keywords")]
    for field in settings:
        hint = hints[field.name]
        allowed = ", ".join(map(str, get_args(hint))) if get_origin(hint) is Literal else hint.__name__
        lines += ["", f"- `perturb.{name}.{field.name}={str(field.default).lower()}` ({allowed})"]
    for options in [{}, *VARIANTS.get(name, [])]:
        lines += _example(name, kind, options, example, donors)
    return lines


def _example(name: str, kind: type[Perturbation], options: dict, example, donors) -> list[str]:
    for dose in (DOSE, 1.0):
        ((after, (edits,)),) = perturb.apply([example], {name: kind(dose=dose, **options)}, 0, donors)
        if after != example:
            break
    said = " ".join(f"{key}={str(value).lower()}" for key, value in {"dose": dose, **options}.items())
    shown = [line for line in difflib.ndiff(_lines(example), _lines(after)) if not line.startswith("?")]
    return ["", f"`{said}`", "", "```diff", *shown, "```", "", f"`{_manifest(edits)}`"]


def _lines(example) -> list[str]:
    return [*example.problem.splitlines(), *(line for line in example.trace.text.splitlines() if line.strip())]


def _manifest(edits: Edits) -> str:
    empty = Edits("").as_dict()
    kept = {key: value for key, value in edits.as_dict().items() if value != empty[key] and key != "perturbation"}
    return json.dumps(kept | {"answer_survived": edits.answer_survived}).replace("`", "'")


if __name__ == "__main__":
    print(page())
