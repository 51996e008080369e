"""A task as lm-eval's own object: one of ours, one that lm-eval ships, one of the user's folder, or a file of problems and answers."""

import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ablate.errors import UserError, nearest
from ablate.evaluate.benchmarks.catalogue import FOLDER, files, is_own_rows
from ablate.evaluate.benchmarks.own_rows import configuration
from ablate.evaluate.benchmarks.sources import Sources

FEW_SHOT_SEED = 1234
"""lm-eval's own, for tasks that show examples."""
RUNS_CODE = ("code_eval", "pass_at_k", "pass@1")


@dataclass(frozen=True)
class Loaded:
    """`name` is the task's for lm-eval; `whole` is what its evaluation takes."""

    name: str
    task: Any
    whole: Any


def load(task: str, sources: Sources) -> Loaded:
    """Load a task with its items.

    Args:
        task: by name, or a file of problems and answers.
        sources: where items come from.

    Raises:
        UserError: there is no such task, it can't be loaded, or runs code; the message names its file where it has one.
    """
    from lm_eval.tasks import TaskManager

    if is_own_rows(task):
        manager = TaskManager(include_defaults=False)
        return _opened(task, manager, configuration(Path(task)))
    if task in files():
        manager = TaskManager(include_path=str(FOLDER), include_defaults=False, metadata=sources.metadata())
        return _opened(task, manager, task)
    own = _own_tasks(sources.include_path) if sources.include_path else None
    if own and task in own.all_tasks:
        return _refused(_opened(task, own, task), task)
    shipped = _shipped()
    if task not in shipped.all_subtasks:
        known = [*files(), *(own.all_tasks if own else []), *shipped.all_subtasks]
        raise UserError(f"evaluate.tasks: found {task!r}. {nearest(task, known) if len(known) < 99 else _near(task, known)}")
    return _refused(_opened(task, shipped, task), task)


def _near(task: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(task, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(close)}?" if close else "lm-eval ls tasks lists what it ships; *.jsonl is a file of your own"


@cache
def _shipped() -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager()


def _own_tasks(folder: str) -> Any:
    from lm_eval.tasks import TaskManager

    if not Path(folder).is_dir():
        raise UserError(f"evaluate.include_path: found {folder}, which is no folder")
    for path in sorted(Path(folder).rglob("*.yaml")):
        _parse(path)
    return TaskManager(include_path=folder, include_defaults=False)


def _parse(path: Path) -> None:
    """Raises where a file is no YAML; lm-eval leaves such a file out, and its task would only be unknown."""
    import yaml

    try:
        yaml.compose(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"evaluate.include_path: {path}, line {line}: {error.problem or 'is no YAML'}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"evaluate.include_path: {path}: {_first_line(error)}") from error


def _place(error: BaseException, path: Path) -> str:
    """The line of the task's folder at which something went wrong, in its file or in a function beside it; else the file alone."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == path.parent]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else str(path)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "no message")


def _opened(task: str, manager: Any, spec: Any) -> Loaded:
    """Its items read, no examples shown that the task does not ask for, one answer to each question at a time."""
    try:
        whole = manager.load([spec])
    except UserError:
        raise
    except Exception as error:  # lm-eval, the hub and a user's own functions raise whatever they like
        known = isinstance(spec, str) and spec in manager.task_index
        place = _place(error, Path(manager.task_index[spec].yaml_path)) if known else task
        raise UserError(f"evaluate.tasks: {task} can't be loaded ({place}): {type(error).__name__}: {_first_line(error)}") from error
    if len(whole["tasks"]) != 1:
        raise UserError(f"evaluate.tasks: {task} is a group; name its tasks: {', '.join(list(whole['tasks'])[:20])}")
    ((name, one),) = whole["tasks"].items()
    if one.get_config("num_fewshot") is None:
        one.set_config(key="num_fewshot", value=0)
    one.set_fewshot_seed(seed=FEW_SHOT_SEED)
    one.set_config(key="repeats", value=1)
    return Loaded(name, one, whole)


def _refused(loaded: Loaded, task: str) -> Loaded:
    """Raises where a task of lm-eval's would run what a model wrote."""
    config = loaded.task.config
    metrics = [str(one.get("metric")) for one in config.metric_list or ()]
    if getattr(config, "unsafe_code", False) or any(name in RUNS_CODE for name in metrics):
        raise UserError(f"evaluate.tasks: {task} runs the code that a model wrote, without a sandbox; take evaluate=code, which has one")
    return loaded
