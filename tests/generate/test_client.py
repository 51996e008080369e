"""The client and the engine `server` against a real HTTP server that misbehaves in many ways."""

import asyncio
import secrets
import threading
from contextlib import contextmanager

import pytest
from aiohttp import web

from ablate.config import Engine as Settings
from ablate.errors import UserError
from ablate.generate import Request, Sampling
from ablate.generate import client as client_module
from ablate.generate.client import Client
from ablate.generate.engines import server
from ablate.generate.protocol import Asked


@contextmanager
def serving(**routes):
    """A server whose paths are given by their last word; yields its address."""
    loop = asyncio.new_event_loop()
    app = web.Application()
    for name, handler in routes.items():
        app.router.add_route("*", f"/{name}" if name in ("metrics", "version") else f"/v1/{name}", handler)

    async def start():
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, site._server.sockets[0].getsockname()[1]

    runner, port = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def answering(change=lambda body, answer: None, **abilities):
    """Answers with the number of prompt tokens; `change` may spoil the answer."""

    async def handler(request):
        body = await request.json()
        if isinstance(body["prompt"], list) and abilities.get("token_ids") is False:
            return web.json_response({"error": "a string is needed"}, status=400)
        choice = {"text": f"{len(body['prompt'])} {body['seed'] if body.get('temperature') and abilities.get('seeds', True) else ''}"}
        choice |= {"finish_reason": "stop", "stop_reason": None}
        if "prompt_logprobs" in body and abilities.get("likelihoods", True):
            choice["prompt_logprobs"] = [None, *({str(token): {"logprob": -1.0, "rank": 1}} for token in body["prompt"][1:])]
        answer = {"choices": [choice], "usage": {"completion_tokens": 2}}
        changed = change(body, answer)
        return changed if changed is not None else web.json_response(answer)

    return handler


async def models(request):
    return web.json_response({"data": [{"id": "student"}]})


def client_of(url, concurrency=4, timeout=30, **more):
    return Client(url, "key", concurrency, timeout, **more)


def posts(count):
    return ((number, Asked("/completions", {"prompt": [1] * (number + 1)})) for number in range(count))


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.001)


def test_all_answers_come_with_their_keys_and_no_more_are_under_way_than_asked_for():
    under_way, most = [0], [0]

    async def slow(request):
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        await asyncio.sleep(0.01)
        under_way[0] -= 1
        assert request.headers["Authorization"] == "Bearer key"
        return web.json_response({"length": len((await request.json())["prompt"])})

    with serving(completions=slow) as url:
        answers = dict(client_of(url).map(posts(30)))
    assert answers == {number: {"length": number + 1} for number in range(30)}
    assert most[0] == 4


def test_a_server_that_is_busy_or_drops_connections_for_a_while_is_asked_again():
    tries = {}

    async def moody(request):
        length = len((await request.json())["prompt"])
        tries[length] = tries.get(length, 0) + 1
        if tries[length] == 1:
            return web.Response(status=503)
        if tries[length] == 2:
            request.transport.close()
        return web.json_response({"length": length})

    with serving(completions=moody) as url:
        assert len(dict(client_of(url).map(posts(5)))) == 5
    assert set(tries.values()) == {3}


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (400, '{"error": "too long"}', "refuses a request with status 400.*too long"),
        (200, "<html>", "answers what is no answer: <html>"),
    ],
)
def test_what_was_answered_before_an_error_is_kept(status, text, message):
    async def fails_at_three(request):
        if len((await request.json())["prompt"]) == 3:
            return web.Response(status=status, text=text)
        return web.json_response({})

    seen = []
    with serving(completions=fails_at_three) as url:
        answers = client_of(url, concurrency=1).map(posts(9))
        with pytest.raises(UserError, match=message):
            seen.extend(key for key, _ in answers)
    assert seen == [0, 1]


def test_a_server_that_stalls_is_told_and_one_whose_counters_move_is_waited_for():
    counters = [0]

    async def stall(request):
        await asyncio.sleep(0.9 if counters[0] else 60)
        return web.json_response({})

    async def metrics(request):
        counters[0] += 1 if counters[0] else 0
        return web.Response(text=f"vllm:generation_tokens_total {counters[0]}")

    with serving(completions=stall, metrics=metrics) as url:
        with pytest.raises(UserError, match=r"has answered nothing for 0\.2 seconds"):
            list(client_of(url, timeout=0.2).map(posts(1)))
        counters[0] = 1
        assert list(client_of(url, timeout=0.2).map(posts(1))) == [(0, {})]


