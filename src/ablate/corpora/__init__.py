"""Where traces come from."""

from ablate.config import Data
from ablate.corpora import file, tiny
from ablate.corpora.corpus import Corpus, Rejected

__all__ = ["Corpus", "Rejected", "load"]


def load(data: Data) -> Corpus:
    """The corpus that `data.source` names; raises a `UserError` that names file and row where it can't be used."""
    return {"tiny": tiny, "file": file}[data.source].load(data)
