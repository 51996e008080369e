"""Generating with vLLM: `vllm serve` of the student, with the adapters of many arms at once."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.config import Config
from ablate.config import Engine as Settings
from ablate.console.progress import Progress
from ablate.errors import UserError
from ablate.generate.client import Client
from ablate.generate.engines import watched
from ablate.generate.engines.server import Abilities, Server, decoder
from ablate.record.files import read_json

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The largest ranks of adapters that a server can be started for."""
PROMPT_ROOM = 8192
"""Tokens for the prompt beside the longest answer, where the student could take more than anybody asks for."""
PATIENCE = 3600
"""Seconds in which a server has to be ready; large weights from a slow disk take a while."""


@dataclass(frozen=True)
class Served:
    """What a server is started for: the folder or hub name of a model, its tokenizer, and adapters to it by folder."""

    model: str
    tokenizer: str
    revision: str | None
    dtype: str
    length: int | None
    adapters: tuple[Path, ...] = ()


def servable(adapter: Path) -> bool:
    """Whether vLLM can serve an adapter beside others; one that it can't is merged into its model.

    Args:
        adapter: its folder.
    """
    made = read_json(adapter / "adapter_config.json")
    beyond = made.get("use_dora") or made.get("modules_to_save") or made.get("bias", "none") != "none" or made.get("rank_pattern")
    return not beyond and made["r"] <= RANKS[-1]


def command(settings: Settings, served: Served, port: int) -> list[str]:
    """The arguments of `vllm serve`.

    Args:
        settings: of the engine.
        served: what is served.
        port: on loopback.
    """
    options: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "served-model-name": "student",
        "tokenizer": served.tokenizer,
        "dtype": served.dtype,
        "generation-config": "vllm",
        "tensor-parallel-size": settings.tensor_parallel_size,
        "data-parallel-size": settings.data_parallel_size,
        "api-server-count": 1,
        "disable-uvicorn-access-log": True,
    }
    if served.revision:
        options |= {"revision": served.revision, "tokenizer-revision": served.revision}
    if served.length:
        options["max-model-len"] = served.length
    if served.adapters:
        rank = max(int(read_json(folder / "adapter_config.json")["r"]) for folder in served.adapters)
        options |= {
            "enable-lora": True,
            "max-lora-rank": next(allowed for allowed in RANKS if allowed >= rank),
            # One slot stays free, for requests without an adapter, which would get another's (vllm#48421).
            "max-loras": min(len(served.adapters), settings.max_loras) + 1,
            "max-cpu-loras": len(served.adapters) + 1,
        }
    options |= {name.replace("_", "-"): value for name, value in settings.options.items()}
    words = ["serve", served.model, *(word for name, value in options.items() for word in _words(name, value))]
    return [*words, "--lora-modules", *(f"{name}={folder}" for folder, name in names(served).items())] if served.adapters else words


def names(served: Served) -> dict[str, str]:
    """What the server calls each adapter, by its folder."""
    return {str(folder): f"adapter-{number}" for number, folder in enumerate(served.adapters)}


def _words(name: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    return [f"--{name}", json.dumps(value) if isinstance(value, list | dict) else str(value)]


def length(settings: Settings, longest: int | None, max_new_tokens: int) -> int | None:
    """The tokens that prompt and answer may take together: as asked for, else what the student can take, without memory for what nobody
    asks for.

    Args:
        settings: of the engine.
        longest: what the student can take; None: it doesn't say.
        max_new_tokens: of an answer.
    """
    if settings.max_model_len or longest is None:
        return settings.max_model_len
    return min(longest, max_new_tokens + PROMPT_ROOM)


def start(
    config: Config, served: Served, tokenizer: "PreTrainedTokenizerBase", ends: Sequence[int], log: Path, progress: Progress
) -> Server:
    """Start a server and wait until it is ready.

    Args:
        config: of an arm that it serves.
        served: what it serves.
        tokenizer: the student's.
        ends: the tokens that end a turn.
        log: where all that it says goes.
        progress: told of the seconds that pass.

    Raises:
        UserError: there is no vLLM, or the server does not start.
    """
    settings = config.evaluate.engine
    python = settings.python or sys.executable
    version = _version(python)
    port, key = _free_port(), secrets.token_hex(16)
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-I", watched.__file__, python, "-m", "vllm.entrypoints.cli.main", *command(settings, served, port)]
    environment = {**_environment(version), "VLLM_API_KEY": key}
    with log.open("ab") as output:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment)

    def check() -> None:
        if process.poll() is not None:
            raise UserError(f"evaluate.engine: vLLM has ended ({_tail(log)}); all that it said is in {log}")

    def close() -> None:
        if process.stdin and not process.stdin.closed:
            process.stdin.close()
        process.wait()

    client = Client(f"http://127.0.0.1:{port}/v1", key, settings.concurrency, settings.timeout, check)
    try:
        _await(client, progress)
    except BaseException:
        close()
        raise
    identity = {"name": "vllm", "version": version, "device": _device(version), "dtype": served.dtype}
    abilities = Abilities(token_ids=True, seeds=True, likelihoods="prompt_logprobs")
    return Server(client, "student", identity, abilities, ends, served.length, names(served), settings.max_loras, decoder(tokenizer), close)


def _await(client: Client, progress: Progress) -> None:
    from aiohttp import ClientError

    started = time.monotonic()
    while (waited := time.monotonic() - started) < PATIENCE:
        progress(int(waited), PATIENCE)
        try:
            if client.get("/health")[0] == 200:
                return
        except (ClientError, OSError):
            client.check()
        time.sleep(0.5)
    raise UserError(f"evaluate.engine: vLLM was not ready after {PATIENCE} seconds")


def _version(python: str) -> str:
    """vLLM's version under an interpreter.

    Raises:
        UserError: there is none.
    """
    try:
        asked = subprocess.run(
            [python, "-c", "import importlib.metadata as known; print(known.version('vllm'))"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        found = "evaluate.engine.python: no vLLM is installed for"
        raise UserError(f"{found} {python}; pip install 'ablate-cot[gpu]', or name an interpreter that has it") from error
    return asked.stdout.strip()


def _device(version: str) -> str:
    """vLLM's builds for other devices say so in their version."""
    return version.partition("+")[2] or "cuda"


def _environment(version: str) -> dict[str, str]:
    """What a server runs in: nothing is sent to its makers, and a CPU gets what it needs to be of use."""
    given: Mapping[str, str] = {"VLLM_NO_USAGE_STATS": "1", "VLLM_LOGGING_COLOR": "0"}
    if _device(version) == "cpu":
        given = {**given, "VLLM_CPU_OMP_THREADS_BIND": "nobind", "VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1"}
    return {**given, **os.environ}


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _tail(log: Path) -> str:
    """The last line that names an error, else the last."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line and "Traceback" not in line]
    return (errors or lines or ["without a word"])[-1][-300:]
