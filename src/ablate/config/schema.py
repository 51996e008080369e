"""What can be set, and of which type."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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
