"""The typed schema of the configuration: what can be set, of which type, and within which bounds."""

import re
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, cast

from ablate.errors import UserError

Source = StrEnum("Source", ["tiny", "file", "hub"])
Layout = StrEnum("Layout", ["columns", "conversation"])
Segmentation = StrEnum("Segmentation", ["blank_line", "turns", "labels"])
Unusable = StrEnum("Unusable", ["stop", "skip"])
Dtype = StrEnum("Dtype", ["float32", "bfloat16"])
Method = StrEnum("Method", ["lora", "full"])
Strategy = StrEnum("Strategy", ["single", "ddp", "zero2", "zero3", "zero3_offload", "fsdp2"])
Schedule = StrEnum("Schedule", ["cosine", "linear", "constant", "constant_with_warmup"])
Match = StrEnum("Match", ["none", "tokens"])
MatchBy = StrEnum("MatchBy", ["epochs", "sampling"])
Stage = StrEnum("Stage", ["perturb", "measure", "train", "score", "record"])
Mode = StrEnum("Mode", ["auto", "online", "offline", "disabled"])
EngineName = StrEnum("EngineName", ["hf", "vllm", "server"])


@dataclass
class Columns:
    """Which column of a row holds what; `id`, `correct`, `judged` and `short` may be absent from the data.

    `answer: null` takes the answer that the trace itself boxes. A `response` may be a list, several traces of one problem; then `correct`
    and `judged` are lists too, and a trace that one of them says is right is right. `thought` and `solution`, where set, are put together
    to a response in `<think>` tags. `conversation` is the list of turns of `layout: conversation`. `steps` is read for
    `segmenter: labels`: where each step starts in the response, or the texts of the steps in order. `short` is a short chain of thought.
    """

    id: str = "id"
    problem: str = "problem"
    answer: str | None = "answer"
    response: str = "response"
    correct: str = "correct"
    judged: str | None = None
    short: str = "short"
    steps: str = "steps"
    thought: str | None = None
    solution: str | None = None
    conversation: str = "conversations"


@dataclass
class Data:
    """Where traces come from, and how they are read.

    `path` is a file, or a folder that holds a local copy of a hub dataset; with one, nothing is fetched. `name`, `revision` (a commit),
    `subset` and `split` say what to fetch from the hub. `tagged: false` is for responses without tags around the thought. `traces` bounds
    the number of right ones (null: all); `workers` processes read and perturb them. `seed` and `hops`, the range of chain lengths, are the
    tiny world's.
    """

    source: Source = Source.tiny
    path: str | None = None
    name: str | None = None
    revision: str | None = None
    subset: str | None = None
    split: str = "train"
    layout: Layout = Layout.columns
    columns: Columns = field(default_factory=Columns)
    tagged: bool = True
    segmenter: Segmentation = Segmentation.turns
    traces: int | None = None
    unusable: Unusable = Unusable.stop
    workers: int = 1
    seed: int = 0
    hops: list[int] = field(default_factory=lambda: [3, 5])


@dataclass
class Model:
    """The student; `path` is a folder or a hub name, or `tiny` for the embedded base; `revision` a hub's branch, tag or commit."""

    path: str = "tiny"
    revision: str | None = None
    dtype: Dtype = Dtype.float32
    attn_implementation: str = "sdpa"
    system_prompt: str | None = None


@dataclass
class Full:
    learning_rate: float = 1e-5


@dataclass
class Lora:
    learning_rate: float = 1e-4
    rank: int = 64
    alpha: int = 128


@dataclass
class Train:
    """Supervised fine-tuning; `batch_size` is the traces per optimiser step over all devices, `per_device_batch_size` those on one at once.

    `match=tokens` gives an arm as many training tokens as the clean arm has, by more epochs or by drawing traces again.
    `processes` are those of one node; null: one for each of its GPUs, or one alone on the CPU.
    """

    method: Method = Method.lora
    strategy: Strategy = Strategy.single
    processes: int | None = None
    learning_rate: float = 1e-4
    epochs: float = 3
    batch_size: int = 96
    per_device_batch_size: int = 1
    warmup_ratio: float = 0.1
    lr_scheduler_type: Schedule = Schedule.cosine
    weight_decay: float = 0.0
    max_length: int = 16384
    packing: bool = False
    match: Match = Match.none
    match_by: MatchBy = MatchBy.epochs
    save_steps: int = 50
    gradient_checkpointing: bool = False
    lora: Lora = field(default_factory=Lora)
    full: Full = field(default_factory=Full)


@dataclass
class Axes:
    """The common axes of disruption; `surprisal` is the number of traces whose surprisal is taken (0: of none)."""

    surprisal: int = 200


