"""From the runs of a study to its conditions: which belong together, which clean arm each is held against, what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.compare.read.outcomes import COLUMNS, Condition, Outcomes, matching, with_primary
from ablate.compare.read.runs import MATCHED, NAME, Run, read_run
from ablate.errors import UserError
from ablate.study.spec import Study, read_study

if TYPE_CHECKING:
    import pandas


def read_folder(folder: Path) -> Outcomes:
    """The outcomes of `runs/<study>`, with `runs/base/<id>` and `study.yaml` where they are.

    Raises:
        UserError: there is no run in it, or a file of it can't be read.
    """
    named = [path for path in sorted(folder.iterdir()) if path.is_dir() and NAME.fullmatch(path.name)] if folder.is_dir() else []
    if not named:
        raise UserError(f"{folder}: found no run of an arm; a study's folder holds one folder per arm and seed")
    plan = folder / "study.yaml"
    study = read_study(plan) if plan.is_file() else Study(folder.name)
    return gather(study, [read_run(path) for path in named], folder.parent / "base")


def gather(study: Study, runs: Sequence[Run], bases: Path) -> Outcomes:
    """Join runs to conditions, find the clean condition of each, and leave out what can't be compared, with a flag for each reason."""
    import pandas

    flags = [f"{run.name}: left out: {run.state}" for run in runs if run.scores is None]
    flags += _missing(study, runs)
    groups: dict[str, list[Run]] = {}
    for run in runs:
        if run.scores is not None:
            groups.setdefault(_key(run), []).append(run)
    labels = _labels([members[0] for members in groups.values()])
    conditions, tables = [], []
    folders: dict[str, dict[int, Path]] = {}
    for members, label in zip(groups.values(), labels, strict=True):
        kept, said = _one_per_seed(label, members)
        flags += said
        if kept:
            conditions.append(_condition(label, kept))
            tables += [_table(run, label) for run in kept]
            folders[label] = {run.seed: run.folder for run in kept}
    firsts = {label: members[0] for members, label in zip(groups.values(), labels, strict=True)}
    conditions, said = _with_references(conditions, firsts)
    flags += said
    for condition in [condition for condition in conditions if condition.trained and not condition.doses]:
        runs_of = [run for run in runs if run.scores is not None and _alike(run.setting, firsts[condition.label].setting)]
        base, table, said = _base(condition, runs_of, bases)
        flags += said
        if base is not None:
            conditions.insert(0, base)
            tables.insert(0, table)
            folders[base.label] = {run.seed: bases / run.base for run in runs_of if run.base}
    if not tables:
        raise UserError(f"{study.name}: no arm is done yet: " + "; ".join(flags))
    scores, said = matching(pandas.concat(tables, ignore_index=True), conditions)
    return Outcomes(with_primary(study, scores), tuple(conditions), scores, tuple(dict.fromkeys([*flags, *said])), folders)


def _key(run: Run) -> str:
    return repr((run.label, sorted(run.setting.items()), [(name, sorted(values.items())) for name, values in run.perturb.items()]))


