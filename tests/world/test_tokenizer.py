"""The tokenizer gives the same ids wherever it is loaded: beside a Qwen2 config, by path and by object."""

import pytest
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen2Tokenizer

from ablate import corpora, world
from ablate.config import Data, Model
from ablate.evaluate.lm_eval_model import lm_eval_model
from ablate.generate import Sampling
from ablate.generate.engines.hf import HuggingFace
from ablate.student.load import load_model

TEXTS = [text for example in corpora.load(Data(traces=20)).examples for text in (example.problem, example.trace.text)]


@pytest.fixture(scope="module")
def trained():
    """The tokenizer as its own file describes it, without any class that rebuilds it."""
    return PreTrainedTokenizerFast(tokenizer_file=str(world.BASE / "tokenizer.json"))


@pytest.mark.parametrize("kind", [AutoTokenizer, Qwen2Tokenizer])
def test_every_loader_gives_the_same_ids(trained, kind):
    loaded = kind.from_pretrained(world.BASE)
    assert (world.BASE / "config.json").is_file()
    for text in TEXTS:
        assert loaded(text)["input_ids"] == trained(text)["input_ids"]
        assert loaded.decode(loaded(text)["input_ids"], skip_special_tokens=True) == text


def test_lm_eval_gives_the_same_ids_by_object_and_by_path(trained):
    from lm_eval.models.huggingface import HFLM

    tokenizer = AutoTokenizer.from_pretrained(world.BASE)
    engine = HuggingFace(load_model(Model()), tokenizer, 4)
    by_object = lm_eval_model(engine, tokenizer, Sampling(8), {}, lambda done, total: None)
    by_path = HFLM(pretrained=str(world.BASE), batch_size=4, device="cpu")
    for text in TEXTS:
        assert by_object.tok_encode(text) == by_path.tok_encode(text) == trained(text)["input_ids"]
    chat = [{"role": "user", "content": TEXTS[0]}]
    assert by_object.apply_chat_template(chat) == by_path.apply_chat_template(chat)


def test_trl_gives_the_same_ids(tmp_path):
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from ablate.student.encode import Conversation, encode

    tokenizer = AutoTokenizer.from_pretrained(world.BASE)
    problem, response = TEXTS[0], TEXTS[1]
    rows = [{"prompt": [{"role": "user", "content": problem}], "completion": [{"role": "assistant", "content": response}]}]
    trainer = SFTTrainer(
        model=load_model(Model()),
        args=SFTConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to=[], save_strategy="no"),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    (ours,) = encode([Conversation(problem, response)], tokenizer, 1024)
    theirs = trainer.train_dataset[0]
    assert theirs["input_ids"][: len(ours.input_ids)] == ours.input_ids
    assert tokenizer.decode(theirs["input_ids"][len(ours.input_ids) :]).strip() == ""


def test_digits_are_single_and_tags_are_one_token_each():
    tokenizer = AutoTokenizer.from_pretrained(world.BASE)
    assert tokenizer.tokenize("1234") == ["1", "2", "3", "4"]
    assert len(tokenizer("<|begin_of_thought|><|end_of_solution|>")["input_ids"]) == 2
    assert len(tokenizer) == load_model(Model()).config.vocab_size == 512