@dataclass
class Engine:
    """What answers: `hf` in this process, `vllm` a server that ablate starts, or `server`, one that is running already.

    `python` is the interpreter that has vLLM (null: this one); `max_loras` adapters are served at once, which takes memory;
    `max_model_len` bounds prompt and answer (null: what the student can take); `options` are any others of `vllm serve`, by name. `url` and
    `model` say which server and which of its models, `api_key_variable` names the environment variable that holds its key. `concurrency`
    requests are under way at once; after `timeout` seconds without a sign of life a server counts as stalled.
    """

    name: EngineName = EngineName.hf
    python: str | None = None
    tensor_parallel_size: int = 1
    data_parallel_size: int = 1
    max_loras: int = 8
    max_model_len: int | None = None
    options: dict[str, Any] = field(default_factory=dict)
    url: str | None = None
    model: str | None = None
    api_key_variable: str | None = None
    concurrency: int = 64
    timeout: int = 1800


@dataclass
class Evaluate:
    """Scoring with lm-eval; `limit` bounds the items of each task (null: all), `temperature: 0` is greedy.

    `tasks` are ours, any that lm-eval ships, any of the folder `include_path`, or files of problems and answers (`mine.jsonl`); `metric`
    names which number counts of a task that is not ours. `copies` is a folder with local copies of the hub's datasets, `revisions` are
    commits by set, where another than the pinned one is wanted or none is known. `ask_for_box` adds to problems of mathematics that the
    answer be boxed; `window` is the first and the last date of LiveCodeBench's problems.
    """

    tasks: list[str] = field(default_factory=list)
    limit: int | None = None
    num_samples: int = 1
    temperature: float = 0.0
    max_new_tokens: int = 32768
    batch_size: int = 8
    copies: str | None = None
    revisions: dict[str, str] = field(default_factory=dict)
    include_path: str | None = None
    metric: str | None = None
    ask_for_box: bool = False
    window: list[str] | None = None
    engine: Engine = field(default_factory=Engine)


@dataclass
class Track:
    """Weights & Biases; `auto` is online where a key is configured, else offline."""

    mode: Mode = Mode.auto
    project: str = "ablate"
    entity: str | None = None
    samples: int = 20


@dataclass
class Config:
    """One arm, resolved; `until` stops it after a stage, and the same command without it goes on from there."""

    perturb: dict[str, Any] = field(default_factory=dict)
    dose: float = 1.0
    seed: int = 0
    study: str = "single"
    runs: str = "runs"
    until: Stage = Stage.record
    data: Data = field(default_factory=Data)
    model: Model = field(default_factory=Model)
    train: Train = field(default_factory=Train)
    axes: Axes = field(default_factory=Axes)
    evaluate: Evaluate = field(default_factory=Evaluate)
    track: Track = field(default_factory=Track)


AT_LEAST: dict[str, float] = {
    "seed": 0,
    "data.traces": 1,
    "data.workers": 1,
    "train.batch_size": 1,
    "train.per_device_batch_size": 1,
    "train.processes": 1,
    "train.max_length": 2,
    "train.save_steps": 1,
    "train.lora.rank": 1,
    "train.lora.alpha": 1,
    "train.weight_decay": 0,
    "axes.surprisal": 0,
    "evaluate.limit": 1,
    "evaluate.num_samples": 1,
    "evaluate.temperature": 0,
    "evaluate.max_new_tokens": 1,
    "evaluate.batch_size": 1,
    "evaluate.engine.tensor_parallel_size": 1,
    "evaluate.engine.data_parallel_size": 1,
    "evaluate.engine.max_loras": 1,
    "evaluate.engine.max_model_len": 2,
    "evaluate.engine.concurrency": 1,
    "evaluate.engine.timeout": 1,
    "track.samples": 0,
}
MORE_THAN_ZERO = ("train.learning_rate", "train.epochs")
NO_STUDY = ("arms", "students", "corpora", "base", "data")
"""Folders below `runs/` that are no study's."""
RENAMED = {
    "evaluate.longest": "evaluate.max_new_tokens",
    "evaluate.problems": "evaluate.limit",
    "evaluate.samples": "evaluate.num_samples",
    "evaluate.batch": "evaluate.batch_size",
    "model.attention": "model.attn_implementation",
    "model.system": "model.system_prompt",
    "train.longest": "train.max_length",
    "train.batch": "train.batch_size",
    "train.per_device": "train.per_device_batch_size",
    "train.warm_up": "train.warmup_ratio",
    "train.schedule": "train.lr_scheduler_type",
    "train.checkpoint_every": "train.save_steps",
}
"""Settings that had another name in version 0.1.0, by that name."""
OLD_UNTIL = "evaluate"
"""What `until=score` was."""


