"""`ablate runs`: the arms there are."""


def main(arguments: list[str] | None = None) -> int:
    return 0
