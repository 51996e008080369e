"""Generating with transformers, in this process."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ablate.generate.request import Completion, Likelihood, Request, Sampling, sample_seed
from ablate.student.load import end_tokens

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class HuggingFace:
    """A loaded student and its tokenizer; `batch_size` rows go through it at once, which changes no answer but for rounding."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    batch_size: int

    @property
    def identity(self) -> Mapping[str, str]:
        """Rounding differs between devices, types and versions of the library."""
        import transformers

        dtype = str(self.model.dtype).removeprefix("torch.")
        return {"name": "hf", "version": transformers.__version__, "device": self.model.device.type, "dtype": dtype}

    def generate(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        """The longest prompts first, so that what does not fit into memory shows at once."""
        rows = [(request, sample) for request in requests for sample in request.samples]
        rows.sort(key=lambda row: (-len(row[0].prompt), row[0].prompt, row[1]))
        for batch in _batches(rows, self.batch_size):
            yield from self._generate(batch, sampling)

    def loglikelihood(self, requests: Iterable[tuple[Request, tuple[int, ...]]]) -> Iterator[Likelihood]:
        """Of each continuation, which has to have a token."""
        pairs = sorted(requests, key=lambda pair: -len(pair[0].prompt) - len(pair[1]))
        for batch in _batches(pairs, self.batch_size):
            yield from self._loglikelihood(batch)

    def close(self) -> None:
        """Nothing is let go of: the student belongs to whoever loaded it."""

    @contextmanager
    def _without_own_config(self) -> Iterator[None]:
        """A student's own generation config may penalise repetition, and transformers takes from it what a given one leaves open."""
        from transformers import GenerationConfig

        own = self.model.generation_config
        self.model.generation_config = GenerationConfig()
        try:
            yield
        finally:
            self.model.generation_config = own

    def _generate(self, batch: list[tuple[Request, int]], sampling: Sampling) -> Iterator[Completion]:
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        prompts = [request.prompt for request, _ in batch]
        width = max(map(len, prompts))
        ids = torch.tensor([[self._padding] * (width - len(prompt)) + list(prompt) for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        ends = sorted(self._ends)  # before the student's own config is set aside, which may name more
        config = GenerationConfig(
            do_sample=False,
            max_new_tokens=sampling.max_new_tokens,
            eos_token_id=ends,
            pad_token_id=self._padding,
            stop_strings=list(sampling.stop) or None,
        )
        noise = [] if sampling.temperature == 0 else [_Noise(batch, sampling, self.model.device)]
        with torch.inference_mode(), self._without_own_config():
            generated = self.model.generate(
                ids.to(self.model.device),
                attention_mask=mask.to(self.model.device),
                generation_config=config,
                logits_processor=LogitsProcessorList(noise),
                tokenizer=self.tokenizer if sampling.stop else None,
            )
        for (request, sample), tokens in zip(batch, generated[:, width:].tolist(), strict=True):
            yield self._completion(request.id, sample, tokens, sampling.stop)

    def _completion(self, request: str, sample: int, tokens: list[int], stop: tuple[str, ...]) -> Completion:
        """What follows an end-of-turn token is padding; a text that spells a stop ends before it."""
        ended = next((place for place, token in enumerate(tokens) if token in self._ends), None)
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True))
        places = [place for place in map(text.find, stop) if place >= 0]
        if places:
            return Completion(request, sample, text[: min(places)], True, self._until_padding(tokens), "stop_string")
        if ended is None:
            return Completion(request, sample, text, False, len(tokens), "length")
        return Completion(request, sample, text, True, ended + 1, "stop")

    def _until_padding(self, tokens: list[int]) -> int:
        """How many tokens there are before the padding of a row that ended before others of its batch."""
        count = len(tokens)
        while count and tokens[count - 1] == self._padding:
            count -= 1
        return count

    def _loglikelihood(self, batch: list[tuple[Request, tuple[int, ...]]]) -> Iterator[Likelihood]:
        import torch
        from torch.nn.utils.rnn import pad_sequence

        rows = [torch.tensor([*request.prompt, *continuation]) for request, continuation in batch]
        # Padding stands behind, so without a mask no token that counts sees it.
        ids = pad_sequence(rows, batch_first=True, padding_value=self._padding).to(self.model.device)
        with torch.inference_mode():
            logits = self.model(input_ids=ids).logits
        for (request, continuation), scores in zip(batch, logits, strict=True):
            start = len(request.prompt) - 1
            log_probabilities = scores[start : start + len(continuation)].float().log_softmax(-1)
            wanted = torch.tensor(continuation, device=scores.device)
            total = log_probabilities.gather(1, wanted[:, None]).sum().item()
            yield Likelihood(request.id, total, bool((log_probabilities.argmax(-1) == wanted).all()))

    @cached_property
    def _ends(self) -> set[int]:
        return end_tokens(self.tokenizer, self.model.generation_config)

    @cached_property
    def _padding(self) -> int:
        return int(self.tokenizer.eos_token_id if self.tokenizer.pad_token_id is None else self.tokenizer.pad_token_id)


class _Noise:
    """Sampling by the Gumbel-max trick: the largest of logits with noise added is a draw from their softmax (Gumbel 1954).

    Each row draws from a generator of its own, so that neither its batch nor its place in it has a say.
    """

    def __init__(self, batch: list[tuple[Request, int]], sampling: Sampling, device: "torch.device") -> None:
        import torch

        self._sampling = sampling
        self._generators = [
            torch.Generator(device).manual_seed(sample_seed(sampling.seed, request.id, sample)) for request, sample in batch
        ]

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Scores of shape (rows, vocabulary), of which the largest is taken."""
        import torch
        from transformers import TopPLogitsWarper

        scores = scores.float() / self._sampling.temperature
        if self._sampling.top_p < 1:
            scores = TopPLogitsWarper(self._sampling.top_p)(input_ids, scores)
        drawn = [torch.empty_like(row).exponential_(generator=one) for row, one in zip(scores, self._generators, strict=True)]
        return scores - torch.stack(drawn).log()


def _batches(rows: list, size: int) -> Iterator[list]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
