"""The arms of a study before any of them runs."""

import json
from dataclasses import replace

from ablate import corpora
from ablate.config import Config, Data, Evaluate, Model, Source
from ablate.console.relay import Relay
from ablate.student import load
from ablate.study.planned import plan, training_tokens


def test_a_corpus_is_read_once_and_its_tokens_are_counted_once_for_all_arms(tmp_path, monkeypatch):
    row = {"problem": "Find p{}.", "answer": "1", "response": "<think>\nLet p. Now q.\n</think>\n\n\\boxed{{1}}"}
    lines = [json.dumps({name: text.format(number) for name, text in row.items()}) for number in range(30)]
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    data = Data(source=Source.file, path=str(tmp_path / "t.jsonl"))
    config = Config(runs=str(tmp_path / "runs"), data=data, model=Model(), evaluate=Evaluate(["tiny_skills"]))
    opened, tokenizers = [], []
    open_corpus, load_tokenizer = corpora.opened, load.load_tokenizer
    monkeypatch.setattr(corpora, "opened", lambda *given: opened.append(given) or open_corpus(*given))
    monkeypatch.setattr(load, "load_tokenizer", lambda model: tokenizers.append(model) or load_tokenizer(model))
    configs = [replace(config, seed=seed) for seed in range(18)]
    arms = plan(configs, Relay(lambda *_: None, lambda _: None))
    tokens = training_tokens(arms)
    assert (len(opened), len(tokenizers)) == (1, 1)
    assert len(set(tokens)) == 1
    assert tokens[0] > 30 * 3 * 5
    assert len({arm.folder.path for arm in arms}) == 18
