"""The rule `instructions`: an answer follows all that its prompt asks of its form (IFEval, Zhou et al. 2311.07911, strict)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from ablate.evaluate.judge.answered import Answered, Verdict
from ablate.evaluate.judge.final_answer import after_thought


def judge(answers: Sequence[Answered], workers: int) -> list[Verdict]:
    """The verdict on each answer, by the checkers that lm-eval brings.

    Args:
        answers: finished ones; the facts are `instructions`, `kwargs` and the `prompt`.
        workers: not needed.
    """
    return [_verdict(answer) for answer in answers]


def _verdict(answer: Answered) -> Verdict:
    said = after_thought(answer.text)
    broken = [name for name, followed in _followed(said, answer.facts) if not followed]
    return Verdict(not broken, f"not followed: {', '.join(broken)}" if broken else "all instructions followed")


def _followed(said: str, facts: Any) -> Iterator[tuple[str, bool]]:
    for name, given in zip(facts["instructions"], facts["kwargs"], strict=True):
        instruction = _registry()[name](name)
        instruction.build_description(**given)
        arguments = instruction.get_instruction_args()
        if arguments and "prompt" in arguments:
            instruction.build_description(prompt=facts["prompt"])
        yield name, bool(said.strip()) and bool(instruction.check_following(said))


@cache
def _registry() -> Any:
    """The checkers. They ask for a download of sentence rules when they are imported; nltk's own splitter, without rules for abbreviations,
    takes their place, and language detection is seeded, since it draws."""
    import langdetect

    langdetect.DetectorFactory.seed = 0
    with _nothing_downloaded():
        from lm_eval.tasks.ifeval import instructions, instructions_registry, instructions_util
    from nltk.tokenize import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    instructions_util.count_sentences = lambda text: len(PunktSentenceTokenizer().tokenize(text))
    instructions_util.nltk.word_tokenize = lambda text, *_, **__: NLTKWordTokenizer().tokenize(text)
    instructions.instructions_util = instructions_util
    return instructions_registry.INSTRUCTION_DICT


@contextmanager
def _nothing_downloaded() -> Iterator[None]:
    import nltk

    found = nltk.data.find
    nltk.data.find = lambda *_, **__: None
    try:
        yield
    finally:
        nltk.data.find = found