def _alike(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return dict(one) == dict(other)


def _unmatched(run: Run) -> dict[str, object]:
    return {key: value for key, value in run.setting.items() if key not in MATCHED}


def _labels(firsts: Sequence[Run]) -> list[str]:
    """The folders' names without seed and id; where two conditions share one, followed by what tells them apart."""
    labels = []
    for run in firsts:
        same = [other for other in firsts if other.label == run.label]
        everything = [{**one.setting, **{f"perturb.{n}.{k}": v for n, p in one.perturb.items() for k, v in p.items()}} for one in same]
        mine = everything[same.index(run)]
        apart = sorted(key for key in set().union(*everything) if len({repr(other.get(key)) for other in everything}) > 1)
        labels.append(" ".join([run.label, *(f"{key}={mine.get(key)}" for key in apart)]))
    return labels


def _one_per_seed(label: str, members: list[Run]) -> tuple[list[Run], list[str]]:
    """Two runs of one condition and seed differ in something that the config does not say (their data); neither is trusted."""
    seeds = [run.seed for run in members]
    twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    flags = [
        f"{label}: seed {seed} left out: {' and '.join(run.name for run in members if run.seed == seed)} "
        "have the same config, but other data, another student or other code"
        for seed in twice
    ]
    return [run for run in members if run.seed not in twice], flags


def _condition(label: str, runs: Sequence[Run]) -> Condition:
    first = runs[0]
    shared = set.intersection(*(set(run.axes) for run in runs))
    tokens = [run.tokens["trainable"] * float(run.setting.get("train.epochs", 1)) for run in runs if "trainable" in run.tokens]
    return Condition(
        label=label,
        doses={name: float(values.get("dose", first.dose)) for name, values in first.perturb.items()},
        families=tuple(first.families.get(name, "unknown") for name in first.perturb),
        axes={axis: sum(run.axes[axis] for run in runs) / len(runs) for axis in sorted(shared)},
        trained_tokens=sum(tokens) / len(tokens) if tokens else None,
    )


def _table(run: Run, label: str) -> "pandas.DataFrame":
    assert run.scores is not None
    return run.scores.assign(condition=label, seed=run.seed)[[*COLUMNS]]


def _with_references(conditions: list[Condition], firsts: Mapping[str, Run]) -> tuple[list[Condition], list[str]]:
    clean = [condition.label for condition in conditions if not condition.doses]
    found, flags = [], []
    for condition in conditions:
        if not condition.doses:
            found.append(condition)
            continue
        run = firsts[condition.label]
        same = [label for label in clean if _alike(_unmatched(firsts[label]), _unmatched(run))]
        found.append(replace(condition, reference=same[0] if same else None))
        if not same:
            flags.append(f"{condition.label}: not compared: {_no_clean(run, [firsts[label] for label in clean])}")
            continue
        other = firsts[same[0]]
        flags += [
            f"{condition.label}: {name} {version}, while {same[0]} has {other.versions[name]}"
            for name, version in run.versions.items()
            if other.versions.get(name, version) != version
        ]
        if None not in (run.traces, other.traces) and run.traces != other.traces:
            found[-1] = replace(found[-1], reference=None)
            flags.append(f"{condition.label}: not compared: it was trained on other examples than {same[0]}")
    return found, flags


def _no_clean(run: Run, clean: Sequence[Run]) -> str:
    if not clean:
        return "the study has no clean arm that is done"

    def differing(other: Run) -> list[str]:
        return sorted(key for key in {*run.setting, *other.setting} if run.setting.get(key) != other.setting.get(key))

    closest = min(clean, key=lambda other: len(differing(other)))
    apart = [f"{key} is {run.setting.get(key)!r}, not {closest.setting.get(key)!r}" for key in differing(closest)]
    return f"no clean arm has its settings; beside {closest.label}, {', '.join(apart[:4])}"


def _base(clean: Condition, runs: Iterable[Run], bases: Path) -> tuple[Condition | None, "pandas.DataFrame | None", list[str]]:
    """The untrained student's scores that these runs themselves name; one per sampling seed where answers are sampled."""
    import pandas

    runs = list(runs)
    named = sorted({(run.seed, run.base) for run in runs if run.base})
    sampled = bool(runs and runs[0].setting.get("evaluate.temperature"))
    label = f"base of {clean.label}"
    ids = {base for _, base in named}
    if not ids:
        return None, None, [f"{clean.label}: its runs do not say which base they began from; the base is left out"]
    if len({(seed if sampled else 0, base) for seed, base in named}) > len({seed if sampled else 0 for seed, _ in named}):
        stale = ", ".join(sorted(ids))
        return None, None, [f"{label}: left out: runs of one setting name several bases ({stale}): the student or its scoring has changed"]
    absent = sorted(base for base in ids if not (bases / base / "items.parquet").is_file())
    if absent:
        return None, None, [f"{label}: left out: {bases / absent[0] / 'items.parquet'} is not there"]
    kept = named if sampled else named[:1]
    tables = [pandas.read_parquet(bases / base / "items.parquet").assign(condition=label, seed=seed)[[*COLUMNS]] for seed, base in kept]
    return Condition(label, reference=clean.label, trained=False), pandas.concat(tables), []


def _missing(study: Study, runs: Sequence[Run]) -> list[str]:
    """Planned runs that are not there; matched by perturbations, dose and seed, and by other settings where a full key is given."""
    flags = []
    for perturbations, others, seed in study.planned():
        dose = float(others.get("dose", 1.0))
        wanted = {key: value for key, value in others.items() if key != "dose"}
        there = any(
            tuple(run.perturb) == perturbations
            and run.seed == seed
            and (not perturbations or run.dose == dose)
            and all(run.setting.get(key, value) == value for key, value in wanted.items())
            for run in runs
        )
        if not there:
            named = "+".join(f"{name}-{dose:g}" for name in perturbations) or "clean"
            also = "".join(f" {key}={value}" for key, value in wanted.items())
            flags.append(f"missing: {named}{also} with seed {seed}, which the study plans")
    return flags


def latest(runs: Path) -> Path:
    """The study under `runs` whose arms were written to last.

    Raises:
        UserError: there is none.
    """
    studies = {path.parent for path in runs.glob("*/*/status.json") if NAME.fullmatch(path.parent.name)}
    folders = {path.parent for path in studies}
    if not folders:
        raise UserError(f"{runs}: found no study; name a study's folder, a CSV, or wandb:ENTITY/PROJECT")
    return max(folders, key=lambda folder: max(path.stat().st_mtime for path in folder.glob("*/status.json")))
