"""Scoring many students with the engines that serve them: all that is asked of one engine is asked together."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.record import answers, scores
from ablate.record.provenance import Making
from ablate.record.scores import PlannedScores
from ablate.stages.stage import Live, PlannedArm

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from ablate.generate import Engine


@dataclass(frozen=True)
class Wanted:
    """What is missing of one student: its `weights` (None: the student as it is), where its `scores` stand, and the task.

    `making` is what the scores will be known by.
    """

    arm: PlannedArm
    weights: Path | None
    scores: Path
    planned: PlannedScores
    making: Making


def score(wanted: Sequence[Wanted], live: Live) -> None:
    """Ask for what is missing and judge it, engine by engine and task by task; each task's scores are written when they are whole.

    Args:
        wanted: of any number of students.
        live: where it tells how far it is.
    """
    from ablate.evaluate.sandbox import NoSandbox
    from ablate.generate import engines
    from ablate.student.load import load_tokenizer

    for _, alike in groupby(sorted(wanted, key=_student), key=_student):
        of_student = list(alike)
        config = of_student[0].arm.config
        tokenizer = load_tokenizer(config.model)
        students = list(dict.fromkeys(one.weights for one in of_student))
        longest = max(one.arm.config.evaluate.max_new_tokens for one in of_student)
        logs = of_student[0].arm.untrained.path
        for serving in engines.serve(config, tokenizer, students, longest, logs, live.progress):
            served = [one for one in of_student if one.weights in serving.adapters]
            for task in dict.fromkeys(one.planned for one in served):
                together = [one for one in served if one.planned == task]
                try:
                    _score_task(together, serving.engine, serving.adapters, tokenizer, live)
                except NoSandbox as error:
                    kept = f"the answers to {task.task} are kept, and judged where the same command finds a sandbox"
                    live.warn(f"{error}; {kept}")


def _student(wanted: Wanted) -> str:
    """Wanted of one such word can be asked of one engine."""
    return f"{wanted.arm.untrained.path} {wanted.arm.config.evaluate.engine}"


def _score_task(
    together: Sequence[Wanted], engine: "Engine", adapters: dict[Path | None, str | None], tokenizer: "PreTrainedTokenizerBase", live: Live
) -> None:
    """One task of several students, each of which has the same planned."""
    from ablate.evaluate.lm_eval_model import Student
    from ablate.evaluate.score import score

    planned, config = together[0].planned, together[0].arm.config
    folders = [scores.folder_of(one.scores, planned, engine.identity) for one in together]
    with ExitStack() as logs:
        students = [
            Student(scores.known(folder), adapters[one.weights], logs.enter_context(answers.opened(folder.coming)).keep)
            for one, folder in zip(together, folders, strict=True)
        ]
        asked = _asked(config, planned, (planned.limit, planned.num_samples))
        judged = zip(together, folders, score(asked, engine, tokenizer, students, live.progress, _cores()), strict=True)
        for one, folder, rows in judged:
            _write(one, folder, {(item.item, item.sample): (item, answer) for item, answer in rows}, engine, tokenizer, live)


def _write(one: Wanted, folder: Any, judged: dict[tuple[int, int], Any], engine: "Engine", tokenizer: Any, live: Live) -> None:
    """Write a student's scores of a task: with what was asked for before, judged again, in place of what was there."""
    from ablate.evaluate.lm_eval_model import Student
    from ablate.evaluate.score import score

    before = scores.provenance(folder)
    extents = scores.extents(before, one.planned)
    for extent in extents[:-1]:
        asked = _asked(one.arm.config, one.planned, extent)
        (rows,) = score(asked, engine, tokenizer, [Student(scores.known(folder))], live.progress, _cores())
        judged |= {(item.item, item.sample): (item, answer) for item, answer in rows}
    judge = judge_of(one.planned.task)
    provenance = one.making.provenance(task=one.planned.task, engine=dict(engine.identity), extents=extents, judge=judge)
    if before:  # what made the first scores stays, and what added to them stands behind it
        provenance = {**before, "extents": extents, "judge": judge, "extended": [*before.get("extended", []), provenance]}
    scores.write(folder, [judged[place] for place in sorted(judged)], provenance)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def judge_of(task: str) -> dict[str, Any]:
    """By which rule answers to a task are judged, and its version; kept beside scores, since a mended rule judges them again."""
    from ablate.evaluate import benchmarks
    from ablate.evaluate.judge import RULES

    rule = benchmarks.rule(task)
    return {"rule": rule, "version": RULES[rule].version if rule else 1}


def judged_by_now(task: str, provenance: Mapping[str, Any]) -> bool:
    """Whether scores were judged as they would be now; those from before rules had versions, by the first.

    Args:
        task: by name.
        provenance: what stands beside the scores.
    """
    wanted = judge_of(task)
    return {"rule": wanted["rule"], "version": 1, **provenance.get("judge", {})} == wanted


def _asked(config: Any, planned: PlannedScores, extent: tuple[int | None, int]) -> Any:
    from ablate.evaluate.benchmarks import Sources
    from ablate.evaluate.score import Asked
    from ablate.generate import Sampling

    sampling = Sampling(config.evaluate.max_new_tokens, config.evaluate.temperature, seed=config.seed)
    return Asked(planned.task, *extent, sampling, config.model.system_prompt, Sources.of(config.evaluate))
