"""Arms of a study with scores drawn from a known truth, written as a run writes them, and as the first layout had them."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas
import yaml

from ablate import perturb as perturbations
from ablate.compare.read.run_settings import by_full_key
from ablate.config import Config, Evaluate, as_yaml
from ablate.record.files import write_json, write_rows, write_table
from ablate.record.keys import changed

FAMILIES = {"shuffle_steps": "structure", "delete_steps": "structure", "corrupt_digits": "content", "wrong_answer": "content"}
BASE = "0123456789"
"""The id of the untrained student."""
AXES = "aaaaaaaaaa"
"""The key of the planned axes."""
VERSIONS = {"ablate": "0.1.0", "lm-eval": "0.4.13", "transformers": "5.23.0", "trl": "1.16.0"}
ENGINE = {"name": "hf", "version": "5.23.0", "device": "cpu", "dtype": "float32"}
STARTED = "2026-01-01T00:00:00+00:00"
EXECUTION = ("train.match", "train.match_by", "train.per_device_batch_size", "train.processes", "train.save_steps", "train.strategy")
EXTENT = ("evaluate.tasks", "evaluate.limit", "evaluate.num_samples", "evaluate.batch_size")


@dataclass(frozen=True)
class Written:
    """An arm's folder, and by task the folder of its scores."""

    path: Path
    scores: dict[str, Path]

    @property
    def status(self):
        return self.path / "status.json"


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


def key_of(*parts):
    """Ten hexadecimal digits."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=5).hexdigest()


def family_of(name):
    return getattr(perturbations, "".join(part.capitalize() for part in name.split("_"))).family


def config_of(study, perturb, dose, seed, settings):
    config = Config(
        perturb={name: {"_target_": f"ablate.perturb.{name}", "dose": dose} for name in perturb},
        dose=dose,
        seed=seed,
        study=study.name,
        evaluate=Evaluate(tasks=["sums"]),
    )
    return replace(config, **(settings or {}))


def scoring_of(config, seed):
    """The settings of scoring as its provenance has them; greedy answers have no seed."""
    evaluate = {key: value for key, value in changed(by_full_key(yaml.safe_load(as_yaml(config)))).items() if key.startswith("evaluate.")}
    scoring = {key: value for key, value in evaluate.items() if key not in EXTENT}
    return {**scoring, "seed": seed} if config.evaluate.temperature else scoring


def plan_of(config, seed, table, limit=None, num_samples=None):
    """A member's planned scores."""
    asked = int(table["sample"].max()) + 1 if num_samples is None else num_samples
    tasks = dict.fromkeys(table["task"])
    return [{"task": task, "key": key_of(task, scoring_of(config, seed)), "limit": limit, "num_samples": asked} for task in tasks]


def write_scores(folder, task, key, table, settings=None, extent=(None, 99), engine=None, versions=None, started=STARTED):
    """One task's scores below `folder`; `engine` and `versions` stand in for parts of the usual ones."""
    engine, versions = {**ENGINE, **(engine or {})}, {**VERSIONS, **(versions or {})}
    path = folder / f"{task}-{key_of(key, engine, versions['lm-eval'])}"
    path.mkdir(parents=True, exist_ok=True)
    write_table(path / "items.parquet", table[table["task"] == task])
    provenance = {"stage": "score", "key": key, "version": 1, "settings": settings or {}, "inputs": {"task": task}, "task": task}
    made = {"engine": engine, "versions": versions, "commit": "0" * 40, "started": started, "ended": started, "seconds": 1.0}
    write_json(path / "provenance.json", {**provenance, "extents": [list(extent)], **made})
    return path


def add_member(study, member):
    """List an arm among the study's; an entry of the same arm and plan gives way."""
    path = study / "arms.json"
    study.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text())["members"] if path.is_file() else []
    others = [one for one in known if (one["arm"], one["scores"]) != (member["arm"], member["scores"])]
    write_json(path, {"study": study.name, "members": [*others, member]})


