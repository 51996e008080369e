"""The real vLLM on the CPU, from an environment of its own (make vllm-env): answers, adapters, kills."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pandas
import psutil
import pytest

from ablate import world
from ablate.errors import UserError
from ablate.evaluate.lm_eval_model import Student
from ablate.evaluate.score import Asked, score
from ablate.generate import Request, Sampling
from ablate.generate.engines import serve, vllm
from ablate.generate.engines.hf import HuggingFace
from ablate.generate.engines.server import Server
from ablate.generate.self_check import check_apart
from ablate.library import compose
from ablate.student.load import load_tokenizer, load_trained

PYTHON = Path(__file__).parents[2] / ".venv-vllm" / "bin" / "python"
if not PYTHON.is_file():
    pytest.skip("no vLLM: make vllm-env installs it", allow_module_level=True)

ENGINE = ["evaluate/engine=vllm", f"evaluate.engine.python={PYTHON}"]
SMALL = ["data.traces=60", "train.epochs=2", "evaluate.limit=40", "evaluate.max_new_tokens=96", "track=disabled", "axes.surprisal=0"]
STUDY = ["-m", "+perturb=shuffle_steps,corrupt_digits", "study=s", *SMALL]


def ablate(folder, *arguments):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "ablate", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=environment)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two arms of a study, trained and not scored."""
    folder = tmp_path_factory.mktemp("work")
    ablate(folder, *STUDY, "until=train")
    return folder


@pytest.fixture(scope="module")
def config():
    return compose([*ENGINE, *SMALL])


@pytest.fixture(scope="module")
def tokenizer(config):
    return load_tokenizer(config.model)


@pytest.fixture(scope="module")
def adapters(trained):
    return sorted(trained.glob("runs/arms/*/model"))


@pytest.fixture(scope="module")
def served(config, tokenizer, adapters, tmp_path_factory):
    """One engine for the untrained student and both adapters."""
    serving = serve(config, tokenizer, [None, *adapters], 96, tmp_path_factory.mktemp("log"), lambda done, total: None)
    before = servers()
    yield next(serving)
    serving.close()
    assert servers() == before


def servers():
    """The numbers of the processes of all vLLMs that run."""
    lines = {process.pid: " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}
    return {number for number, line in lines.items() if re.search(r"watched\.py|vllm\.entrypoints|VLLM::", line)}


def requests(tokenizer, count, adapter=None, samples=(0,)):
    texts = [f"What is {number} plus {number + 7}?" for number in range(count)]
    prompts = [
        tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True) for text in texts
    ]
    ids = [tuple(tokenizer(prompt, add_special_tokens=False)["input_ids"]) for prompt in prompts]
    return [Request(f"sums/{number}", prompt, samples, adapter) for number, prompt in enumerate(ids)]


def test_the_answers_of_every_student_are_those_of_transformers(config, tokenizer, served, adapters):
    asked = Asked("tiny_problems", 40, 1, Sampling(96))
    students = [Student({}, served.adapters[weights]) for weights in (None, *adapters)]
    ours = list(score(asked, served.engine, tokenizer, students, lambda done, total: None))
    same = total = 0
    for weights, rows in zip((None, *adapters), ours, strict=True):
        alone = HuggingFace(load_trained(config.model, weights), tokenizer, 40)
        ((expected),) = score(asked, alone, tokenizer, [Student()], lambda done, total: None)
        same += sum(one == other for (_, one), (_, other) in zip(rows, expected, strict=True))
        total += len(rows)
    assert total == 120
    assert same >= 118  # rounding may turn a word where two are equally likely
    texts = [[answer.text for _, answer in rows] for rows in ours]
    assert texts[0] != texts[1] != texts[2] != texts[0]


def test_log_likelihoods_are_those_of_transformers(config, tokenizer, served, adapters):
    rest = tuple(tokenizer(" so it is 7", add_special_tokens=False)["input_ids"])
    for weights in (None, *adapters):
        pairs = [(one, rest) for one in requests(tokenizer, 4, served.adapters[weights])]
        ours = {one.request: one for one in served.engine.loglikelihood(pairs)}
        theirs = HuggingFace(load_trained(config.model, weights), tokenizer, 4).loglikelihood(pairs)
        for one in theirs:
            assert ours[one.request].total == pytest.approx(one.total, abs=0.01)
            assert ours[one.request].greedy == one.greedy


def test_a_sample_is_the_same_alone_and_beside_others_and_follows_its_seed(tokenizer, served):
    sampling = Sampling(32, temperature=0.7, seed=3)
    many = {(one.request, one.sample): one.text for one in served.engine.generate(requests(tokenizer, 8, samples=(0, 1)), sampling)}
    alone = [one for request in requests(tokenizer, 8, samples=(1,)) for one in served.engine.generate([request], sampling)]
    assert [many[one.request, one.sample] for one in alone] == [one.text for one in alone]
    other = {(one.request, one.sample): one.text for one in served.engine.generate(requests(tokenizer, 8), replace(sampling, seed=4))}
    assert any(many[place] != text for place, text in other.items())


