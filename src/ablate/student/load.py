"""Loading the student: its tokenizer and its weights, safetensors only."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ablate import world
from ablate.config import Model
from ablate.errors import UserError

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase


def location(model: Model) -> str:
    """The folder or hub name that `model.path` stands for."""
    return str(world.BASE) if model.path == "tiny" else model.path


def load_tokenizer(model: Model) -> "PreTrainedTokenizerBase":
    """The student's tokenizer; it must bring a chat template and an end-of-turn token."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(location(model), revision=model.revision or "main", trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UserError(f"model.path: no tokenizer can be loaded from {location(model)!r}: {_first_line(error)}") from error
    if not tokenizer.chat_template or tokenizer.eos_token_id is None:
        raise UserError(
            f"model.path: the tokenizer of {location(model)!r} has no chat template or no end-of-sequence token; both are needed"
        )
    return tokenizer


def load_model(model: Model, path: str | None = None) -> "PreTrainedModel":
    """The student's weights, or those saved in the folder `path`.

    Args:
        model: the student.
        path: a folder with weights of its own.
    """
    import torch
    from transformers import AutoModelForCausalLM

    source = path or location(model)
    try:
        return AutoModelForCausalLM.from_pretrained(
            source,
            revision=(None if path else model.revision) or "main",
            dtype=getattr(torch, model.dtype),
            attn_implementation=model.attn_implementation,
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError, ImportError) as error:
        found = f"no model can be loaded from {source!r} with model.attn_implementation={model.attn_implementation}"
        raise UserError(f"model.path: {found}: {_first_line(error)}") from error


def load_trained(model: Model, folder: Path | None) -> "PreTrainedModel":
    """What training left in the folder: all weights, or the student with the adapter merged in; without a folder the student itself.

    On the GPU where there is one.

    Args:
        model: the student.
        folder: what training left; None: nothing was trained.
    """
    import torch
    from peft import PeftModel

    adapter = folder is not None and (folder / "adapter_config.json").is_file()
    loaded = load_model(model, None if adapter or folder is None else str(folder))
    if adapter:
        loaded = PeftModel.from_pretrained(loaded, str(folder)).merge_and_unload()
    return loaded.to("cuda") if torch.cuda.is_available() else loaded


def end_tokens(tokenizer: "PreTrainedTokenizerBase", generation: "GenerationConfig | None") -> set[int]:
    """The tokens that end a turn: the tokenizer's, and those of the student's generation config.

    Args:
        tokenizer: the student's.
        generation: the student's own config, which may name more.
    """
    known = generation.eos_token_id if generation else None
    more = known if isinstance(known, list) else [known]
    return {token for token in (tokenizer.eos_token_id, *more) if token is not None}


def load_generation_config(model: Model) -> "GenerationConfig | None":
    """The student's own generation config; None where it has none."""
    from transformers import GenerationConfig

    try:
        return GenerationConfig.from_pretrained(location(model), revision=model.revision or "main")
    except OSError:
        return None


def context_length(model: Model) -> int | None:
    """The tokens that the student can take at once, prompt and answer; None where its config doesn't say."""
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(location(model), revision=model.revision or "main", trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UserError(f"model.path: no config.json can be read from {location(model)!r}: {_first_line(error)}") from error
    length: int | None = getattr(config, "max_position_embeddings", None)
    return length


def token_ends(tokenizer: "PreTrainedTokenizerBase") -> Callable[[str], Sequence[int]]:
    """The function that says where each token of a text ends, in characters."""
    return lambda text: [end for _, end in tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
