"""From a job's environment to torchrun's arguments."""

import pytest

from ablate.errors import UserError
from ablate.train.rendezvous import arguments, first_host, job, node, nodes

TWO = {
    "SLURM_JOB_ID": "40123",
    "SLURM_JOB_NUM_NODES": "2",
    "SLURM_STEP_NUM_NODES": "2",
    "SLURM_STEP_NUM_TASKS": "2",
    "SLURM_STEP_NODELIST": "gpu[07-08]",
    "SLURM_NODEID": "0",
}


def test_one_machine_meets_itself():
    assert arguments({}, 8) == ["--standalone", "--local-addr=127.0.0.1", "--nproc-per-node=8"]
    alone = {"SLURM_JOB_ID": "7", "SLURM_JOB_NUM_NODES": "1", "SLURM_STEP_NUM_NODES": "1", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NODEID": "0"}
    assert arguments(alone, 8) == arguments({}, 8)
    assert (nodes({}), node({})) == (1, 0)


def test_several_nodes_meet_on_the_first():
    first, second = arguments(TWO, 4), arguments({**TWO, "SLURM_NODEID": "1"}, 4)
    assert first == [
        "--nnodes=2",
        "--node-rank=0",
        "--rdzv-id=40123-0",
        "--rdzv-backend=c10d",
        "--rdzv-endpoint=gpu07:20123",
        "--rdzv-conf=is_host=true",
        "--nproc-per-node=4",
    ]
    differ = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    assert differ == [("--node-rank=0", "--node-rank=1"), ("--rdzv-conf=is_host=true", "--rdzv-conf=is_host=false")]


def test_a_requeued_job_meets_under_another_name():
    assert job(TWO) != job({**TWO, "SLURM_RESTART_COUNT": "1"})


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("gpu1", "gpu1"),
        ("gpu[003-006,009],big1", "gpu003"),
        ("big1,gpu[3-6]", "big1"),
        ("rack[2-3]n[10,12]-ib", "rack2n10-ib"),
        ("10.0.0.1,10.0.0.2", "10.0.0.1"),
    ],
)
def test_the_first_host_of_a_list(listed, host):
    assert first_host(listed) == host


@pytest.mark.parametrize(
    "changes",
    [
        {"SLURM_STEP_NUM_TASKS": "8"},
        {"SLURM_STEP_NUM_NODES": "1", "SLURM_STEP_NUM_TASKS": "1"},
    ],
)
def test_other_than_one_task_on_each_node_is_refused(changes):
    with pytest.raises(UserError, match="needed is one task on each node"):
        nodes({**TWO, **changes})
