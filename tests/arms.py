"""Run folders with scores drawn from a known truth, written as an arm writes them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas

from ablate import perturb as perturbations
from ablate.config import Config, Evaluate, as_yaml
from ablate.record.folder import RunFolder, write_json, write_rows, write_table

FAMILIES = {"shuffle_steps": "structure", "delete_steps": "structure", "corrupt_digits": "content", "wrong_answer": "content"}
BASE = "0123456789"


def scores(name, accuracy, task="sums", items=200, samples=1, seed=0):
    """Items from easy to hard, the same for every arm; each answer is right with its item's chance."""
    random = np.random.default_rng([abs(hash_of(name)), seed])
    ease = np.linspace(-0.3, 0.3, items) * min(1, 2 * min(accuracy, 1 - accuracy) / 0.6)
    rows = []
    for item in range(items):
        for sample in range(samples):
            right = bool(random.random() < accuracy + ease[item])
            finished = right or bool(random.random() < 0.5)
            rows.append(
                {"task": task, "item": item, "sample": sample, "correct": right, "finished": finished, "tokens": 100 if finished else 384}
            )
    return pandas.DataFrame(rows)


def hash_of(name):
    return sum((place + 1) * ord(letter) for place, letter in enumerate(name))


def family_of(name):
    return getattr(perturbations, "".join(part.capitalize() for part in name.split("_"))).family


def write_arm(
    study: Path, perturb=(), dose=1.0, seed=0, accuracy=0.6, tables=None, axes=None, base=BASE, settings=None, state="done", id=None
):
    """One run; `perturb` names perturbations, which all get the dose. `tables` stand in for scores at that accuracy."""
    config = Config(
        perturb={name: {"_target_": f"ablate.perturb.{name}", "dose": dose} for name in perturb},
        dose=dose,
        seed=seed,
        study=study.name,
        evaluate=Evaluate(tasks=["sums"]),
    )
    config = replace(config, **(settings or {}))
    label = "+".join(f"{name}-{dose:g}" for name in perturb) or "clean"
    folder = RunFolder(study / f"{label}-lora-s{seed}-{id or f'{hash_of(label) + seed:010x}'}")
    folder.path.mkdir(parents=True)
    try:
        with folder.arm(as_yaml(config)):
            folder.write_status(base=base, families={name: family_of(name) for name in perturb})
            if state != "done":
                raise RuntimeError
            table = scores(label, accuracy, seed=seed) if tables is None else tables
            write_table(folder.items, table.assign(arm=folder.path.name))
            write_json(folder.tokens, {"traces": 10, "tokens": 2000, "trainable": 1000})
            if axes:
                write_json(folder.path / "axes.json", axes)
            folder.tracked.mkdir()
            (folder.tracked / "complete").touch()
    except RuntimeError:
        pass
    return folder


def write_base(study: Path, accuracy=0.1, id=BASE, tables=None):
    folder = RunFolder(study.parent / "base" / id)
    folder.path.mkdir(parents=True, exist_ok=True)
    table = scores("base", accuracy) if tables is None else tables
    write_table(folder.items, table.assign(arm=id))


def write_answers(folder, table, problem="Find p.", answer=lambda row: f"So p={row.item if row.correct else -1}."):
    """What was generated for each row of scores; `folder` is a run's."""
    rows = [
        {"task": row.task, "item": row.item, "sample": row.sample, "problem": problem, "accepted": [str(row.item)], "text": answer(row)}
        for row in table.itertuples()
    ]
    write_rows(folder.samples, rows)


def row_of(comparison, label, scope="pooled"):
    (row,) = [row for row in comparison.rows if row.condition.label == label and row.scope == scope]
    return row
