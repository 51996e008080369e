"""Arms on a real Slurm: an array, a failing arm, a cancelled one, coming back, being queued again, pre-emption, running out of time."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas
import pytest

from compiler import NEEDS_COMPILER

CLUSTER = Path(__file__).with_name("cluster.sh")
CAN_NOT = 77
ARM = [
    "data.traces=24",
    "train.batch_size=6",
    "train.per_device_batch_size=6",
    "train.epochs=40",
    "train.save_steps=8",
    "evaluate.limit=6",
    "evaluate.max_new_tokens=64",
    "evaluate.batch_size=8",
    "track=disabled",
]
OWN = """
from dataclasses import dataclass
from pathlib import Path
from ablate.perturb import Perturbation, with_trace

@dataclass(frozen=True)
class Shout(Perturbation):
    family = "content"

    def edit(self, example, random, donors):
        return with_trace(example, steps=tuple(step.upper() for step in example.trace.steps)), {}

@dataclass(frozen=True)
class Fragile(Perturbation):
    family = "content"

    def edit(self, example, random, donors):
        if not Path("mended").exists():
            raise ValueError("broken on purpose")
        return example, {}
"""


@pytest.fixture(scope="module", autouse=True)
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm")
    started = subprocess.run([CLUSTER, "start", folder], capture_output=True, text=True)
    if started.returncode == CAN_NOT:
        pytest.skip(started.stderr.strip())
    assert started.returncode == 0, started.stderr
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    yield
    subprocess.run([CLUSTER, "stop", folder], check=True)
    del os.environ["SLURM_CONF"]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder with two perturbations of one's own."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "mine" / "perturb").mkdir(parents=True)
    (folder / "mine" / "own.py").write_text(OWN)
    for name in ("shout", "fragile"):
        settings = f"{name}:\n  _target_: own.{name.capitalize()}\n  dose: ${{dose}}\n"
        (folder / "mine" / "perturb" / f"{name}.yaml").write_text(f"# {name}.\n{settings}")
    return folder


def ablate(folder, *arguments, cores=1):
    launcher = ["hydra/launcher=slurm", f"hydra.launcher.cpus={cores}", "hydra.launcher.memory=2"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANDB")}
    return subprocess.run(
        [sys.executable, "-m", "ablate", "-m", "--config-dir", "mine", *launcher, *ARM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**kept, "OMP_NUM_THREADS": "1"},
    )


def slurm(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def job(arm):
    return json.loads((arm / "job.json").read_text())["job"]


def until(condition, seconds=400):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def only(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


def states(shown):
    """The state of each arm in the table at the end, by the arm's name without its id."""
    table = shown.stdout.rpartition("\narm ")[2]
    rows = [line.split() for line in table.splitlines()[1:] if line and not line.startswith((" ", "the same"))]
    return {row[0].rpartition("-")[0]: row[2] for row in rows}


def status(arm):
    return json.loads((arm / "status.json").read_text())


def checkpoints(arm):
    """The numbers of the whole checkpoints, with the time of writing."""
    return {int(path.parent.name.partition("-")[2]): path.stat().st_mtime for path in arm.glob("checkpoints/checkpoint-*/complete")}


@pytest.fixture(scope="module")
def study(work):
    """An array whose code is changed, and one of whose arms is cancelled, before it starts; `work`, what was printed at first and last."""
    arms = ["perturb=[],shout,fragile,shuffle_steps", "study=study"]
    # The wait gives time to change what was submitted.
    first = ablate(work, *arms, "hydra.launcher.wait=false", "hydra.launcher.at_once=2", "+hydra.launcher.sbatch.begin=now+6")
    own = work / "mine" / "own.py"
    own.write_text("raise ImportError('changed after submission')\n")
    submitted = [job(path.parent) for path in work.glob("runs/arms/*/job.json")]
    slurm("scancel", job(only(work, "runs/arms/shuffle_steps-*")))
    until(lambda: not slurm("squeue", "--noheader"))
    own.write_text(OWN)
    return first, ablate(work, *arms), arms, submitted


def test_an_array_is_submitted_and_the_way_back_is_said(study):
    first = study[0]
    assert first.returncode == 0, first.stderr
    assert states(first) == dict.fromkeys(("clean-lora-s0", "shout-1-lora-s0", "fragile-1-lora-s0", "shuffle_steps-1-lora-s0"), "pending")
    assert "the same command shows how they stand and collects them: python -m ablate -m --config-dir mine" in first.stdout
    arrays = {task.partition("_")[0] for task in study[3]}
    assert len(arrays) == 1
    assert len(study[3]) == 4


