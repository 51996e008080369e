"""`python -m ablate.train FOLDER`: one of the processes that torchrun starts for an arm."""

import os
import sys
import threading
from pathlib import Path

from torch.distributed.elastic.multiprocessing.errors import record


@record
def main() -> None:
    """Train on what the folder holds; rank 0 tells how far it is, and what came out."""
    from torch.distributed import destroy_process_group

    from ablate.train.job_folder import JobFolder
    from ablate.train.optimise import optimise

    threading.Thread(target=_end_with_the_arm, daemon=True).start()
    given = JobFolder(Path(sys.argv[1]))
    first = os.environ["RANK"] == "0"
    curve, ran = optimise(*given.take(), *((given.tell, given.log) if first else (_silent, _silent)))
    if first:
        given.finish(curve, ran)
    destroy_process_group()


def _silent(*_: object) -> None:
    """Rank 0 speaks for all."""


def _end_with_the_arm() -> None:
    """Standard input ends when the arm's process does, however it died."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