def test_a_server_that_is_seen_to_have_died_ends_all_at_once():
    def check():
        raise UserError("it has ended")

    async def never(request):
        await asyncio.sleep(60)

    with serving(completions=never) as url, pytest.raises(UserError, match="it has ended"):
        list(client_of(url, timeout=2, check=check).map(posts(3)))


def test_whoever_stops_listening_leaves_nothing_under_way():
    async def quick(request):
        return web.json_response({})

    before = threading.active_count()
    with serving(completions=quick) as url:
        answers = client_of(url).map(posts(1000))
        next(answers)
        answers.close()
    assert threading.active_count() == before


def connected(url, adapters=(), **settings):
    return server.connect(Settings(name="server", url=url, **settings), [9], adapters, lambda ids: "decoded")


def test_a_server_shows_what_it_can_and_answers_requests():
    with serving(completions=answering(), models=models) as url:
        engine = connected(url)
        assert (engine.abilities.token_ids, engine.abilities.seeds, engine.abilities.likelihoods) == (True, True, "prompt_logprobs")
        assert engine.abilities.lacking == []
        answers = list(engine.generate([Request("t/0", (1, 2), (0, 1)), Request("t/1", (1,))], Sampling(5)))
        assert sorted((one.request, one.sample, one.text.strip(), one.finished, one.tokens) for one in answers) == [
            ("t/0", 0, "2", True, 2),
            ("t/0", 1, "2", True, 2),
            ("t/1", 0, "1", True, 2),
        ]
        (likelihood,) = engine.loglikelihood([(Request("t/0/0", (1, 2)), (3, 4))])
        assert (likelihood.total, likelihood.greedy) == (-2.0, True)


def test_what_a_server_lacks_is_named():
    with serving(completions=answering(likelihoods=False, change=unlike), models=models) as url:
        engine = connected(url)
        assert engine.abilities.lacking == ["seeds", "log-likelihoods"]
        with pytest.raises(UserError, match="no log-likelihoods of token ids, which multiple choice needs"):
            list(engine.loglikelihood([(Request("t/0/0", (1, 2)), (3,))]))
    with serving(completions=answering(token_ids=False), models=models) as url:
        assert "prompts as token ids" in connected(url).abilities.lacking


def unlike(body, answer):
    """Another answer each time."""
    answer["choices"][0]["text"] = secrets.token_hex(8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "studnet"}, r"evaluate.engine.model: found studnet; Did you mean student"),
        ({"api_key_variable": "NO_SUCH_KEY"}, "the environment has no variable of that name"),
    ],
)
def test_what_is_not_there_is_one_clear_error(settings, message):
    with serving(completions=answering(), models=models) as url, pytest.raises(UserError, match=message):
        connected(url, **settings)


def test_no_server_at_all_is_one_clear_error():
    with pytest.raises(UserError, match=r"no server answers at http://127\.0\.0\.1:9/v1"):
        connected("http://127.0.0.1:9/v1")


def test_adapters_are_loaded_or_the_way_to_have_them_is_said():
    loaded = []

    async def load(request):
        loaded.append(await request.json())
        return web.Response(text="ok")

    with serving(completions=answering(), models=models, load_lora_adapter=load) as url:
        engine = connected(url, ["/runs/arms/a/model"])
        assert [one["lora_path"] for one in loaded] == ["/runs/arms/a/model"]
        assert engine.adapters["/runs/arms/a/model"] == loaded[0]["lora_name"]
    with serving(completions=answering(), models=models) as url, pytest.raises(UserError, match="VLLM_ALLOW_RUNTIME_LORA_UPDATING=1"):
        connected(url, ["/runs/arms/a/model"])


def test_adapters_are_asked_in_blocks_and_the_student_itself_apart():
    with serving(completions=answering(), models=models, load_lora_adapter=lambda request: _ok()) as url:
        engine = connected(url, [f"/{name}" for name in "abc"], max_loras=2)
        requests = [Request("t/0", (1,), adapter=adapter) for adapter in ("/a", None, "/b", "/c", "/a")]
        blocks = [[one.adapter for one in block] for block in engine._blocks(requests, lambda one: one.adapter)]
    assert blocks == [[None], ["/a", "/b", "/a"], ["/c"]]


async def _ok():
    return web.Response(text="ok")
