import pytest

from ablate.launcher.queue import Queued, State, parse, state


@pytest.mark.parametrize(
    ("finished", "status", "slurm", "submitted", "expected"),
    [
        (False, None, None, False, State.new),
        (False, "failed", None, False, State.new),  # on this machine, not under Slurm
        (True, "done", None, False, State.done),
        (True, "done", "COMPLETING", True, State.done),
        (True, "stopped", None, True, State.done),
        (False, "stopped", "COMPLETED", True, State.new),
        (False, "pending", "PENDING", True, State.pending),
        (False, "interrupted", "PENDING", True, State.pending),
        (False, "failed", "REQUEUED", True, State.pending),
        (False, "pending", "RUNNING", True, State.running),
        (False, "running", "COMPLETING", True, State.running),
        (False, "failed", "FAILED", True, State.failed),
        (False, "failed", None, True, State.failed),
        (False, "running", "CANCELLED", True, State.lost),
        (False, "pending", "CANCELLED", True, State.lost),
        (False, "running", "OUT_OF_MEMORY", True, State.lost),
        (False, "interrupted", None, True, State.lost),
    ],
)
def test_the_folder_says_done_and_failed_and_the_queue_the_rest(finished, status, slurm, submitted, expected):
    job = Queued(slurm, "None", "arm") if slurm else None
    assert state(finished, status, job, submitted) is expected


def test_lines_of_the_queue_are_read_by_job():
    lines = "7_1|PENDING|(Priority)|shuffle_steps-1-lora-s0-abc\n7_0|RUNNING|None|clean-lora-s0-def\n9|CANCELLED|None|odd|name\n"
    assert parse(lines) == {
        "7_1": Queued("PENDING", "(Priority)", "shuffle_steps-1-lora-s0-abc"),
        "7_0": Queued("RUNNING", "None", "clean-lora-s0-def"),
        "9": Queued("CANCELLED", "None", "odd|name"),
    }
