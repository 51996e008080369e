"""As many training tokens as the clean arm, so that length is no longer a confound."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ablate.config import MatchBy


@dataclass(frozen=True)
class Matched:
    """Which traces are trained on, by their positions, some perhaps more than once, and for how many epochs."""

    positions: list[int]
    epochs: float


def match_tokens(ids: Sequence[str], clean: Sequence[int], perturbed: Sequence[int], epochs: float, by: MatchBy, seed: int) -> Matched:
    """Equalise the tokens of an arm to those of the clean arm, after "length alone drives gains" (2503.18069).

    Args:
        clean: tokens of each clean trace, cut as in training.
        perturbed: tokens of each perturbed trace, cut as in training.
        epochs: of the clean arm.
        by: more or fewer epochs over all traces, or the same epochs over traces drawn again or left out, by hash of seed and id.
    """
    target, total = sum(clean), sum(perturbed)
    if by is MatchBy.epochs:
        return Matched(list(range(len(ids))), epochs * target / total)
    order = sorted(range(len(ids)), key=lambda at: hashlib.blake2b(f"{seed}\0{ids[at]}\0match".encode(errors="surrogatepass")).digest())
    passes, rest = divmod(target, total)
    chosen = list(range(len(ids))) * passes
    for at in order:
        if rest < perturbed[at] / 2:
            break
        rest -= perturbed[at]
        chosen.append(at)
    return Matched(sorted(chosen), epochs)
