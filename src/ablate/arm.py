"""One arm, one experimental condition, from data to scores; the only file that knows every room."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ablate import corpora, identity, perturb
from ablate.config import Config, Strategy, as_yaml
from ablate.corpora import Corpus
from ablate.errors import UserError
from ablate.evaluate.score import check_tasks
from ablate.perturb import Donors, Perturbation
from ablate.progress import Progress
from ablate.record.folder import RunFolder, now, read_json, read_rows, remove, whole, write_json, write_rows, write_table
from ablate.screen import Screen, hushed
from ablate.train import rendezvous
from ablate.train.model import fingerprint, load_tokenizer, load_trained

if TYPE_CHECKING:
    from ablate.evaluate.items import TaskScore


@dataclass(frozen=True)
class Outcome:
    """What an arm came to, by task; `base` is the untrained student, `clean` the same arm unperturbed, where it was run.

    `notes` say what was left out of the training.
    """

    folder: Path
    perturbations: tuple[str, ...]
    scores: "list[TaskScore]"
    base: "list[TaskScore]"
    clean: "list[TaskScore]"
    notes: list[str]


def run(config: Config, screen: Screen) -> Outcome | None:
    """Run what is missing of one arm: perturb, train, evaluate, record. Finished stages are skipped, interrupted training resumes.

    Of a job on several nodes the first runs the arm; the others take part in the training and return None.
    """
    perturbations = perturb.build(config.perturb)
    check_tasks(config.evaluate.tasks)
    corpus = corpora.load(config.data)
    folder, base, clean = _folders(config, corpus)
    if config.train.strategy is not Strategy.single and rendezvous.node(os.environ) > 0:
        _lend(config, folder)
        return None
    screen.say(f"[bold]{folder.path.name}[/bold]")

    with _cleared_on_mistake(folder), folder.locked(patient=False), hushed(folder.log), folder.arm(as_yaml(config)):
        write_rows(folder.rejected, list(corpus.rejected))
        _stage(folder, "perturb", folder.traces, screen, lambda tell: _perturb(config, corpus, perturbations, folder))
        _stage(folder, "train", folder.model, screen, lambda tell: _train(config, folder, tell))
        remove(folder.checkpoints)
        with base.locked(patient=True):
            _stage(folder, "evaluate base", base.items, screen, lambda tell: _evaluate(config, base, None, tell))
        _stage(folder, "evaluate", folder.items, screen, lambda tell: _evaluate(config, folder, folder.model, tell))
        _stage(folder, "record", folder.tracked / "complete", screen, lambda tell: _record(config, perturbations, folder))
    known = _scores(clean) if clean.items.is_file() else []
    return Outcome(folder.path, tuple(perturbations), _scores(folder), _scores(base), known, _notes(config, folder))


@contextmanager
def _cleared_on_mistake(folder: RunFolder) -> Iterator[None]:
    """A user's mistake that shows before training (no such model, no wrong traces) leaves no folder that was not there before."""
    existed = folder.path.exists()
    try:
        yield
    except UserError:
        if not existed and not folder.checkpoints.exists() and not folder.model.exists():
            remove(folder.path)
        raise


def _folders(config: Config, corpus: Corpus) -> tuple[RunFolder, RunFolder, RunFolder]:
    """Where this arm, the base, and the clean arm of the same study stand."""
    student = fingerprint(config.model)

    def of(arm: Config) -> RunFolder:
        arm_id = identity.arm_id(arm, corpus.fingerprint, student)
        return RunFolder(Path(arm.runs) / arm.study / f"{identity.arm_name(arm)}-{arm_id}")

    base = RunFolder(Path(config.runs) / "base" / identity.base_id(config, student))
    return of(config), base, of(identity.clean(config))


def _stage(folder: RunFolder, name: str, result: Path, screen: Screen, work: Callable[[Progress], None]) -> None:
    """Do the work unless its result is there; a result is written whole or not at all."""
    if result.exists():
        screen.note(f"  {name:<22} [dim]done before, skipped[/dim]")
        return
    with screen.bar(name) as tell, folder.stage(name):
        work(tell)


def _perturb(config: Config, corpus: Corpus, perturbations: dict[str, Perturbation], folder: RunFolder) -> None:
    from ablate.record import manifest
    from ablate.train.encode import token_lengths

    donors = Donors(corpus.examples, corpus.wrong)
    perturbed = list(perturb.apply(corpus.examples, perturbations, config.seed, donors))
    tokenizer = load_tokenizer(config.model)
    before = token_lengths([example.trace.text for example in corpus.examples], tokenizer)
    after = token_lengths([example.trace.text for example, _ in perturbed], tokenizer)
    write_table(folder.traces, manifest.table(corpus.examples, perturbed, list(zip(before, after, strict=True))))


def _train(config: Config, folder: RunFolder, tell: Progress) -> None:
    import pandas

    from ablate.train.encode import Conversation
    from ablate.train.fit import fit

    rows = pandas.read_parquet(folder.traces, columns=["problem", "perturbed"]).itertuples(index=False)
    conversations = [Conversation(row.problem, row.perturbed, config.model.system) for row in rows]
    with whole(folder.model) as saved:
        fitted = fit(conversations, config, folder.checkpoints, saved, tell)
        write_json(folder.tokens, asdict(fitted.tokens))
        write_rows(folder.curve, fitted.curve)
        folder.write_status(training=asdict(fitted.ran))


def _lend(config: Config, folder: RunFolder) -> None:
    """On a further node, until the arm, on the first, has trained its model or failed."""
    from ablate.train.launch import lend

    began = now()

    def over() -> bool:
        status = folder.read_status()
        return folder.model.exists() or (status.get("state") == "failed" and status["ended"] >= began)

    lend(config, folder.checkpoints, over)


def _evaluate(config: Config, folder: RunFolder, trained: Path | None, tell: Progress) -> None:
    """Score the trained model, or without one the untrained student."""
    import pandas

    from ablate.evaluate.score import score

    model, tokenizer = load_trained(config.model, trained), load_tokenizer(config.model)
    items, generated = score(model, tokenizer, config.model.system, config.evaluate, config.seed, tell)
    write_rows(folder.samples, generated)
    write_table(folder.items, pandas.DataFrame([{"arm": folder.path.name, **asdict(item)} for item in items]))


def _record(config: Config, perturbations: dict[str, Perturbation], folder: RunFolder) -> None:
    from ablate.record import tracking

    families = sorted({perturbation.family for perturbation in perturbations.values()})
    tracking.mirror(folder, asdict(config), [*families, *perturbations], _scores(folder))


def _notes(config: Config, folder: RunFolder) -> list[str]:
    tokens, rejected = read_json(folder.tokens), read_rows(folder.rejected)
    notes = []
    if tokens["truncated_traces"]:
        cut = f"{tokens['truncated_traces']} of {tokens['traces']} traces lost {tokens['truncated_tokens']} tokens at the end"
        notes.append(f"{cut}: they are longer than train.longest={config.train.longest}")
    if rejected:
        notes.append(f"{len(rejected)} rows could not be used: {folder.rejected} lists them")
    return notes


def _scores(folder: RunFolder) -> "list[TaskScore]":
    import pandas

    from ablate.evaluate.items import summarise

    return summarise(pandas.read_parquet(folder.items))
