"""Scoring together: an engine ends however scoring does."""

import pytest

from ablate.corpora import Corpus
from ablate.generate import engines
from ablate.generate.engines import Serving
from ablate.library import compose
from ablate.perturb import build
from ablate.stages import STAGES, PlannedArm
from ablate.stages.score import Score


class Breaks:
    """An engine that dies over its first request."""

    identity = {"name": "breaks", "version": "1", "device": "none", "dtype": "none"}

    def generate(self, requests, sampling):
        raise RuntimeError("it broke")

    def loglikelihood(self, requests):
        raise RuntimeError("it broke")


def test_an_engine_ends_before_its_error_is_told(tmp_path, monkeypatch):
    ended = []

    def serve(config, tokenizer, students, longest, logs, progress):
        try:
            yield Serving(Breaks(), dict.fromkeys(students))
        finally:
            ended.append(True)

    class Live:
        def progress(self, done, total):
            pass

    monkeypatch.setattr(engines, "serve", serve)
    config = compose([f"runs={tmp_path}", "+perturb=shuffle_steps"])
    arm = PlannedArm(config, build(config.perturb), Corpus([], [], [], "data"), "student", STAGES)
    with pytest.raises(RuntimeError, match="it broke") as kept:
        Score().together([arm], Live())
    assert ended == [True]
    assert kept.traceback
