"""The adapter that is trained in place of all parameters."""

from typing import TYPE_CHECKING

from ablate.config import Config

if TYPE_CHECKING:
    from peft import LoraConfig


def adapter(config: Config) -> "LoraConfig":
    """Low-rank adapters on all linear layers (Hu et al. 2106.09685), as the config describes them."""
    from peft import LoraConfig

    return LoraConfig(
        r=config.train.lora.rank,
        lora_alpha=config.train.lora.alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