def test_the_same_command_collects_what_was_submitted_and_submits_nothing(study, work):
    last = study[1]
    assert "submitted" not in last.stdout
    ended = {"clean-lora-s0": "done", "shout-1-lora-s0": "done", "fragile-1-lora-s0": "failed", "shuffle_steps-1-lora-s0": "lost"}
    assert states(last) == ended
    assert "tiny_skills 100.0 %" in last.stdout
    assert "ValueError: broken on purpose" in last.stdout
    assert "CANCELLED" in last.stdout
    assert last.returncode == 1
    assert last.stderr.splitlines()[-1].startswith("ablate: 2 of 4 arms did not finish: fragile-1-lora-s0")
    shouted = pandas.read_parquet(only(work, "runs/arms/shout-*") / "traces", columns=["perturbed"])
    assert shouted["perturbed"].str.contains("NOW ").all()


def test_jobs_and_logs_have_the_names_of_the_arms(study, work):
    named = dict(line.split() for line in slurm("squeue", "--states=all", "--array", "--noheader", "--format=%i %j").splitlines())
    for arm in work.glob("runs/arms/*-s0-*"):
        assert named[job(arm)] == arm.name
    logs = {path.name for path in work.glob("runs/study/slurm/*.log")}
    assert logs == {f"{arm.name}-{job(arm)}.log" for arm in work.glob("runs/arms/*-s0-*") if not arm.name.startswith("shuffle")}
    failed = only(work, "runs/arms/fragile-*")
    assert "broken on purpose" in Path(json.loads((failed / "job.json").read_text())["log"]).read_text()
    assert slurm("scontrol", "show", "job", job(failed)).count("JobState=FAILED") == 1


def test_arms_that_did_not_finish_are_shown_and_then_run_again(study, work):
    (work / "mended").touch()
    again = ablate(work, *study[2])
    assert again.returncode == 0, again.stderr
    assert "submitted 2 of 4 arms" in again.stdout
    assert set(states(again).values()) == {"done"}


def start(work, *arguments, **options):
    """The clean arm in a folder of its own, submitted and left alone; returns its folder."""
    submitted = ablate(work, *arguments, "hydra.launcher.wait=false", **options)
    assert submitted.returncode == 0, submitted.stderr
    runs = next(argument.partition("=")[2] for argument in arguments if argument.startswith("runs="))
    return only(work, f"{runs}/arms/clean-*")


def goes_on(arm, disturb):
    """Disturb an arm that has a checkpoint; once it runs again, its training goes on from there."""
    until(lambda: checkpoints(arm))
    disturb(arm)
    before, moment = max(checkpoints(arm)), time.time()
    later = until(lambda: [number for number, written in checkpoints(arm).items() if written > moment])
    assert min(later) > before, "training began anew"
    until(lambda: status(arm)["state"] == "done")


def items(arm):
    return pandas.concat(pandas.read_parquet(path) for path in sorted(arm.glob("scores/*/items.parquet")))


def equal(arm, undisturbed):
    pandas.testing.assert_frame_equal(*map(items, (undisturbed, arm)))
    adapters = [(folder / "model" / "adapter_model.safetensors").read_bytes() for folder in (undisturbed, arm)]
    assert adapters[0] == adapters[1]


def details(arm):
    return slurm("scontrol", "show", "job", job(arm))


def start_again(arm, *changes):
    """Slurm holds back for two minutes what it queues again."""
    until(lambda: "Restarts=1" in details(arm) and "JobState=PENDING" in details(arm))
    slurm("scontrol", "update", f"JobId={job(arm)}", "StartTime=now", *changes)


@pytest.fixture(scope="module")
def hasty(study, work):
    """An arm that needs longer than its minute; Slurm tells it up to 30 seconds earlier than it is asked to."""
    arguments = ["runs=hasty", "hydra.launcher.time=1", "hydra.launcher.notice=5", "train.epochs=200"]
    return start(work, *arguments)


def test_an_arm_that_is_queued_again_goes_on_from_its_checkpoint(hasty, study, work):
    arm = start(work, "runs=requeued")

    def requeue(arm):
        slurm("scontrol", "requeue", job(arm))
        start_again(arm)

    goes_on(arm, requeue)
    equal(arm, only(work, "runs/arms/clean-*"))
    assert states(ablate(work, "runs=requeued")) == {"clean-lora-s0": "done"}


def test_an_arm_that_runs_out_of_time_queues_itself_again_and_goes_on(hasty, work):
    def be_told(arm):
        until(lambda: status(arm)["state"] == "interrupted")
        start_again(arm, "TimeLimit=60")

    goes_on(hasty, be_told)
    assert "this job is timed-out" in (hasty / "log.txt").read_text()


def test_an_arm_that_is_pre_empted_queues_itself_again_and_goes_on(study, work):
    arm = start(work, "runs=pre_empted", cores=os.cpu_count())

    def pre_empt(arm):
        slurm("sbatch", "--partition=urgent", "--output=/dev/null", "--wrap=sleep 1")
        until(lambda: status(arm)["state"] == "interrupted")
        start_again(arm)

    goes_on(arm, pre_empt)
    assert "this job is preempted" in (arm / "log.txt").read_text()
    equal(arm, only(work, "runs/arms/clean-*"))


