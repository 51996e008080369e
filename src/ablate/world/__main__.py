"""`python -m ablate.world`: make the base model again, from nothing, with its log and its skill table."""

import argparse
from pathlib import Path

from ablate.world.base import Recipe, teach


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ablate.world", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("world"), help="folder for the checkpoint (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=Recipe.steps, help="training steps (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)

    table = teach(Recipe(steps=options.steps), options.seed, options.out)
    for name, share in table.items():
        print(f"{name:12} {share:.2f}")
    print(f"saved in {options.out}")


if __name__ == "__main__":
    main()
