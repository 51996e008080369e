"""One arm, one experimental condition, from data to scores; the only file that knows every room."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ablate import corpora, perturb
from ablate.config import Config, Match, Stage, Strategy, as_yaml
from ablate.console.progress import Progress, Reporter
from ablate.console.screen import hushed
from ablate.corpora import Corpus
from ablate.errors import Busy, UserError
from ablate.evaluate.score import check_tasks
from ablate.perturb import Perturbation
from ablate.record import keys
from ablate.record.folder import RunFolder, now, read_json, read_rows, remove, whole, write_json, write_rows, write_table
from ablate.stages import shards
from ablate.student.encode import Conversation, encode, token_ids
from ablate.student.load import fingerprint, load_tokenizer, load_trained
from ablate.train import rendezvous
from ablate.train.match import match_tokens

if TYPE_CHECKING:
    import pandas

    from ablate.evaluate.items import TaskScore


@dataclass(frozen=True)
class Outcome:
    """What an arm came to, by task; `base` is the untrained student, `clean` the same arm unperturbed, where it was run.

    An arm that was stopped before its evaluation has no scores.
    `notes` say what was left out of the training.
    """

    folder: Path
    perturbations: tuple[str, ...]
    scores: "list[TaskScore]"
    base: "list[TaskScore]"
    clean: "list[TaskScore]"
    notes: list[str]


def run(config: Config, screen: Reporter) -> Outcome | None:
    """Run what is missing of one arm: perturb, train, evaluate, record. Finished stages are skipped, interrupted training resumes.

    Of a job on several nodes the first runs the arm; the others take part in the training and return None.
    """
    perturbations = perturb.build(config.perturb)
    check_tasks(config.evaluate.tasks)
    corpus = corpora.opened(config.data, Path(config.runs), screen)
    folder, base, clean = folders(config, corpus)
    if config.train.strategy is not Strategy.single and rendezvous.node(os.environ) > 0:
        _lend(config, folder)
        return None
    screen.say(f"[bold]{folder.path.name}[/bold]")

    with _cleared_on_mistake(folder), folder.locked(patient=False), hushed(folder.log), folder.arm(as_yaml(config)):
        folder.write_status(base=base.path.name, families={name: one.family for name, one in perturbations.items()})
        write_rows(folder.rejected, list(corpus.rejected))
        for stage in _until(config):
            result = results(folder)[stage]
            if stage is Stage.measure and result.is_file() and read_json(result)["surprisal_of"] != _sampled(config, corpus):
                remove(result)
            if stage is Stage.perturb:
                _stage(folder, stage, result, screen, lambda tell: _perturb(config, corpus, folder, tell))
            elif stage is Stage.measure:
                _stage(folder, stage, result, screen, lambda tell: _measure(config, folder, tell))
            elif stage is Stage.train:
                _stage(folder, stage, result, screen, lambda tell: _train(config, folder, tell))
                remove(folder.checkpoints)
            elif stage is Stage.evaluate:
                with base.locked(patient=True):
                    _stage(folder, "evaluate base", base.items, screen, lambda tell: _evaluate(config, base, None, tell))
                _stage(folder, stage, result, screen, lambda tell: _evaluate(config, folder, folder.model, tell))
            else:
                _stage(folder, stage, result, screen, lambda tell: _record(config, perturbations, folder))
    return Outcome(folder.path, tuple(perturbations), scores(folder), scores(base), scores(clean), _notes(config, folder))


def results(folder: RunFolder) -> dict[Stage, Path]:
    """What each stage leaves behind when it is over."""
    return {
        Stage.perturb: folder.traces / shards.COMPLETE,
        Stage.measure: folder.axes,
        Stage.train: folder.model,
        Stage.evaluate: folder.items,
        Stage.record: folder.tracked / "complete",
    }


def _sampled(config: Config, corpus: Corpus) -> int:
    return min(config.axes.surprisal, len(corpus.examples))


def _until(config: Config) -> list[Stage]:
    """The stages in order, up to the one the user asked for."""
    stages = list(Stage)
    return stages[: stages.index(config.until) + 1]


@contextmanager
def _cleared_on_mistake(folder: RunFolder) -> Iterator[None]:
    """A user's mistake that shows before training (no such model, no wrong traces) leaves no folder that was not there before."""
    existed = folder.path.exists()
    try:
        yield
    except Busy:
        raise
    except UserError:
        if not existed and not folder.checkpoints.exists() and not folder.model.exists():
            remove(folder.path)
        raise


def folders(config: Config, corpus: Corpus) -> tuple[RunFolder, RunFolder, RunFolder]:
    """Where this arm, the base, and the clean arm of the same study stand."""
    student = fingerprint(config.model)

    def of(arm: Config) -> RunFolder:
        arm_id = keys.arm_id(arm, corpus.fingerprint, student)
        return RunFolder(Path(arm.runs) / arm.study / f"{keys.arm_name(arm)}-{arm_id}")

    base = RunFolder(Path(config.runs) / "base" / keys.base_id(config, student))
    return of(config), base, of(keys.clean(config))


