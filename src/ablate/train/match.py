"""As many training tokens as the clean arm, so that length is no longer a confound."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ablate.config import MatchBy, Train

if TYPE_CHECKING:
    import pandas


def match_tokens(
    traces: "pandas.DataFrame", clean: Sequence[int], perturbed: Sequence[int], train: Train, seed: int
) -> tuple["pandas.DataFrame", float]:
    """The traces to train on and for how many epochs, so that the loss sees as many tokens as in the clean arm.

    Length alone drives gains (2503.18069). Either more or fewer epochs over all traces, or the same epochs over traces drawn again or left
    out, by hash of seed and id.

    Args:
        traces: one row per trace, with its `id`.
        clean: the tokens of each clean trace that the loss would see.
        perturbed: those of each perturbed trace.
    """
    if train.match_by is MatchBy.epochs:
        return traces, float(train.epochs * sum(clean) / sum(perturbed))
    names = traces["id"].tolist()
    order = sorted(range(len(names)), key=lambda at: hashlib.blake2b(f"{seed}\0{names[at]}\0match".encode(errors="surrogatepass")).digest())
    passes, rest = divmod(sum(clean), sum(perturbed))
    chosen = list(range(len(names))) * passes
    for at in order:
        if rest < perturbed[at] / 2:
            break
        rest -= perturbed[at]
        chosen.append(at)
    return traces.iloc[sorted(chosen)], train.epochs
