"""Engines: each is one file, and a case of `serve`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from ablate.config import Config, EngineName
from ablate.console.progress import Progress
from ablate.errors import UserError
from ablate.generate.request import Engine
from ablate.record.files import remove

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Weights = Path | None
"""What a student is made of: a folder with all weights or with an adapter, or None for the student as it is."""


@dataclass(frozen=True)
class Serving:
    """An engine, and of the students that it serves what stands in a request for each."""

    engine: Engine
    adapters: dict[Weights, str | None] = field(default_factory=dict)


def shared(config: Config) -> bool:
    """Whether one engine serves many arms, so that they are scored together once they have trained."""
    return config.evaluate.engine.name is not EngineName.hf


def serve(
    config: Config, tokenizer: "PreTrainedTokenizerBase", students: Sequence[Weights], longest: int, logs: Path, progress: Progress
) -> Iterator[Serving]:
    """Engines that together serve all the students, one after the other; each ends before the next begins.

    Args:
        config: of an arm of that student.
        tokenizer: the student's.
        students: what is to be served.
        longest: tokens of the longest answer that is asked for.
        logs: the folder for what servers say.
        progress: told of a start that takes a while.

    Raises:
        UserError: an engine can't be had, or can't serve what it should.
    """
    match config.evaluate.engine.name:
        case EngineName.hf:
            yield from _hugging_face(config, tokenizer, students)
        case EngineName.vllm:
            yield from _vllm(config, tokenizer, students, longest, logs, progress)
        case EngineName.server:
            yield from _server(config, tokenizer, students)


def _hugging_face(config: Config, tokenizer: "PreTrainedTokenizerBase", students: Sequence[Weights]) -> Iterator[Serving]:
    from ablate.generate.engines.hf import HuggingFace
    from ablate.student.load import load_trained

    for weights in students:
        engine = HuggingFace(load_trained(config.model, weights), tokenizer, config.evaluate.batch_size)
        yield Serving(engine, {weights: None})
        engine.close()


def _vllm(
    config: Config, tokenizer: "PreTrainedTokenizerBase", students: Sequence[Weights], longest: int, logs: Path, progress: Progress
) -> Iterator[Serving]:
    """One server for the student and all adapters; others, one for each."""
    from ablate.generate.engines import vllm
    from ablate.generate.self_check import check_apart
    from ablate.student.load import context_length, end_tokens, load_generation_config, location

    settings, base = config.evaluate.engine, location(config.model)
    ends = sorted(end_tokens(tokenizer, load_generation_config(config.model)))
    length = vllm.length(settings, context_length(config.model), longest)
    together = tuple(weights for weights in students if weights is not None and is_adapter(weights) and vllm.servable(weights))
    alone = [weights for weights in students if weights is not None and weights not in together]
    log = logs / "vllm.log"

    def started(model: str, adapters: tuple[Path, ...] = ()) -> Engine:
        revision = config.model.revision if model == base else None
        served = vllm.Served(model, base, revision, config.model.dtype, length, adapters)
        return vllm.start(config, served, tokenizer, ends, log, progress)

    if together or None in students:
        engine = started(base, together)
        try:
            check_apart(engine, tokenizer, [str(folder) for folder in together], settings.max_loras)
            served: dict[Weights, str | None] = {folder: str(folder) for folder in together}
            yield Serving(engine, {**served, **({None: None} if None in students else {})})
        finally:
            engine.close()
    for weights in alone:
        with ExitStack() as stack:
            folder = stack.enter_context(_merged(config, weights)) if is_adapter(weights) else weights
            engine = started(str(folder))
            stack.callback(engine.close)
            yield Serving(engine, {weights: None})


def _server(config: Config, tokenizer: "PreTrainedTokenizerBase", students: Sequence[Weights]) -> Iterator[Serving]:
    from ablate.generate.engines import server
    from ablate.generate.self_check import check_apart
    from ablate.student.load import end_tokens, load_generation_config

    settings = config.evaluate.engine
    adapters = [str(weights) for weights in students if weights is not None and is_adapter(weights)]
    whole_models = [str(weights) for weights in students if weights is not None and not is_adapter(weights)]
    if whole_models:
        raise UserError(f"evaluate.engine.url: a running server has its own weights, and can't serve those of {whole_models[0]}; take vllm")
    ends = sorted(end_tokens(tokenizer, load_generation_config(config.model)))
    engine = server.connect(settings, ends, adapters, server.decoder(tokenizer))
    if not engine.abilities.token_ids:
        raise UserError(
            f"evaluate.engine.url: {settings.url} takes no prompts as token ids ({', '.join(engine.abilities.lacking)} are lacking), so a "
            "student would be asked in another template than it was trained with; take evaluate/engine=vllm or hf"
        )
    if adapters:
        check_apart(engine, tokenizer, adapters, settings.max_loras)
    served: dict[Weights, str | None] = {weights: str(weights) if weights is not None else None for weights in students}
    yield Serving(engine, served)
    engine.close()


def is_adapter(weights: Path) -> bool:
    """Whether a folder holds an adapter, and not all weights."""
    return (weights / "adapter_config.json").is_file()


@contextmanager
def _merged(config: Config, adapter: Path) -> Iterator[Path]:
    """A folder with an adapter merged into its student, while it is needed; by its name, what a kill leaves of it is cleared away."""
    from ablate.student.load import load_trained

    folder = adapter.with_name(f".merged.partial-{token_hex(6)}")
    try:
        load_trained(config.model, adapter).save_pretrained(folder)
        yield folder
    finally:
        remove(folder)
