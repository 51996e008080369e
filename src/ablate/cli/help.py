"""The text of `--help`: what can be perturbed, which profiles there are, and how to say it."""

from pathlib import Path

from ablate.cli.subcommands import SUBCOMMANDS
from ablate.sweeps import FOLDER

GROUPS = (
    ("perturb", "Perturbations"),
    ("data", "Data"),
    ("profile", "Profiles"),
    ("evaluate", "Benchmarks"),
    ("hydra/launcher", "Where the arms of a sweep run, with -m"),
)
EXAMPLES = (
    ("python -m ablate", "the clean arm on the embedded tiny world"),
    ("python -m ablate +perturb=shuffle_steps dose=0.33", "a third of the steps change places"),
    ("python -m ablate perturb=[delete_steps,corrupt_digits] dose=0.2 seed=1", "two perturbations in order, another seed"),
    ("python -m ablate +perturb=wrong_answer train=full", "all parameters in place of LoRA"),
    ("python -m ablate +perturb=shuffle_steps data=file data.path=traces.jsonl", "your own traces"),
    ("python -m ablate -m +perturb=shuffle_steps,corrupt_digits dose=0.1,0.33 seed=0,1", "a grid of arms, side by side"),
    ("python -m ablate -m +sweep=structure_vs_content --dry-run", "a study: what is done, and what the rest will take"),
    ("python -m ablate -m +sweep=structure_vs_content", "the study; the same command goes on from there"),
)


def text(folders: list[Path]) -> str:
    """The help text; `folders` are config trees, ours first, whose files say in their first comment what they are."""
    lines = ["ablate: what carries the learning from reasoning traces, structure or content?", ""]
    lines += ["  python -m ablate [+perturb=NAME] [key=value ...]     one arm: perturb → fine-tune → evaluate → record"]
    lines += ["", "Subcommands, each with a --help of its own:", *(f"  {name:<24}{meaning}" for name, (_, meaning) in SUBCOMMANDS.items())]
    for group, title in GROUPS:
        lines += ["", f"{title} ({group}=…):", *options(folders, group)]
    lines += ["", "Sets of the benchmarks, each at its commit († stands in other people's code, not checked):", *_sets()]
    lines += ["", "Studies (-m +sweep=…):", *(_line(path) for path in sorted(FOLDER.glob("*.yaml")))]
    lines += ["", "Examples:"]
    for command, meaning in EXAMPLES:
        lines += [f"  {command}", f"      {meaning}"]
    lines += ["", "Every key: python -m ablate --cfg job.  Hydra's own flags: python -m ablate --hydra-help."]
    return "\n".join(lines)


def _sets() -> list[str]:
    from ablate.evaluate.benchmarks.table import table

    return [f"  {task:<28}{hub:<38}{commit:<13}{rows:>9}  {rule}" for task, hub, commit, rows, rule in table()]


def options(folders: list[Path], group: str) -> list[str]:
    """One line for each file of a config group.

    Args:
        folders: config trees, ours first.
        group: of the files.
    """
    return [_line(path) for folder in folders for path in sorted((folder / group).glob("*.yaml"))]


def _line(path: Path) -> str:
    return f"  {path.stem:<24}{describe(path)}"


def describe(path: Path) -> str:
    """The first comment of a config file that is no directive to Hydra."""
    comments = (line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
    return next((comment for comment in comments if not comment.startswith("@")), "")