def register(schema: type[Config] = Config) -> None:
    """Make the schema known to Hydra under the name that `config.yaml` begins with; a command with keys of its own has a wider one."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="schema", node=schema)


def read(composed: Any) -> Config:
    """The typed, resolved and checked form of a composed Hydra config."""
    from omegaconf import OmegaConf

    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise UserError("\n".join(f"{key}: found nothing, a value is needed" for key in missing))
    config = cast(Config, OmegaConf.to_object(composed))
    check(config)
    return config


def as_yaml(config: Config) -> str:
    """The resolved config as its run folder keeps it; it can be read back, and run again."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.structured(config))


def check(config: Config) -> None:
    """Raises a `UserError` that lists every value out of bounds by its full key."""
    values = dict(_leaves(config))
    problems = [
        f"{key}: found {values[key]:g}, allowed is {least:g} or more"
        for key, least in AT_LEAST.items()
        if values[key] is not None and values[key] < least
    ]
    problems += [f"{key}: found {values[key]:g}, allowed is more than 0" for key in MORE_THAN_ZERO if values[key] <= 0]
    if config.study in NO_STUDY or not re.fullmatch(r"[\w+-][\w.+-]*", config.study):
        allowed = f"a name of letters, digits, and _ . + -, other than {', '.join(NO_STUDY)}"
        problems.append(f"study: found {config.study!r}, allowed is {allowed}")
    if not 0 <= config.dose <= 1:
        problems.append(f"dose: found {config.dose:g}, allowed is a share from 0 to 1")
    if not 0 <= config.train.warmup_ratio < 1:
        problems.append(
            f"train.warmup_ratio: found {config.train.warmup_ratio:g}, allowed is a share of the steps, 0 or more and less than 1"
        )
    problems += _data_problems(config.data)
    if not config.evaluate.tasks:
        problems.append("evaluate.tasks: found none, at least one is needed")
    if config.evaluate.num_samples > 1 and config.evaluate.temperature == 0:
        problems.append("evaluate.num_samples: found more than 1 with evaluate.temperature=0, which gives the same answer each time")
    if config.evaluate.window is not None and len(config.evaluate.window) != 2:
        problems.append(f"evaluate.window: found {config.evaluate.window}, allowed is [first, last], dates like 2024-08-01")
    if config.evaluate.engine.name is EngineName.server and not config.evaluate.engine.url:
        problems.append("evaluate.engine.url: found nothing, the address of the server is needed: http://host:port/v1")
    if len(config.data.hops) != 2 or not 2 <= config.data.hops[0] <= config.data.hops[1] <= 18:
        problems.append(f"data.hops: found {config.data.hops}, allowed is [fewest, most], from 2 to 18")
    if config.train.batch_size % config.train.per_device_batch_size:
        multiple = f"a multiple of train.per_device_batch_size={config.train.per_device_batch_size}"
        problems.append(f"train.batch_size: found {config.train.batch_size}, allowed is {multiple}")
    if config.train.strategy is Strategy.single and (config.train.processes or 1) > 1:
        others = ", ".join(strategy for strategy in Strategy if strategy is not Strategy.single)
        problems.append(f"train.processes: found {config.train.processes}, but train/strategy=single trains in one; take {others}")
    if config.train.packing and config.model.attn_implementation == "eager":
        problems.append(
            "train.packing: with model.attn_implementation=eager packed traces would see each other; use flash_attention_2 or sdpa"
        )
    if problems:
        raise UserError("\n".join(problems))


def _data_problems(data: Data) -> list[str]:
    problems = []
    if data.source is Source.file and not data.path:
        problems.append("data.path: found nothing, the file with the traces is needed")
    if data.source is Source.hub and not data.path:
        if not data.name:
            problems.append("data.name: found nothing, the hub's name of a dataset is needed, or data.path with a local copy")
        if not re.fullmatch("[0-9a-f]{40}", data.revision or ""):
            found = data.revision or "nothing"
            problems.append(
                f"data.revision: found {found}, allowed are the 40 hexadecimal digits of a commit; or give data.path, a local copy"
            )
    if (data.columns.thought is None) != (data.columns.solution is None):
        problems.append("data.columns.thought and data.columns.solution: found one of them, both or neither are allowed")
    return problems


def _leaves(node: Any, prefix: str = "") -> list[tuple[str, Any]]:
    pairs = []
    for entry in fields(node):
        value, key = getattr(node, entry.name), f"{prefix}{entry.name}"
        pairs += _leaves(value, f"{key}.") if is_dataclass(value) else [(key, value)]
    return pairs
