"""The scores of one student, by task and way of sampling: which there are, and whether they cover what is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ablate.generate import Kept, Place
from ablate.record import answers
from ablate.record.arm_folder import ScoresFolder
from ablate.record.files import read_json, read_rows, whole, write_json, write_rows, write_table
from ablate.record.keys import digest


@dataclass(frozen=True)
class PlannedScores:
    """What is asked of one task: `key` of the way of sampling, the first `limit` items (None: all), `num_samples` answers to each."""

    task: str
    key: str
    limit: int | None
    num_samples: int


def covers(provenance: Mapping[str, Any], planned: PlannedScores) -> bool:
    """Whether scores with this provenance hold all that is planned. Its `extents` list what was asked for, each `[limit, num_samples]`.

    Args:
        provenance: what stands beside the scores.
        planned: what is asked of one task.
    """
    asked = (planned.limit, planned.num_samples)
    return provenance["key"] == planned.key and any(_within(asked, (limit, samples)) for limit, samples in provenance["extents"])


def of_task(scores: Path, task: str, key: str) -> list[tuple[ScoresFolder, dict[str, Any]]]:
    """The folders with a task's scores under a key, oldest first, each with its provenance; engines and devices have one of their own.

    Args:
        scores: the folder below which a student's scores stand.
        task: by name.
        key: a full key, or that of a way of sampling.
    """
    folders = [ScoresFolder(path.parent) for path in scores.glob(f"{task}-*/provenance.json")]
    known = [(folder, read_json(folder.provenance)) for folder in folders]
    return sorted(
        ((folder, provenance) for folder, provenance in known if provenance["key"] == key and provenance["task"] == task),
        key=lambda pair: (pair[1]["started"], pair[0].path.name),
    )


def find(scores: Path, planned: PlannedScores) -> ScoresFolder | None:
    """The oldest folder that holds all that is planned, so that what is added later never takes its place.

    Args:
        scores: the folder below which a student's scores stand.
        planned: what is asked of one task.
    """
    held = [folder for folder, provenance in of_task(scores, planned.task, planned.key) if covers(provenance, planned)]
    return held[0] if held else None


def folder_of(scores: Path, planned: PlannedScores, engine: Mapping[str, Any]) -> ScoresFolder:
    """Where scores that this engine gives are kept: answers of two engines, versions or devices never stand in one table.

    Args:
        scores: the folder below which a student's scores stand.
        planned: what is asked of one task.
        engine: what belongs to its answers: name, version, device, dtype.
    """
    return ScoresFolder(scores / f"{planned.task}-{digest([planned.key, dict(engine)])}")


def provenance(folder: ScoresFolder) -> dict[str, Any]:
    """What made the scores in a folder; empty where there are none."""
    made: dict[str, Any] = read_json(folder.provenance) if folder.provenance.is_file() else {}
    return made


def extents(provenance: Mapping[str, Any], planned: PlannedScores) -> list[tuple[int | None, int]]:
    """What was asked for so far, and what is planned now, without what a later one covers.

    Args:
        provenance: what stands beside the scores.
        planned: what is asked of one task.
    """
    new = (planned.limit, planned.num_samples)
    kept = [(limit, samples) for limit, samples in provenance.get("extents", []) if not _within((limit, samples), new)]
    return [*kept, new]


def known(folder: ScoresFolder) -> dict[Place, Kept]:
    """The answers that stand in a folder, and those that came since it was written."""
    rows = read_rows(folder.samples) if folder.samples.is_file() else []
    return {**dict(pair for row in rows for pair in _kept(row)), **answers.read(folder.coming)}


def _kept(row: Mapping[str, Any]) -> Iterator[tuple[Place, Kept]]:
    """The answers in a row of samples: one, or of multiple choice one for each choice."""
    if row.get("likelihoods") is None:
        yield answers.kept(row)
        return
    for number, (prompt, total, greedy) in enumerate(row["likelihoods"]):
        said = {"choice": number, "prompt": prompt, "loglikelihood": total, "greedy": greedy}
        yield answers.kept({"task": row["task"], "item": row["item"], **said})


def write(folder: ScoresFolder, judged: Sequence[tuple[Any, Any]], provenance: Mapping[str, Any]) -> None:
    """Write scores whole, in place of what was there.

    Args:
        folder: where they are kept.
        judged: of each item and sample the score and the answer, dataclasses.
        provenance: what made them.
    """
    import pandas

    with whole(folder.path) as partial:
        partial.mkdir()
        new = ScoresFolder(partial)
        write_rows(new.samples, [answer for _, answer in judged])
        write_table(new.items, pandas.DataFrame([asdict(item) for item, _ in judged]))
        write_json(new.provenance, provenance)
    folder.coming.unlink(missing_ok=True)  # all of it stands in the folder now


def _within(inner: tuple[int | None, int], outer: tuple[int | None, int]) -> bool:
    """Whether the items and samples of one extent are all among those of another."""
    (limit, samples), (most, most_samples) = inner, outer
    return samples <= most_samples and (most is None or (limit is not None and limit <= most))
