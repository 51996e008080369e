"""ablate from Python: an arm, a comparison, and perturbed texts, as the commands give them."""

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

    from ablate.config import Config
    from ablate.stages.outcome import Outcome
    from ablate.traces import Example


def run(overrides: Sequence[str] = (), *, config_dir: str | Path | None = None, progress: bool = False, **settings: Any) -> "Outcome":
    """Run what is missing of one arm, as `python -m ablate` does.

    Args:
        overrides: as on the command line, `train.max_length=512`; they stand on top of the settings.
        config_dir: a folder with config files of one's own; its classes are found there.
        progress: show stages and bars as the command does.
        **settings: of the arm by name: `perturb="shuffle_steps"` or a list of perturbations, `dose=0.33`, `seed=1`; a group by the name of
            its file, `train="full"`, or with settings of its own, `train={"max_length": 512}`.

    Returns:
        What the arm came to; `table()` has it as a table.

    Raises:
        UserError: a setting, the data or the student can't be used; the message names it, and what is allowed.
    """
    from ablate import arm
    from ablate.console.relay import Relay
    from ablate.console.screen import Screen

    composed = compose([*_overrides(settings), *overrides], config_dir)
    outcome = arm.run(composed, Screen() if progress else Relay(lambda stage, done, total: None, warnings.warn))
    if outcome is None:
        raise RuntimeError("a further node of a job has no outcome of its own")
    return outcome


def compose(overrides: Sequence[str], config_dir: str | Path | None = None) -> "Config":
    """The config that the command line would give for these overrides, resolved and checked.

    Args:
        overrides: as on the command line.
        config_dir: a folder with config files of one's own.

    Raises:
        UserError: a key or a value can't be used.
    """
    import sys

    from hydra import compose as hydra_compose
    from hydra import initialize_config_module
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from ablate import config
    from ablate.cli import plugins
    from ablate.cli.mistakes import message_of
    from ablate.errors import UserError

    config.register()
    plugins.register()
    own = [f"hydra.searchpath=[file://{Path(config_dir).resolve()}]"] if config_dir else []
    if config_dir and str(Path(config_dir).resolve()) not in sys.path:
        sys.path.insert(0, str(Path(config_dir).resolve()))
    try:
        with initialize_config_module("ablate.conf", version_base="1.3"):
            return config.read(hydra_compose("config", [*own, *overrides]))
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(message_of(error) or str(error)) from error


def compare_runs(of: str | Path | None = None, runs: str | Path = "runs") -> "dict[str, pandas.DataFrame]":
    """The arms of a study against their clean arm, as `python -m ablate.compare` has them.

    Args:
        of: a study's name or folder, a CSV of item scores, or `wandb:ENTITY/PROJECT/STUDY`; None: the study last planned or run.
        runs: the folder that holds the studies.

    Returns:
        Tables by name: `arms` (one row per arm and task, and one pooled), `claims`, `notes`; shares in percent, differences in points.

    Raises:
        UserError: there is no such study, or a file of it can't be read.
    """
    import pandas

    from ablate.compare import compare
    from ablate.compare.__main__ import read
    from ablate.compare.show import table

    compared = compare(read(None if of is None else str(of), Path(runs)))
    return {"arms": table.frame(compared), "claims": table.claims(compared), "notes": pandas.DataFrame({"note": list(compared.flags)})}


