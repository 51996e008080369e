"""`python -m ablate.preview`: what a perturbation does, before any training."""

from pathlib import Path

from ablate.cli.command import start

EXAMPLES = (
    ("python -m ablate.preview +perturb=shuffle_steps dose=0.33", "five traces of the embedded tiny world"),
    ("python -m ablate.preview +perturb=corrupt_digits n=20 page=digits.html", "twenty of them, on a page of that name"),
    ("python -m ablate.preview +perturb=delete_steps data=file data.path=traces.jsonl", "your own traces"),
)


def main() -> None:
    """Show the help, or let Hydra compose the config and show the traces."""
    start("ablate.preview.app", text)


def text(folders: list[Path]) -> str:
    """The help text; `folders` are config trees."""
    from ablate.cli.help import options

    lines = ["ablate.preview: what a perturbation does to traces, in the terminal and side by side on one page", ""]
    lines += ["  python -m ablate.preview +perturb=NAME [key=value ...]     the keys are those of python -m ablate, and two more:", ""]
    lines += ["  n=5                 how many traces to show, the first that the perturbation changes"]
    lines += ["  page=preview.html   the page to write; it needs no network, and ? on it names its keys"]
    lines += ["", "Perturbations (perturb=…):", *options(folders, "perturb"), "", "Examples:"]
    for command, meaning in EXAMPLES:
        lines += [f"  {command}", f"      {meaning}"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
