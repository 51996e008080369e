"""The Hydra application: from the command line to a diff in the terminal and a page."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import hydra
from omegaconf import DictConfig

from ablate import config, corpora, perturb
from ablate.cli.mistakes import show_mistake
from ablate.errors import UserError


@dataclass
class PreviewConfig(config.Config):
    """An arm's config, how many changed traces to show, and where the page goes."""

    n: int = 5
    page: str = "preview.html"


config.register(PreviewConfig)


@hydra.main(version_base="1.3", config_path="pkg://ablate.conf", config_name="preview")
def app(composed: DictConfig) -> None:
    """Check the config, choose the traces, show them."""
    try:
        _run(cast(PreviewConfig, config.read(composed)))
    except Exception as error:
        # Hydra would print the overrides above the message.
        sys.exit(show_mistake(error))


def _run(settings: PreviewConfig) -> None:
    from ablate.console.screen import Screen
    from ablate.preview import page, terminal
    from ablate.preview.chosen import choose
    from ablate.stages import shards

    # A perturbation that counts tokens would have a library warn about traces longer than the student takes.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    if settings.n < 1:
        raise UserError(f"n: found {settings.n}, allowed is 1 or more")
    perturbations = perturb.build(settings.perturb)
    if not perturbations:
        raise UserError("perturb: found none, a preview needs at least one: +perturb=shuffle_steps. --help names them all")
    screen = Screen()
    corpus = corpora.opened(settings.data, Path(settings.runs), screen)
    donors = shards.donors(corpus, settings.model)
    preview = choose(corpus.examples, donors, perturbations, settings.seed, settings.n, _tokens(settings.model))
    terminal.show(preview, screen.console)
    if preview.views:
        path = Path(settings.page)
        try:
            path.write_text(page.html(preview), encoding="utf-8")
        except OSError as error:
            raise UserError(f"page: {path} can't be written: {error.strerror}") from error
        screen.say("")
        screen.say(f"side by side in {path}")


def _tokens(model: config.Model) -> Callable[[str], int] | None:
    """Counts tokens where the student's tokenizer lies in a folder; loading it from a hub would take longer than looking."""
    from tokenizers import Tokenizer

    from ablate.student.load import location

    file = Path(location(model)) / "tokenizer.json"
    if not file.is_file():
        return None
    tokenizer = Tokenizer.from_file(str(file))
    # A lone surrogate, which JSON can hold, is no text to a tokenizer.
    return lambda text: len(tokenizer.encode(text.encode(errors="replace").decode(), add_special_tokens=False).ids)