def write_arm(
    study: Path,
    perturb=(),
    dose=1.0,
    seed=0,
    accuracy=0.6,
    tables=None,
    axes=None,
    base=BASE,
    settings=None,
    state="done",
    id=None,
    data=None,
    student="5" * 16,
    limit=None,
    num_samples=None,
    **made,
):
    """One member of a study; `perturb` names perturbations, which all get the dose. `tables` stand in for scores at that accuracy.

    `data` and `student` are fingerprints; `limit` and `num_samples` are planned, and all that the tables hold is there. `made` is given to
    `write_scores`. An arm in another `state` than done has no scores, and one in none has no folder.
    """
    config = config_of(study, perturb, dose, seed, settings)
    label = ("+".join(f"{name}-{dose:g}" for name in perturb) or "clean") + f"-{config.train.method}"
    resolved = by_full_key({key: value for key, value in yaml.safe_load(as_yaml(config)).items() if key != "perturb"})
    chosen = changed(resolved)
    data_setting = {key: value for key, value in chosen.items() if key.startswith("data.") and key != "data.workers"}
    setting = {key: value for key, value in chosen.items() if key.startswith(("train.", "model.")) and key not in EXECUTION}
    table = scores(label.rpartition("-")[0], accuracy, seed=seed) if tables is None else tables
    plan = plan_of(config, seed, table, limit, num_samples)
    name = f"{label}-s{seed}-{id or key_of(study.name, label, seed, setting, data_setting, data)}"
    path = study.parent / "arms" / name
    add_member(study, {"arm": name, "student": base, "axes": AXES if axes else None, "scores": plan})
    if state is None:
        return Written(path, {})
    card = {
        "id": path.name.rpartition("-")[2],
        "label": label,
        "seed": seed,
        "perturb": config.perturb,
        "doses": dict.fromkeys(perturb, dose),
        "families": {name: family_of(name) for name in perturb},
        "data": data or key_of(data_setting),
        "student": student,
        "student_folder": base,
        "setting": setting,
        "data_setting": data_setting,
        "match": {key: value for key, value in chosen.items() if key.startswith("train.match")},
    }
    path.mkdir(parents=True, exist_ok=True)
    write_json(path / "arm.json", card)
    (path / "config.yaml").write_text(as_yaml(config))
    write_json(path / "status.json", {"state": state, "stage": None})
    write_json(path / "tokens.json", {"traces": 10, "tokens": 2000, "trainable": 1000, "epochs": 3})
    if state != "done":
        return Written(path, {})
    (path / "model").mkdir(exist_ok=True)
    write_json(path / "model" / "provenance.json", {"stage": "train", "versions": VERSIONS, "commit": "0" * 40})
    if axes:
        write_axes(path, AXES, axes)
    scored = {one["task"]: write_scores(path / "scores", one["task"], one["key"], table, scoring_of(config, seed), **made) for one in plan}
    return Written(path, scored)


def write_axes(arm, key, axes):
    folder = arm / "axes" / key
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "axes.json", axes)
    write_json(folder / "provenance.json", {"stage": "measure", "key": key})


def write_base(study: Path, accuracy=0.1, id=BASE, tables=None, seed=0, settings=None, **made):
    """The untrained student's scores on the tasks of the tables."""
    config = config_of(study, (), 1.0, seed, settings)
    table = scores("base", accuracy) if tables is None else tables
    folder = study.parent / "students" / id
    plan = plan_of(config, seed, table)
    scored = {
        one["task"]: write_scores(folder / "scores", one["task"], one["key"], table, scoring_of(config, seed), **made) for one in plan
    }
    return Written(folder, scored)


def write_first_arm(
    study: Path,
    perturb=(),
    dose=1.0,
    seed=0,
    accuracy=0.6,
    tables=None,
    axes=None,
    base=BASE,
    settings=None,
    state="done",
    id=None,
    traces=None,
    versions=None,
):
    """The same in the first layout; `traces` are ids with their clean texts."""
    config = config_of(study, perturb, dose, seed, settings)
    label = "+".join(f"{name}-{dose:g}" for name in perturb) or "clean"
    path = study / f"{label}-lora-s{seed}-{id or f'{hash_of(label) + seed:010x}'}"
    path.mkdir(parents=True)
    (path / "config.yaml").write_text(as_yaml(config))
    families = {name: family_of(name) for name in perturb}
    versions = {**VERSIONS, **(versions or {})}
    write_json(path / "status.json", {"state": state, "base": base, "families": families, "versions": versions, "commit": "0" * 40})
    if state != "done":
        return Written(path, {})
    table = scores(label, accuracy, seed=seed) if tables is None else tables
    write_table(path / "items.parquet", table.assign(arm=path.name))
    write_json(path / "tokens.json", {"traces": 10, "tokens": 2000, "trainable": 1000})
    if axes:
        write_json(path / "axes.json", axes)
    if traces:
        (path / "traces").mkdir()
        write_table(path / "traces" / "part-00000.parquet", pandas.DataFrame(traces.items(), columns=["id", "clean"]))
        (path / "traces" / "_complete").touch()
    return Written(path, dict.fromkeys(table["task"], path))


def write_first_base(study: Path, accuracy=0.1, id=BASE, tables=None):
    folder = study.parent / "base" / id
    folder.mkdir(parents=True, exist_ok=True)
    table = scores("base", accuracy) if tables is None else tables
    write_table(folder / "items.parquet", table.assign(arm=id))
    return Written(folder, dict.fromkeys(table["task"], folder))


def write_answers(arm, table, problem="Find p.", answer=lambda row: f"So p={row.item if row.correct else -1}."):
    """What was generated for each row of scores of an arm that was written."""
    rows = [
        {"task": row.task, "item": row.item, "sample": row.sample, "problem": problem, "accepted": [str(row.item)], "text": answer(row)}
        for row in table.itertuples()
    ]
    for folder in set(arm.scores.values()):
        write_rows(folder / "samples.jsonl.gz", [row for row in rows if arm.scores[row["task"]] == folder])


def row_of(comparison, label, scope="pooled"):
    (row,) = [row for row in comparison.rows if row.condition.label == label and row.scope == scope]
    return row