def test_an_engine_that_mixes_students_up_is_refused(config, tokenizer, adapters, tmp_path):
    """vllm#48421 on the CPU: without a spare slot, beside adapters, the untrained student answers as an adapter does."""
    whole = vllm.command

    def without_spare_slot(*arguments):
        words = whole(*arguments)
        words[words.index("--max-loras") + 1] = str(len(adapters))
        return words

    served = vllm.Served(str(world.BASE), str(world.BASE), None, "float32", 1024, tuple(adapters))
    with patch.object(vllm, "command", without_spare_slot):
        engine = vllm.start(config, served, tokenizer, [tokenizer.eos_token_id], tmp_path / "log", lambda done, total: None)
    with patch.object(Server, "_blocks", lambda self, asked, adapter: iter([asked])):
        try:
            with pytest.raises(UserError, match="scores would be mixed up, so nothing is scored"):
                check_apart(engine, tokenizer, [str(folder) for folder in adapters], 2)
        finally:
            engine.close()


def test_an_adapter_that_can_not_be_served_is_merged(config, tokenizer, adapters, tmp_path):
    copy = tmp_path / "arm" / "model"
    copy.mkdir(parents=True)
    for file in adapters[0].iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    described = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps({**described, "rank_pattern": {"nothing": 8}}))
    serving = serve(config, tokenizer, [copy], 96, tmp_path, lambda done, total: None)
    one = next(serving)
    assert one.adapters == {copy: None}
    ours = {answer.request: answer.text for answer in one.engine.generate(requests(tokenizer, 6), Sampling(24))}
    serving.close()
    alone = HuggingFace(load_trained(config.model, copy), tokenizer, 6)
    assert ours == {answer.request: answer.text for answer in alone.generate(requests(tokenizer, 6), Sampling(24))}
    assert [path.name for path in copy.parent.iterdir()] == ["model"]


def test_a_server_that_does_not_start_is_one_message_with_its_log(trained):
    before = servers()
    failed = subprocess.run(
        [sys.executable, "-m", "ablate", "+perturb=shuffle_steps", *SMALL, *ENGINE, "+evaluate.engine.options.no_such_option=1"],
        cwd=trained,
        capture_output=True,
        text=True,
    )
    assert failed.returncode == 2
    assert "no-such-option" in failed.stdout + failed.stderr
    assert "vllm.log" in failed.stdout + failed.stderr
    assert servers() == before


def test_a_study_that_is_killed_while_it_is_scored_goes_on_and_leaves_no_server(trained):
    command, before = [sys.executable, "-m", "ablate", *STUDY, *ENGINE], servers()
    process = subprocess.Popen(command, cwd=trained, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 300
    while not (logs := [log for log in trained.glob("runs/*/*/scores/*.answers.jsonl") if log.read_bytes().count(b"\n") > 3]):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {log: log.read_bytes().rpartition(b"\n")[0] for log in logs}
    while servers() != before:
        assert time.monotonic() < until
        time.sleep(0.2)
    shown = ablate(trained, *STUDY, *ENGINE).stdout
    assert "tiny_problems" in shown
    assert not list(trained.glob("runs/*/*/scores/*.answers.jsonl"))
    for log, lines in kept.items():
        folder = log.with_name(log.name.removesuffix(".answers.jsonl"))
        answers = pandas.read_json(folder / "samples.jsonl.gz", lines=True)
        texts = set(answers["text"])
        assert all(row.get("text", "") in texts or "choice" in row for row in map(json.loads, lines.splitlines()))
    assert len(list(trained.glob("runs/students/*/vllm.log"))) == 1
    again = ablate(trained, *STUDY, *ENGINE).stdout
    assert "2 arms, 2 done before" in again
    members = json.loads((trained / "runs" / "s" / "arms.json").read_text())["members"]
    assert [len(member["scores"]) for member in members] == [3, 3]
    states = [json.loads(path.read_text())["state"] for path in trained.glob("runs/arms/*/status.json")]
    assert states == ["done", "done"]
    compared = subprocess.run([sys.executable, "-m", "ablate.compare", "s"], cwd=trained, capture_output=True, text=True)
    assert compared.returncode == 0, compared.stderr
    assert "shuffle_steps-1-lora" in compared.stdout


def test_an_arm_and_its_untrained_student_are_scored_by_one_server(tmp_path):
    ablate(tmp_path, *SMALL, *ENGINE)
    (log,) = tmp_path.glob("runs/students/*/vllm.log")
    assert log.read_text(errors="replace").count("Application startup complete") == 1
    assert len(list(tmp_path.glob("runs/arms/*/scores/*/items.parquet"))) == 3
    assert len(list(tmp_path.glob("runs/students/*/scores/*/items.parquet"))) == 3


def test_an_interpreter_without_vllm_is_told_what_to_type(trained):
    failed = subprocess.run(
        [sys.executable, "-m", "ablate", "+perturb=shuffle_steps", *SMALL, "evaluate/engine=vllm", "evaluate.max_new_tokens=95"],
        cwd=trained,
        capture_output=True,
        text=True,
    )
    assert failed.returncode == 2
    assert "pip install 'ablate-cot[gpu]'" in failed.stdout + failed.stderr