def perturb_texts(
    texts: Sequence[str],
    perturbation: str,
    *,
    dose: float = 1.0,
    seed: int = 0,
    ids: Sequence[str] | None = None,
    problems: Sequence[str] | None = None,
    donors: Sequence[str] | None = None,
    segmenter: str = "turns",
    tokenizer: Any = None,
    **settings: Any,
) -> dict[str, list[str]]:
    """Perturb reasoning traces, whatever they come from; in `datasets.Dataset.map`, with `batched=True`, its columns are added.

    Args:
        texts: responses. What they think stands in `<think>` or `<|begin_of_thought|>` tags; of a text without, all before the sentence
            with the last box is thought.
        perturbation: a shipped one by name, `shuffle_steps`, or a class of one's own by its full name, `mine.Shout`.
        dose: the share that it touches, 0 to 1.
        seed: with the id of a text it decides what is drawn.
        ids: of the texts, else their hash, so that a text is perturbed alike wherever it stands.
        problems: what each text answers; where it says nothing, every text answers a problem of its own.
        donors: texts to take steps and answers from; else `texts` themselves, in `map` those of the batch.
        segmenter: what begins a step: `turns` or `blank_line`.
        tokenizer: a student's, as transformers loads it, for what counts tokens.
        **settings: further ones of the perturbation, by name.

    Returns:
        Columns by name, a row for each text: `perturbed`, and `edits`, the manifest of what was changed, as JSON.

    Raises:
        UserError: the perturbation or a setting of it can't be used, or a text has no steps.
    """
    from ablate.perturb import Donors, apply, build
    from ablate.student.load import token_ends

    built = build(_settings(perturbation, dose, settings))
    named = list(ids or [_digest(text) for text in texts])
    examples = [_example(*row, segmenter) for row in zip(named, problems or named, texts, strict=True)]
    pool = examples if donors is None else [_example(_digest(text), _digest(text), text, segmenter) for text in donors]
    ends = None if tokenizer is None else token_ends(tokenizer)
    rows = list(apply(examples, built, seed, Donors(pool, token_ends=ends)))
    return {
        "perturbed": [after.trace.text for after, _ in rows],
        "edits": [json.dumps([edits.as_dict() for edits in manifest]) for _, manifest in rows],
    }


def _overrides(settings: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Settings by name as overrides: a group's name before what is set inside a group."""
    from ablate.study.grid import quoted

    overrides = []
    for name, value in settings.items():
        if name == "perturb" and not prefix:
            names = [value] if isinstance(value, str) else list(value)
            overrides.append(f"perturb=[{','.join(names)}]")
        elif isinstance(value, Mapping):
            overrides += _overrides(value, f"{prefix}{name}.")
        else:
            overrides.append(f"{prefix}{name}={quoted(value)}")
    return sorted(overrides, key=lambda override: "." in override.partition("=")[0])


def _settings(perturbation: str, dose: float, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A perturbation's settings as a config has them, those of its own file first."""
    from omegaconf import OmegaConf

    from ablate.conf import FOLDER
    from ablate.errors import UserError, nearest

    if "." in perturbation:
        return {perturbation.rpartition(".")[2]: {"_target_": perturbation, "dose": dose, **settings}}
    shipped = {path.stem: path for path in (FOLDER / "perturb").glob("*.yaml")}
    if perturbation not in shipped:
        raise UserError(f"perturbation: found {perturbation!r}. {nearest(perturbation, list(shipped))}")
    written = OmegaConf.to_container(OmegaConf.merge({"dose": float(dose)}, OmegaConf.load(shipped[perturbation])), resolve=True)
    return {perturbation: {**dict(written)[perturbation], **settings}}  # type: ignore[arg-type]


def _example(name: str, problem: str, text: str, segmenter: str) -> "Example":
    from ablate.errors import UserError, nearest
    from ablate.traces import SEGMENTERS, Example, boxed_answer, parse, parse_untagged
    from ablate.traces.trace import FORMATS

    if segmenter not in SEGMENTERS:
        raise UserError(f"segmenter: found {segmenter!r}. {nearest(segmenter, list(SEGMENTERS))}")
    tagged = any(tags.thought[0] in text for tags in FORMATS.values())
    trace = (parse if tagged else parse_untagged)(text, SEGMENTERS[segmenter])
    if not trace.steps:
        raise UserError(f"texts: {name}: the thought has no steps; found {text[:40]!r}")
    return Example(name, problem, boxed_answer(trace.solution) or "", trace, "texts")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()
