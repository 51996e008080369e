"""What training takes of each GPU's memory, estimated before anything is loaded or submitted."""

from dataclasses import dataclass
from functools import partial

from ablate.config import Config, Method, Strategy
from ablate.errors import UserError, require
from ablate.student.load import location

GIB = 2**30
UNSHARED = 18
"""Bytes for each trained weight where nothing is shared out: float32 weight 4, gradient 4, Adam's moments 8, a copy to compute with 2."""


@dataclass(frozen=True)
class Parameters:
    """Of a student, numbers of weights: all of its own, those that are trained, and the largest layer."""

    own: int
    trained: int
    largest: int


@dataclass(frozen=True)
class Memory:
    """Bytes for weights, gradients and optimiser state: on each GPU, and in the memory of each node. Activations come on top."""

    gpu: int
    node: int


def parameters(config: Config) -> Parameters:
    """Counted on a model without any weights, made from the student's config alone.

    Raises:
        UserError: the config can't be read.
    """
    from accelerate import init_empty_weights
    from peft import get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM

    from ablate.student.adapter import adapter

    try:
        architecture = AutoConfig.from_pretrained(location(config.model), revision=config.model.revision or "main", trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UserError(f"model.path: no config.json can be read from {location(config.model)!r}") from error
    with init_empty_weights():
        model = AutoModelForCausalLM.from_config(architecture)
        own = sum(weight.numel() for weight in model.parameters())
        largest = max(sum(weight.numel() for weight in module.parameters(recurse=False)) for module in model.modules())
        if config.train.method is Method.lora:
            model = get_peft_model(model, adapter(config))
    return Parameters(own, sum(weight.numel() for weight in model.parameters() if weight.requires_grad), largest)


def estimate(count: Parameters, strategy: Strategy, gpus: int, nodes: int = 1) -> Memory:
    """By DeepSpeed's own estimators for what is trained, with what is frozen added, in 16 bits, where the strategy keeps it.

    FSDP2 shares out what ZeRO-3 does, and is estimated as that; DDP shares out nothing, and a single process has one GPU.

    Args:
        count: of the student's weights.
        strategy: of training.
        gpus: of one node.
        nodes: that train together.

    Raises:
        UserError: DeepSpeed, whose estimators these are, is not installed.
    """
    require("deepspeed", "deepspeed", "an estimate of the memory that training takes")
    from deepspeed.runtime.zero.stage3 import estimate_zero3_model_states_mem_needs as zero3
    from deepspeed.runtime.zero.stage_1_and_2 import estimate_zero2_model_states_mem_needs as zero2

    frozen = 2 * (0 if count.trained == count.own else count.own)
    shared = partial(zero3, count.trained, count.largest, gpus, nodes)
    match strategy:
        case Strategy.single | Strategy.ddp:
            loading = 1 if strategy is Strategy.single else gpus
            return Memory(UNSHARED * count.trained + frozen, 4 * loading * count.own)
        case Strategy.zero2:
            node, gpu = zero2(count.trained, gpus, nodes, cpu_offload=False)
            return Memory(gpu + frozen, node + frozen * gpus)
        case Strategy.zero3 | Strategy.fsdp2:
            node, gpu, _ = shared(cpu_offload=False, cpu_offload_params=False)
            return Memory(gpu + frozen // (gpus * nodes), node)
        case Strategy.zero3_offload:
            node, gpu, _ = shared(cpu_offload=True, cpu_offload_params=True)
            return Memory(gpu, node + frozen // nodes)


def described(memory: Memory) -> str:
    """One line for a person."""
    return (
        f"weights, gradients and optimiser state: about {memory.gpu / GIB:.1f} GiB on each GPU and {memory.node / GIB:.1f} GiB in each "
        "node's memory; activations come on top"
    )


def warning(memory: Memory, gpu_gib: float, node_gib: float | None = None) -> str | None:
    """Why training will not fit into GPUs and nodes of that many GiB, and what to try; None where it may.

    Args:
        memory: what training takes.
        gpu_gib: of each GPU.
        node_gib: of each node; None: not known.
    """
    lacking = [
        f"each {name} has {has:g} GiB, and {needs / GIB:.1f} are needed before any activation"
        for name, needs, has in (("GPU", memory.gpu, gpu_gib), ("node", memory.node, node_gib))
        if has is not None and needs >= has * GIB
    ]
    if not lacking:
        return None
    return f"this will not fit: {'; '.join(lacking)}. Take more GPUs, train=lora, or train/strategy=zero3 or zero3_offload"
