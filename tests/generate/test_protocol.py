import pytest

from ablate.errors import UserError
from ablate.generate import Request, Sampling
from ablate.generate.protocol import ask, ask_likelihood, completion, likelihood

REQUEST = Request("sums/3", (5, 6, 7), adapter="folder")


def test_every_sampling_parameter_is_sent_and_each_sample_has_its_seed():
    sampling = Sampling(20, 0.7, 0.9, ("\n\n",), seed=4)
    first, again, second = (ask(REQUEST, sample, sampling, "m", [2, 9], 100) for sample in (0, 0, 1))
    assert first == again
    assert first.body["seed"] != second.body["seed"]
    body = dict(first.body)
    assert (first.path, body["prompt"], body["model"], body["max_tokens"]) == ("/completions", [5, 6, 7], "m", 20)
    assert (body["temperature"], body["top_p"], body["stop"], body["stop_token_ids"]) == (0.7, 0.9, ["\n\n"], [2, 9])
    assert (body["top_k"], body["min_p"], body["repetition_penalty"]) == (0, 0.0, 1.0)


def test_an_answer_gets_the_room_that_the_prompt_leaves_and_a_prompt_that_leaves_none_is_told():
    assert ask(REQUEST, 0, Sampling(20), "m", [], 13).body["max_tokens"] == 10
    with pytest.raises(UserError, match=r"sums/3: its prompt takes 3 tokens, and the engine takes 3"):
        ask(REQUEST, 0, Sampling(20), "m", [], 3)


def test_messages_go_to_the_chat():
    chat = Request("x/0", ({"role": "user", "content": "hi"},))
    asked = ask(chat, 0, Sampling(5), "m", [1], 10)
    assert (asked.path, asked.body["messages"]) == ("/chat/completions", [{"role": "user", "content": "hi"}])
    answer = {"choices": [{"message": {"content": "ho"}, "finish_reason": "stop"}], "usage": {"completion_tokens": 2}}
    assert completion(chat, 0, answer).text == "ho"


@pytest.mark.parametrize(
    ("reason", "stopped_by", "finished", "kept"),
    [
        ("stop", None, True, "stop"),
        ("stop", 9, True, "stop"),
        ("stop", "\n", True, "stop_string"),
        ("length", None, False, "length"),
        (None, None, None, None),
        ("content_filter", None, None, "content_filter"),
    ],
)
def test_how_an_answer_ended_is_known_or_unknown(reason, stopped_by, finished, kept):
    answer = {"choices": [{"text": "t", "finish_reason": reason, "stop_reason": stopped_by}]}
    said = completion(REQUEST, 1, answer)
    assert (said.finished, said.finish_reason, said.tokens, said.adapter, said.sample) == (finished, kept, None, "folder", 1)


def test_texts_are_made_of_token_ids_where_a_server_gives_them():
    answer = {"choices": [{"text": "half", "token_ids": [1, 2], "finish_reason": "length"}]}
    assert completion(REQUEST, 0, answer, lambda ids: f"{len(ids)} tokens").text == "2 tokens"
    stopped = {"choices": [{"text": "cut", "token_ids": [1, 2], "finish_reason": "stop", "stop_reason": "\n"}]}
    assert completion(REQUEST, 0, stopped, lambda ids: "whole").text == "cut"


@pytest.mark.parametrize("answer", [{}, {"choices": []}, {"choices": [{}]}, {"choices": [{"text": None}]}, {"choices": "x"}])
def test_what_is_no_answer_is_refused_by_name(answer):
    with pytest.raises(UserError, match="sums/3 has no text"):
        completion(REQUEST, 0, answer)
    with pytest.raises(UserError, match="sums/3 has no log-likelihoods"):
        likelihood(REQUEST, (8,), answer)


def test_log_likelihoods_are_read_in_both_ways():
    ours = [None, {"6": {"logprob": -9.0, "rank": 4}}, {"7": {"logprob": -9.0, "rank": 4}}]
    rest = [{"8": {"logprob": -0.5, "rank": 1}}, {"9": {"logprob": -1.0, "rank": 2}, "4": {"logprob": -0.1, "rank": 1}}]
    by_vllm = likelihood(REQUEST, (8, 9), {"choices": [{"prompt_logprobs": [*ours, *rest]}]})
    assert (by_vllm.request, by_vllm.total, by_vllm.greedy, by_vllm.adapter) == ("sums/3", -1.5, False, "folder")
    logprobs = {"token_logprobs": [None, -9, -9, -0.5, -1.0, -3], "top_logprobs": [None, {}, {}, {"h": -0.5}, {"i": -1.0}, {"j": -3}]}
    by_echo = likelihood(REQUEST, (8, 9), {"choices": [{"logprobs": logprobs}]})
    assert (by_echo.total, by_echo.greedy) == (-1.5, True)
    assert ask_likelihood(REQUEST, (8,), "m", echo=False).body["prompt_logprobs"] == 0
    assert ask_likelihood(REQUEST, (8,), "m", echo=True).body["echo"] is True
