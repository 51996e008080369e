import pytest

from ablate.launcher.queue import Queued, State, parse, state


@pytest.mark.parametrize(
    ("said", "slurm", "submitted", "expected"),
    [
        (None, None, False, State.new),
        ("failed", None, False, State.new),  # on this machine, not under Slurm
        ("done", None, False, State.done),
        ("done", "RUNNING", True, State.done),
        ("pending", "PENDING", True, State.pending),
        ("interrupted", "PENDING", True, State.pending),
        ("failed", "REQUEUED", True, State.pending),
        ("pending", "RUNNING", True, State.running),
        ("running", "COMPLETING", True, State.running),
        ("failed", "FAILED", True, State.failed),
        ("failed", None, True, State.failed),
        ("running", "CANCELLED", True, State.stopped),
        ("pending", "CANCELLED", True, State.stopped),
        ("running", "OUT_OF_MEMORY", True, State.stopped),
        ("interrupted", None, True, State.stopped),
    ],
)
def test_the_folder_says_done_and_failed_and_the_queue_the_rest(said, slurm, submitted, expected):
    job = Queued(slurm, "None", "arm") if slurm else None
    assert state({"state": said} if said else {}, job, submitted) is expected


def test_lines_of_the_queue_are_read_by_job():
    lines = "7_1|PENDING|(Priority)|shuffle_steps-1-lora-s0-abc\n7_0|RUNNING|None|clean-lora-s0-def\n9|CANCELLED|None|odd|name\n"
    assert parse(lines) == {
        "7_1": Queued("PENDING", "(Priority)", "shuffle_steps-1-lora-s0-abc"),
        "7_0": Queued("RUNNING", "None", "clean-lora-s0-def"),
        "9": Queued("CANCELLED", "None", "odd|name"),
    }
