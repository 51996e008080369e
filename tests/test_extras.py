"""What not everyone needs: without it the rest works, and what needs it says what to type."""

import subprocess
import sys

import pytest

from arms import write_arm

HIDDEN = """
import sys
from importlib.abc import MetaPathFinder

hidden = sys.argv.pop(1)

class Hidden(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == hidden:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
from ablate.cli.command import main
main()
"""


def without(package, folder, *arguments):
    return subprocess.run([sys.executable, "-c", HIDDEN, package, *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("package", "arguments", "wanted", "extra"),
    [
        ("deepspeed", ["train/strategy=zero2"], "train/strategy=zero2", "deepspeed"),
        ("submitit", ["-m", "hydra/launcher=slurm", "seed=0"], "hydra/launcher=slurm", "slurm"),
        ("wandb_workspaces", ["compare", "--publish"], "--publish", "report"),
    ],
)
def test_what_is_missing_is_named_with_what_to_type(tmp_path, package, arguments, wanted, extra):
    write_arm(tmp_path / "runs" / "pilot")
    shown = without(package, tmp_path, *arguments)
    assert shown.returncode == 2
    assert f"{wanted} needs {package}, which is not installed: pip install 'ablate-cot[{extra}]'" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("package", ["deepspeed", "submitit", "wandb_workspaces"])
def test_without_it_everything_else_works(tmp_path, package):
    write_arm(tmp_path / "runs" / "pilot")
    commands = [["+perturb=shuffle_steps", "--cfg", "job"], ["compare"]]
    # transformers asks the list of what is installed, from which a test can't hide DeepSpeed.
    commands += [] if package == "deepspeed" else [["-m", "seed=0,1", "--dry-run"]]
    for arguments in commands:
        shown = without(package, tmp_path, *arguments)
        assert shown.returncode == 0, shown.stderr
