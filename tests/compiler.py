"""What a machine without a compiler can't run."""

import shutil

import pytest

NEEDS_COMPILER = pytest.mark.skipif(not shutil.which("g++"), reason="DeepSpeed builds its Adam for offloaded state with g++")
