"""Surprisal under the real tiny base, against transformers' own loss."""

import math

import pytest
import torch

from ablate import corpora
from ablate.axes.surprisal import surprisal
from ablate.config import Data, Model
from ablate.student.encode import Conversation, encode
from ablate.student.load import load_model, load_tokenizer

CONVERSATIONS = [Conversation(example.problem, example.trace.text) for example in corpora.load(Data(traces=12)).examples]


def taken(cache, conversations=CONVERSATIONS, load=lambda: load_model(Model())):
    return surprisal(conversations, load_tokenizer(Model()), load, 512, cache, lambda done, total: None)


def test_it_is_the_models_own_loss_whatever_the_batch(tmp_path):
    model, tokenizer = load_model(Model()), load_tokenizer(Model())
    for conversation, nats in zip(CONVERSATIONS, taken(tmp_path / "cache"), strict=True):
        (row,) = encode([conversation], tokenizer, 512)
        with torch.inference_mode():
            loss = model(input_ids=torch.tensor([row.input_ids]), labels=torch.tensor([row.labels])).loss.item()
        assert nats == pytest.approx(loss, rel=1e-4)


def test_what_is_known_needs_no_model(tmp_path):
    first = taken(tmp_path / "cache")
    assert taken(tmp_path / "cache", load=lambda: pytest.fail("the model was loaded")) == first


def test_what_several_processes_read_at_once_is_known_to_all(tmp_path):
    some, others = CONVERSATIONS[:5], CONVERSATIONS[5:]
    ahead = taken(tmp_path / "cache", some)
    for path in (tmp_path / "cache").iterdir():  # the other one began before this was written
        path.rename(tmp_path / path.name)
    behind = taken(tmp_path / "cache", others)
    for path in tmp_path.glob("*.json"):
        path.rename(tmp_path / "cache" / path.name)
    assert taken(tmp_path / "cache", load=lambda: pytest.fail("the model was loaded")) == [*ahead, *behind]


def test_nonsense_surprises_more(tmp_path):
    nonsense = [Conversation(each.problem, each.response[::-1]) for each in CONVERSATIONS]
    assert math.fsum(taken(tmp_path / "cache", nonsense)) > 2 * math.fsum(taken(tmp_path / "cache"))
