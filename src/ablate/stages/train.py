"""Supervised fine-tuning of the student on the perturbed traces."""

import os
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ablate.config import Config, Match, Method, Strategy
from ablate.record.arm_folder import PROVENANCE
from ablate.record.files import now, remove, whole, write_json, write_rows
from ablate.record.keys import below
from ablate.stages.responses import conversations
from ablate.stages.stage import OF_STUDENT, Live, PlannedArm, Stage
from ablate.train.strategy import check_installed

if TYPE_CHECKING:
    import pandas


class Train(Stage):
    """Leaves `model/`, `train.jsonl` and `tokens.json`."""

    name = "train"
    reads = ("seed", "train", *OF_STUDENT)
    execution = (  # how much runs at once, over which processes, how often the trainer saves
        "train.per_device_batch_size",
        "train.strategy",
        "train.processes",
        "train.save_steps",
        "train.gradient_checkpointing",
        "train.lora.learning_rate",  # the method's stands in train.learning_rate
        "train.full",
    )
    inputs = ("perturb", "student")

    def settings(self, config: Config) -> dict[str, Any]:
        """As read, without what has no effect: an adapter's settings without an adapter, and matching where an arm matches itself."""
        idle = [] if config.train.method is Method.lora else ["train.lora"]
        idle += ["train.match", "train.match_by"] if not config.perturb or config.train.match is Match.none else []
        return {name: value for name, value in super().settings(config).items() if not below(name, idle)}

    def check(self, config: Config) -> None:
        check_installed(config.train.strategy)

    def done(self, arm: PlannedArm) -> bool:
        return arm.folder.model.is_dir()

    def run(self, arm: PlannedArm, live: Live) -> None:
        import pandas

        from ablate.train.fit import fit

        config, folder, making = arm.config, arm.folder, arm.making(self.name)
        traces = pandas.read_parquet(folder.traces, columns=["id", "problem", "clean", "perturbed"])
        traces, epochs = _matched(traces, config)
        settings = replace(config, train=replace(config.train, epochs=epochs))
        with whole(folder.model) as partial:
            fitted = fit(conversations(traces, config.model.system_prompt), settings, folder.checkpoints, partial, live.progress, live.log)
            write_json(folder.tokens, {**asdict(fitted.tokens), "epochs": epochs})
            write_rows(folder.curve, fitted.curve)
            write_json(partial / PROVENANCE, making.provenance(training=asdict(fitted.ran)))
        remove(folder.checkpoints)


def _matched(traces: "pandas.DataFrame", config: Config) -> tuple["pandas.DataFrame", float]:
    """The traces to train on and for how many epochs."""
    if config.train.match is Match.none:
        return traces, config.train.epochs
    from ablate.student.encode import encode
    from ablate.student.load import load_tokenizer
    from ablate.train.match import match_tokens

    tokenizer = load_tokenizer(config.model)
    clean, perturbed = (
        [row.trainable for row in encode(conversations(traces, config.model.system_prompt, column), tokenizer, config.train.max_length)]
        for column in ("clean", "perturbed")
    )
    return match_tokens(traces, clean, perturbed, config.train, config.seed)


def on_further_node(config: Config) -> bool:
    """Whether this is not the first of several nodes that train one arm together."""
    from ablate.train import rendezvous

    return config.train.strategy is not Strategy.single and rendezvous.node(os.environ) > 0


def take_part(arm: PlannedArm) -> None:
    """On a further node: lend its processes until the arm, on the first node, has trained its model or failed."""
    from ablate.train.torchrun import lend

    began = now()

    def over() -> bool:
        status = arm.folder.read_status()
        return arm.folder.model.exists() or (status.get("state") == "failed" and status["ended"] >= began)

    lend(arm.config, arm.folder.checkpoints, over)