def _stage(folder: RunFolder, name: str, result: Path, screen: Reporter, work: Callable[[Progress], None]) -> None:
    """Do the work unless its result is there; a result is written whole or not at all."""
    if result.exists():
        screen.note(f"  {name:<22} [dim]done before, skipped[/dim]")
        return
    with screen.bar(name) as tell, folder.stage(name):
        work(tell)


def _perturb(config: Config, corpus: Corpus, folder: RunFolder, tell: Progress) -> None:
    shards.write(shards.Shards(corpus, config.perturb, config.seed, config.model, folder.traces), config.data.workers, tell)


def _measure(config: Config, folder: RunFolder, tell: Progress) -> None:
    """Where the arm stands on the common axes."""
    import pandas

    from ablate import axes
    from ablate.axes.surprisal import surprisal

    tokenizer = load_tokenizer(config.model)
    table = axes.table(map(pandas.read_parquet, shards.paths(folder.traces)), lambda texts: token_ids(texts, tokenizer))
    chosen = axes.sample(table["id"], config.axes.surprisal)
    responses = pandas.read_parquet(folder.traces, columns=["problem", "perturbed"]).iloc[chosen]
    student = f"{fingerprint(config.model)}-{config.model.dtype}-{config.model.attn_implementation}"
    cache = Path(config.runs) / "surprisal" / f"{student}.sqlite"
    cache.parent.mkdir(exist_ok=True)
    nats = surprisal(
        _conversations(responses, config), tokenizer, lambda: load_trained(config.model, None), config.train.max_length, cache, tell
    )
    table["surprisal"] = pandas.Series(nats, index=chosen, dtype=float)
    write_table(folder.disruption, table)
    write_json(folder.axes, {**axes.summarise(table), "surprisal_of": len(chosen)})


def _train(config: Config, folder: RunFolder, tell: Progress) -> None:
    import pandas

    from ablate.train.fit import fit

    traces = pandas.read_parquet(folder.traces, columns=["id", "problem", "clean", "perturbed"])
    epochs = config.train.epochs
    if config.train.match is Match.tokens:
        clean, perturbed = (_trainable(traces, response, config) for response in ("clean", "perturbed"))
        traces, epochs = match_tokens(traces, clean, perturbed, config.train, config.seed)
    settings = replace(config, train=replace(config.train, epochs=epochs))
    with whole(folder.model) as saved:
        fitted = fit(_conversations(traces, config), settings, folder.checkpoints, saved, tell)
        write_json(folder.tokens, {**asdict(fitted.tokens), "epochs": epochs})
        write_rows(folder.curve, fitted.curve)
        folder.write_status(training=asdict(fitted.ran))


def _trainable(traces: "pandas.DataFrame", response: str, config: Config) -> list[int]:
    """The tokens of each trace that the loss sees."""
    tokenizer = load_tokenizer(config.model)
    return [row.trainable for row in encode(_conversations(traces, config, response), tokenizer, config.train.max_length)]


def _lend(config: Config, folder: RunFolder) -> None:
    """On a further node, until the arm, on the first, has trained its model or failed."""
    from ablate.train.torchrun import lend

    began = now()

    def over() -> bool:
        status = folder.read_status()
        return folder.model.exists() or (status.get("state") == "failed" and status["ended"] >= began)

    lend(config, folder.checkpoints, over)


def _conversations(traces: "pandas.DataFrame", config: Config, response: str = "perturbed") -> list[Conversation]:
    pairs = zip(traces["problem"], traces[response], strict=True)
    return [Conversation(problem, text, config.model.system_prompt) for problem, text in pairs]


def _evaluate(config: Config, folder: RunFolder, trained: Path | None, tell: Progress) -> None:
    """Score the trained model, or without one the untrained student."""
    import pandas

    from ablate.evaluate.score import score

    model, tokenizer = load_trained(config.model, trained), load_tokenizer(config.model)
    items, generated = score(model, tokenizer, config.model.system_prompt, config.evaluate, config.seed, tell)
    write_rows(folder.samples, generated)
    write_table(folder.items, pandas.DataFrame([{"arm": folder.path.name, **asdict(item)} for item in items]))


def _record(config: Config, perturbations: dict[str, Perturbation], folder: RunFolder) -> None:
    from ablate.record import tracking

    families = sorted({perturbation.family for perturbation in perturbations.values()})
    tracking.mirror(folder, asdict(config), [*families, *perturbations], scores(folder))


def _notes(config: Config, folder: RunFolder) -> list[str]:
    tokens, rejected = read_json(folder.tokens) if folder.tokens.is_file() else {}, read_rows(folder.rejected)
    notes = []
    if tokens.get("truncated_traces"):
        cut = f"{tokens['truncated_traces']} of {tokens['traces']} traces lost {tokens['truncated_tokens']} tokens at the end"
        notes.append(f"{cut}: they are longer than train.max_length={config.train.max_length}")
    if rejected:
        notes.append(f"{len(rejected)} rows could not be used: {folder.rejected} lists them")
    return notes


def scores(folder: RunFolder) -> "list[TaskScore]":
    """What a folder's items come to, by task; nothing where it was not evaluated."""
    import pandas

    from ablate.evaluate.items import summarise

    if not folder.items.is_file():
        return []
    return summarise(pandas.read_parquet(folder.items))
