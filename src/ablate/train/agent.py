"""`python -m ablate.train.agent FOLDER …`: torchrun with its own arguments, whose report of failed processes is kept as data."""

import os
import sys
from pathlib import Path

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main as torchrun

from ablate.train import rendezvous
from ablate.train.job_folder import JobFolder


def main() -> None:
    folder, *arguments = sys.argv[1:]
    try:
        torchrun(arguments)
    except ChildFailedError as error:
        failed = [
            {"rank": rank, "at": failure.timestamp, "exit_code": failure.exitcode, "said": failure.error_file_data["message"]}
            for rank, failure in error.failures.items()
        ]
        JobFolder(Path(folder)).fail(rendezvous.node(os.environ), failed)
        raise


if __name__ == "__main__":
    main()