def in_sky_t1s_layout(example):
    solution = f"<|begin_of_solution|>\n{example.trace.solution}\n<|end_of_solution|>"
    response = f"<|begin_of_thought|>\n\n{example.trace.thought}\n\n<|end_of_thought|>\n\n{solution}"
    asked, answered = {"from": "user", "value": example.problem}, {"from": "assistant", "value": response}
    return {"system": "Think.", "conversations": [asked, answered]}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """A folder with a Qwen2.5 that was shrunk and never trained, and traces as Sky-T1 lays them out."""
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    from ablate import corpora, world
    from ablate.config import Data

    folder = tmp_path_factory.mktemp("laboratory")
    tokenizer = AutoTokenizer.from_pretrained(world.BASE)
    tokenizer.save_pretrained(folder / "student")
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 160, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2}
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    student = Qwen2ForCausalLM(Qwen2Config(vocab_size=len(tokenizer), tie_word_embeddings=False, **shape, **ends))
    student.to(torch.bfloat16).save_pretrained(folder / "student")
    rows = [json.dumps(in_sky_t1s_layout(example)) for example in corpora.load(Data(traces=24)).examples]
    (folder / "traces.jsonl").write_text("\n".join(rows))
    return folder


@NEEDS_COMPILER
def test_the_published_study_is_trained_with_deepspeed_under_slurm(laboratory):
    """All of the published profile, but for the size of the student, the number of traces and the hub's tasks."""
    small = ["model.path=student", "data.path=traces.jsonl", "train.batch_size=8", "evaluate=tiny", "evaluate.limit=3"]
    profile = ["profile=paper", "train/strategy=zero3_offload", "train.processes=2", "+perturb=shuffle_steps", "study=published"]
    cluster = ["hydra/launcher=slurm", f"hydra.launcher.cpus={os.cpu_count()}", "hydra.launcher.memory=6", "track=disabled"]
    command = [sys.executable, "-m", "ablate", "-m", *profile, *small, *cluster]
    planned = subprocess.run([*command, "--dry-run"], cwd=laboratory, capture_output=True, text=True)
    assert "#SBATCH --job-name=shuffle_steps-1-full-s0" in planned.stdout, planned.stdout + planned.stderr
    ran = subprocess.run(command, cwd=laboratory, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert states(ran) == {"shuffle_steps-1-full-s0": "done"}
    arm = only(laboratory, "runs/arms/shuffle_steps-*")
    training = json.loads((arm / "model" / "provenance.json").read_text())["training"]
    assert (training["zero_stage"], training["offload"], training["processes"]) == (3, True, 2)
    assert len(items(arm)) == 9
    assert (arm / "model" / "model.safetensors").is_file()


@pytest.fixture(scope="module")
def waves(work):
    """Two arms that train in jobs of their own and are scored in a third, by vLLM where it is installed."""
    python = Path(__file__).parents[2] / ".venv-vllm" / "bin" / "python"
    engine = ["evaluate/engine=vllm", f"evaluate.engine.python={python}"] if python.is_file() else []
    arguments = ["study=waves", "+perturb=shuffle_steps,corrupt_digits", "train.epochs=4", "hydra.launcher.score.at_once=1"]
    arguments += ["hydra.launcher.score.memory=4", "hydra.launcher.score.cpus=1", *engine]
    return arguments, ablate(work, *arguments)


def test_training_and_scoring_are_two_waves_with_resources_of_their_own(waves, work):
    arguments, shown = waves
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert set(states(shown).values()) == {"done"}
    arms = [arm for arm in work.glob("runs/arms/*") if json.loads((arm / "job.json").read_text()).get("scoring")]
    assert len(arms) == 2
    jobs = [json.loads((arm / "job.json").read_text()) for arm in arms]
    assert len({job["job"] for job in jobs}) == 2
    (scoring,) = {job["scoring"]["job"] for job in jobs}
    described = slurm("scontrol", "show", "job", scoring)
    assert "MinMemoryNode=4G" in described
    assert "JobName=score-waves-0" in described
    assert all(list(arm.glob("scores/*/items.parquet")) for arm in arms)
    assert "all arms are done" in ablate(work, *arguments, "hydra.launcher.dry_run=true").stdout


def test_what_slurm_refuses_is_one_message(work):
    refused = ablate(work, "runs=refused", "hydra.launcher.partition=nowhere")
    assert refused.returncode == 2
    assert refused.stderr.startswith("ablate: hydra/launcher: Slurm refuses the job: sbatch: error: invalid partition specified: nowhere")
    assert not list(work.glob("refused/single/clean-*"))
