"""The text of `--help`: what can be perturbed, which profiles there are, and how to say it."""

from pathlib import Path

GROUPS = (
    ("perturb", "Perturbations"),
    ("data", "Data"),
    ("profile", "Profiles"),
    ("hydra/launcher", "Where the arms of a sweep run, with -m"),
)
EXAMPLES = (
    ("python -m ablate", "the clean arm on the embedded tiny world"),
    ("python -m ablate +perturb=shuffle_steps dose=0.33", "a third of the steps change places"),
    ("python -m ablate perturb=[delete_steps,corrupt_digits] dose=0.2 seed=1", "two perturbations in order, another seed"),
    ("python -m ablate +perturb=wrong_answer train=full", "all parameters in place of LoRA"),
    ("python -m ablate +perturb=shuffle_steps data=file data.path=traces.jsonl", "your own traces"),
)


def text(folders: list[Path]) -> str:
    """The help text; `folders` are config trees, ours first, whose files say in their first comment what they are."""
    lines = ["ablate: what carries the learning from reasoning traces, structure or content?", ""]
    lines += ["  python -m ablate [+perturb=NAME] [key=value ...]     one arm: perturb → fine-tune → evaluate → record"]
    for group, title in GROUPS:
        lines += ["", f"{title} ({group}=…):", *options(folders, group)]
    lines += ["", "Examples:"]
    for command, meaning in EXAMPLES:
        lines += [f"  {command}", f"      {meaning}"]
    lines += ["", "Every key: python -m ablate --cfg job.  Hydra's own flags: python -m ablate --hydra-help."]
    return "\n".join(lines)


def options(folders: list[Path], group: str) -> list[str]:
    """One line for each file of a config group."""
    return [f"  {path.stem:<18}{describe(path)}" for folder in folders for path in sorted((folder / group).glob("*.yaml"))]


def describe(path: Path) -> str:
    """The first comment of a config file that is no directive to Hydra."""
    comments = (line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("# "))
    return next((comment for comment in comments if not comment.startswith("@")), "")
