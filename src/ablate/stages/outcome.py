"""What an arm came to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.record import scores
from ablate.record.files import read_json, read_rows
from ablate.record.scores import PlannedScores
from ablate.stages.score import Score
from ablate.stages.stage import PlannedArm

if TYPE_CHECKING:
    import pandas

    from ablate.evaluate.items import TaskScore


@dataclass(frozen=True)
class Outcome:
    """What an arm came to, by task; `base` is the untrained student, `clean` the same arm unperturbed, where it was run.

    An arm that was stopped before its scoring has no scores. `notes` say what was left out of the training.
    """

    folder: Path
    perturbations: tuple[str, ...]
    scores: "list[TaskScore]"
    base: "list[TaskScore]"
    clean: "list[TaskScore]"
    notes: list[str]

    def table(self) -> "pandas.DataFrame":
        """One row per task and student (`base`, `clean`, `arm`): items, accuracy with its 95 % interval, finished (shares), tokens."""
        import pandas

        students = {"base": self.base, "clean": self.clean, "arm": self.scores}
        rows = [{"student": student, **asdict(score)} for student, scored in students.items() for score in scored]
        columns = ["student", "task", "items", "accuracy", "low", "high", "finished", "tokens"]
        return pandas.DataFrame(rows, columns=columns)


def outcome(arm: PlannedArm) -> Outcome:
    """What stands in the arm's folder of what its config asks for."""
    planned = Score().planned(arm)
    trained, base, clean = (summary(folder, planned) for folder in (arm.folder.scores, arm.untrained.scores, arm.clean.folder.scores))
    return Outcome(arm.folder.path, tuple(arm.perturbations), trained, base, clean, _notes(arm))


def summary(folder: Path, planned: Sequence[PlannedScores]) -> "list[TaskScore]":
    """What the planned items and samples below a folder of scores come to, by task; nothing for a task that was not scored.

    Args:
        folder: below which a student's scores stand.
        planned: what is asked, of one task or of each.
    """
    import pandas

    from ablate.evaluate.items import summarise

    tables = [table for one in planned if (table := items(folder, one)) is not None]
    return summarise(pandas.concat(tables)) if tables else []


def items(folder: Path, planned: PlannedScores) -> "pandas.DataFrame | None":
    """The planned items and samples of one task, and no others; None where they are not all there.

    Args:
        folder: below which a student's scores stand.
        planned: what is asked, of one task or of each.
    """
    import pandas

    held = scores.find(folder, planned)
    if held is None:
        return None
    table = pandas.read_parquet(held.items)
    wanted = table["sample"] < planned.num_samples
    return table[wanted if planned.limit is None else wanted & (table["item"] < planned.limit)]


def _notes(arm: PlannedArm) -> list[str]:
    folder = arm.folder
    tokens, rejected = (
        read_json(folder.tokens) if folder.tokens.is_file() else {},
        read_rows(folder.rejected) if folder.rejected.is_file() else [],
    )
    notes = []
    if tokens.get("truncated_traces"):
        cut = f"{tokens['truncated_traces']} of {tokens['traces']} traces lost {tokens['truncated_tokens']} tokens at the end"
        notes.append(f"{cut}: they are longer than train.max_length={arm.config.train.max_length}")
    if rejected:
        notes.append(f"{len(rejected)} rows could not be used: {folder.rejected} lists them")
    return notes
