"""Generating with transformers, in this process."""

from dataclasses import replace

import pytest
import torch

from ablate.config import Model
from ablate.generate import Request, Sampling, sample_seed
from ablate.generate.engines.hf import HuggingFace
from ablate.student.encode import messages
from ablate.student.load import load_model, load_tokenizer
from ablate.world import problems

PROBLEMS = [problem.text for problem, _ in zip(problems.stream("asked", (2, 4), held_out=True), range(6), strict=False)]


@pytest.fixture(scope="module")
def engine():
    return HuggingFace(load_model(Model()), load_tokenizer(Model()), 4)


def request(engine, number, samples=(0,)):
    prompt = engine.tokenizer.apply_chat_template(messages(PROBLEMS[number], None), add_generation_prompt=True)["input_ids"]
    return Request(f"asked/{number}", tuple(prompt), samples)


def answers(engine, requests, **sampling):
    given = engine.generate(requests, Sampling(**{"max_new_tokens": 40, **sampling}))
    return {(one.request, one.sample): one for one in given}


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_neither_the_batch_nor_the_order_nor_what_else_is_asked_has_a_say(engine, temperature):
    requests = [request(engine, number, (0, 1) if temperature else (0,)) for number in range(6)]
    together = answers(replace(engine, batch_size=5), requests, temperature=temperature)
    backward = answers(replace(engine, batch_size=2), requests[::-1], temperature=temperature)
    alone = answers(replace(engine, batch_size=1), [requests[3]], temperature=temperature)
    assert together == backward
    assert alone.items() <= together.items()


def test_a_later_sample_is_the_same_whichever_others_are_drawn(engine):
    every = answers(engine, [request(engine, 0, (0, 1, 2, 3))], temperature=1.2)
    assert answers(engine, [request(engine, 0, (2,))], temperature=1.2).items() <= every.items()
    assert len({one.text for one in every.values()}) > 1


def test_the_seed_of_a_sample_is_of_seed_task_item_and_sample():
    seeds = {sample_seed(*each) for each in [(0, "a/0", 0), (1, "a/0", 0), (0, "a/1", 0), (0, "b/0", 0), (0, "a/0", 1)]}
    assert len(seeds) == 5
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert sample_seed(0, "a/0", 0) == sample_seed(0, "a/0", 0)


def test_draws_follow_the_softmax_of_the_scores(engine):
    """Two tokens are likely at the first step of a short prompt of the base; their shares among many draws are their probabilities."""
    asked = request(engine, 0, tuple(range(400)))
    with torch.inference_mode():
        logits = engine.model(torch.tensor([asked.prompt])).logits[0, -1]
    expected = (logits / 1.5).softmax(-1)
    drawn = answers(replace(engine, batch_size=200), [asked], temperature=1.5, max_new_tokens=1)
    texts = [one.text for one in drawn.values()]
    for token in expected.topk(3).indices.tolist():
        share = texts.count(engine.tokenizer.decode([token])) / len(texts)
        assert share == pytest.approx(expected[token].item(), abs=0.1)


def test_top_p_leaves_the_likely_alone(engine):
    greedy = answers(engine, [request(engine, 0)])
    nearly = answers(engine, [request(engine, 0)], temperature=1.0, top_p=1e-6)
    assert [one.text for one in nearly.values()] == [one.text for one in greedy.values()]


def test_an_answer_says_how_it_ended_and_what_it_took(engine):
    whole = answers(engine, [request(engine, number) for number in range(4)], max_new_tokens=200)
    assert all(one.finished for one in whole.values())
    for (name, sample), one in whole.items():
        number = int(name.rpartition("/")[2])
        assert one.tokens == len(engine.tokenizer(one.text, add_special_tokens=False)["input_ids"]) + 1
        cut = answers(engine, [request(engine, number)], max_new_tokens=one.tokens - 1)[name, sample]
        assert (cut.finished, cut.tokens, cut.text) == (False, one.tokens - 1, one.text)


def test_a_stop_ends_an_answer_before_it(engine):
    (whole,) = answers(engine, [request(engine, 1)], max_new_tokens=200).values()
    stop = whole.text[5:8]
    (stopped,) = answers(engine, [request(engine, 1)], max_new_tokens=200, stop=(stop,)).values()
    assert (stopped.text, stopped.finished) == (whole.text[: whole.text.find(stop)], True)
    assert stopped.tokens < whole.tokens


def test_the_students_own_generation_config_has_no_say(engine):
    plain = answers(engine, [request(engine, number) for number in range(3)])
    other = HuggingFace(load_model(Model()), engine.tokenizer, 4)
    other.model.generation_config.repetition_penalty = 5.0
    other.model.generation_config.top_k = 1
    other.model.generation_config.do_sample = True
    assert answers(other, [request(engine, number) for number in range(3)]) == plain
    assert other.model.generation_config.repetition_penalty == 5.0


def test_a_prompt_is_never_cut_however_much_room_an_answer_may_take(engine):
    """Longer than the student's positions less the answer's room, where a window would begin to close."""
    room = engine.model.config.max_position_embeddings
    asked = Request("long/0", request(engine, 0).prompt * 3)
    seen = []
    hook = engine.model.model.embed_tokens.register_forward_hook(lambda module, given, out: seen.append(given[0].shape[1]))
    try:
        (answer,) = answers(engine, [asked], max_new_tokens=room - 1, stop=("a", "e", " ")).values()
    finally:
        hook.remove()
    assert seen[0] == len(asked.prompt)
    assert answer.tokens >= 1


def test_a_continuation_has_the_log_probability_that_its_tokens_have_one_by_one(engine):
    prompts = [request(engine, number) for number in range(3)]
    continuations = [tuple(engine.tokenizer(text, add_special_tokens=False)["input_ids"]) for text in ("12", "Let", " so it is 7")]
    scored = {one.request: (one.total, one.greedy) for one in engine.loglikelihood(list(zip(prompts, continuations, strict=True)))}
    for prompt, continuation in zip(prompts, continuations, strict=True):
        with torch.inference_mode():
            logits = engine.model(torch.tensor([[*prompt.prompt, *continuation]])).logits[0].log_softmax(-1)
        places = range(len(prompt.prompt) - 1, len(prompt.prompt) + len(continuation) - 1)
        expected = sum(logits[place, token].item() for place, token in zip(places, continuation, strict=True))
        assert scored[prompt.id][0] == pytest.approx(expected, abs=1e-3)
        assert scored[prompt.id][1] == all(logits[place].argmax() == token for place, token in zip(places, continuation, strict=True))


def test_an_engine_says_what_belongs_to_its_answers(engine):
    assert engine.identity.keys() == {"name", "version", "device", "dtype"}
    assert (engine.identity["name"], engine.identity["device"], engine.identity["dtype"]) == ("hf", "cpu", "float32")
