"""The subcommands of `ablate`; adding one is a line here."""

SUBCOMMANDS = {
    "evaluate": ("ablate.evaluate.__main__", "judge answers that anybody gave: evaluate judge FILE.jsonl"),
    "compare": ("ablate.compare.__main__", "what a study's arms come to, against its clean arm"),
    "plan": ("ablate.plan.__main__", "how many items, answers and seeds it takes to be sure"),
    "preview": ("ablate.preview.__main__", "what a perturbation does to traces, before any training"),
    "runs": ("ablate.cli.runs", "the arms there are; runs sync makes up what W&B lacks"),
}
"""By name: the module whose `main` takes the arguments, and what it is for. What is no subcommand is an arm, or with -m a study."""
