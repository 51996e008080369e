"""Scoring a model with lm-eval."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Evaluate
from ablate.console.progress import Progress
from ablate.errors import UserError, nearest
from ablate.evaluate.items import Generated, ItemScore, is_correct, thought_closed
from ablate.evaluate.lm import language_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TASKS = Path(__file__).parent / "benchmarks"


def score(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", system: str | None, evaluate: Evaluate, seed: int, progress: Progress
) -> tuple[list[ItemScore], list[Generated]]:
    """Ask the model every item of every task, `evaluate.num_samples` times, in its own chat template.

    Returns the scores and the answers in full, in the same order. Sampling is seeded, so that the same call gives the same answers.
    """
    import lm_eval
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(TASKS), include_defaults=False)
    results = lm_eval.simple_evaluate(
        model=language_model(model, tokenizer, evaluate.batch_size, evaluate.max_new_tokens, progress),
        tasks=[{"group": "ablate", "task": [_with_samples(task, evaluate.num_samples) for task in evaluate.tasks]}],
        task_manager=manager,
        limit=evaluate.limit,
        apply_chat_template=True,
        system_instruction=system,
        gen_kwargs=_generation(evaluate),
        bootstrap_iters=0,
        random_seed=seed,
        numpy_random_seed=seed,
        torch_random_seed=seed,
    )
    pairs = [pair for task in evaluate.tasks for pair in _judged(task, results["samples"][task])]
    return [item for item, _ in pairs], [generated for _, generated in pairs]


def check_tasks(tasks: list[str]) -> None:
    """Raises a `UserError` for a task that ablate does not bring."""
    known = sorted(path.stem for path in TASKS.glob("*.yaml"))
    for task in tasks:
        if task not in known:
            raise UserError(f"evaluate.tasks: found {task!r}. {nearest(task, known)}")


def _with_samples(task: str, samples: int) -> dict[str, Any]:
    """The task with `samples` answers per item (as a group's member, where alone lm-eval merges changes into a task's file).

    Without the filter lm-eval generates them all and scores one.
    """
    if samples == 1 or "output_type: multiple_choice" in (TASKS / f"{task}.yaml").read_text():
        return {"task": task}
    keep_all = {"name": "all", "filter": [{"function": "take_first_k", "k": samples}]}
    return {"task": task, "repeats": samples, "filter_list": [keep_all]}


def _generation(evaluate: Evaluate) -> dict[str, Any]:
    """Plain sampling or plain greedy decoding; a student's own generation config (Qwen2.5's penalises repetition) has no say."""
    how: dict[str, Any] = {"do_sample": False}
    if evaluate.temperature:
        how = {"do_sample": True, "temperature": evaluate.temperature, "top_k": 0, "top_p": 1.0}
    return {"max_gen_toks": evaluate.max_new_tokens, "repetition_penalty": 1.0, **how}


def _judged(task: str, samples: list[dict[str, Any]]) -> Iterator[tuple[ItemScore, Generated]]:
    for sample in sorted(samples, key=lambda sample: sample["doc_id"]):
        doc, item = sample["doc"], sample["doc_id"]
        accepted = list(doc["accepted"])
        if "choices" in doc:
            likelihoods = [likelihood for ((likelihood, _),) in sample["resps"]]
            chosen = doc["choices"][likelihoods.index(max(likelihoods))]
            yield ItemScore(task, item, 0, chosen in accepted, True, 0), Generated(task, item, 0, doc["problem"], accepted, chosen)
            continue
        for number, text in enumerate(sample["resps"][0]):
            finished = text.finished and thought_closed(text)
            correct = is_correct(text, accepted, finished, doc.get("mathematical", False))
            yield (
                ItemScore(task, item, number, correct, finished, text.tokens),
                Generated(task, item, number, doc["problem"], accepted, str(text)),
            )
