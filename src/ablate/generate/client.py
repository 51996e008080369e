"""Asking a server many things at once: so many under way, each tried again where the server is busy or away for a while."""

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ablate.errors import UserError
from ablate.generate.protocol import Asked

if TYPE_CHECKING:
    from aiohttp import ClientSession

Key = TypeVar("Key")

ATTEMPTS = 7
"""How often a thing is asked; with waits of 0.5, 1, 2 … seconds between, a server may be away for half a minute."""
FIRST_WAIT = 0.5
BUSY = (408, 409, 425, 429, 500, 502, 503, 504)
"""What a server answers that may answer well later."""
LOOK = 1.0
"""Seconds between two looks at whether the server still lives."""


@dataclass(frozen=True)
class Client:
    """Of one server. `check` raises a `UserError` where the server can be seen to have died; `timeout` seconds without any answer, or sign
    of one in vLLM's counters, are taken for the same."""

    url: str
    key: str | None
    concurrency: int
    timeout: float
    check: Callable[[], None] = lambda: None

    def post(self, asked: Asked) -> tuple[int, Any]:
        """The status of one answer and what it holds: an object, or a text where it is none."""

        async def once() -> tuple[int, Any]:
            async with self._session() as session:
                return await self._post(session, asked)

        return _run(once())

    def get(self, path: str) -> tuple[int, Any]:
        """The same, of what is only read; `path` begins at the server's root."""

        async def once() -> tuple[int, Any]:
            async with self._session() as session, session.get(self._root + path) as response:
                return response.status, _content(await response.text())

        return _run(once())

    def map(self, asked: Iterable[tuple[Key, Asked]]) -> Iterator[tuple[Key, dict[str, Any]]]:
        """The answers as they come, each with its key.

        Args:
            asked: things to ask, taken as there is room for them.

        Raises:
            UserError: the server refuses one, answers nonsense, has died or stalled; what was answered before has been yielded.
        """
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        stop = threading.Event()
        thread = threading.Thread(target=lambda: self._work(asked, answers, stop), daemon=True)
        thread.start()
        try:
            while (answer := answers.get()) is not None:
                if isinstance(answer, BaseException):
                    raise answer
                yield answer
        finally:
            stop.set()
            thread.join()

    def _work(self, asked: Iterable[tuple[Any, Asked]], answers: "queue.SimpleQueue[Any]", stop: threading.Event) -> None:
        try:
            asyncio.run(self._all(asked, answers, stop))
            answers.put(None)
        except BaseExceptionGroup as group:
            answers.put(_first(group))
        except BaseException as error:
            answers.put(error)

    async def _all(self, asked: Iterable[tuple[Any, Asked]], answers: "queue.SimpleQueue[Any]", stop: threading.Event) -> None:
        rest = iter(asked)
        last = [time.monotonic()]

        async def ask(session: "ClientSession") -> None:
            for key, one in rest:
                answers.put((key, await self._asked(session, one)))
                last[0] = time.monotonic()

        async with self._session() as session, asyncio.TaskGroup() as group:
            watch = group.create_task(self._watch(session, last, stop))
            askers = [group.create_task(ask(session)) for _ in range(self.concurrency)]
            await asyncio.wait(askers)
            watch.cancel()

    async def _asked(self, session: "ClientSession", asked: Asked) -> dict[str, Any]:
        from aiohttp import ClientError

        why = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self.check()
                await asyncio.sleep(FIRST_WAIT * 2 ** (attempt - 1))
            try:
                status, content = await self._post(session, asked)
            except (ClientError, OSError) as error:
                why = f"{type(error).__name__}: {error}"
                continue
            if status == 200 and isinstance(content, dict):
                return content
            why = f"status {status}: {str(content)[:300]}"
            if status == 200:
                raise UserError(f"evaluate.engine: {self.url}{asked.path} answers what is no answer: {str(content)[:300]}")
            if status not in BUSY:
                raise UserError(f"evaluate.engine: {self.url}{asked.path} refuses a request with {why}")
        self.check()
        raise UserError(f"evaluate.engine: {self.url}{asked.path} does not answer, tried {ATTEMPTS} times; last {why}")

    async def _post(self, session: "ClientSession", asked: Asked) -> tuple[int, Any]:
        async with session.post(self.url + asked.path, json=dict(asked.body)) as response:
            return response.status, _content(await response.text())

    async def _watch(self, session: "ClientSession", last: list[float], stop: threading.Event) -> None:
        """Raises where the server has died or stalled, or nobody wants its answers any longer."""
        signs = await self._signs(session)
        while not stop.is_set():
            await asyncio.sleep(min(LOOK, self.timeout / 4))
            self.check()
            if time.monotonic() - last[0] < self.timeout:
                continue
            now = await self._signs(session)
            if now == signs:
                raise UserError(
                    f"evaluate.engine: {self.url} has answered nothing for {self.timeout:g} seconds; raise "
                    "evaluate.engine.timeout where an answer takes longer"
                )
            signs, last[0] = now, time.monotonic()
        raise _NobodyListens

    async def _signs(self, session: "ClientSession") -> list[str]:
        """vLLM's counters of tokens; nothing where the server has none."""
        from aiohttp import ClientError, ClientTimeout

        try:
            async with session.get(f"{self._root}/metrics", timeout=ClientTimeout(total=10)) as response:
                lines = (await response.text()).splitlines() if response.status == 200 else []
        except (ClientError, OSError):
            return []
        return [line for line in lines if line.startswith(("vllm:generation_tokens_total", "vllm:prompt_tokens_total"))]

    @property
    def _root(self) -> str:
        return self.url.removesuffix("/v1")

    @asynccontextmanager
    async def _session(self) -> "AsyncIterator[ClientSession]":
        from aiohttp import ClientSession, ClientTimeout, TCPConnector

        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        # An answer may take hours; whether the server still works at it is `_watch`'s to find out.
        waits = ClientTimeout(total=None, sock_connect=30)
        async with ClientSession(headers=headers, timeout=waits, connector=TCPConnector(limit=self.concurrency + 1)) as session:
            yield session


class _NobodyListens(Exception):
    """Whoever asked has gone away."""


def _content(text: str) -> Any:
    """An answer's object, or its text where it is none."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def _first(group: BaseExceptionGroup) -> BaseException:
    one = group.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one


def _run(coroutine: Any) -> Any:
    """Run to the end in a thread of its own, since the caller's may have a loop, as a notebook's has."""
    result: list[Any] = []

    def work() -> None:
        try:
            result.append(asyncio.run(coroutine))
        except BaseException as error:
            result.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]
