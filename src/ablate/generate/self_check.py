"""Whether an engine that serves several students keeps them apart: each has to say beside the others what it says alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ablate.errors import UserError
from ablate.generate.request import Engine, Request, Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TEXTS = (
    "What is 17 plus 25?",
    "Name a city in the north.",
    "Put these in order: c, a, b.",
    "Kai has 3 apples and eats one. How many are left?",
)
"""Prompts of which every student has an opinion."""
SAMPLING = Sampling(max_new_tokens=16)
TIMES = 4
"""How often each is asked among the others, so that batches are mixed in many ways."""


def check_apart(engine: Engine, tokenizer: "PreTrainedTokenizerBase", adapters: Sequence[str], at_once: int) -> None:
    """Ask the student itself and each adapter the same, alone and then mixed.

    Rounding may change a word of an answer beside others; only another student's answers in place of its own are a fault.

    Args:
        engine: just started.
        tokenizer: the student's.
        adapters: that it serves, by folder.
        at_once: how many of them are asked beside each other.

    Raises:
        UserError: beside others a student says oftener what another one says alone than what it says alone itself.
    """
    prompts = [_prompt(text, tokenizer) for text in TEXTS]
    students: list[str | None] = [None, *adapters]

    def requests(student: str | None, times: int) -> list[Request]:
        return [Request(f"{number}", prompt, tuple(range(times)), student) for number, prompt in enumerate(prompts)]

    alone = {student: {answer.request: answer.text for answer in engine.generate(requests(student, 1), SAMPLING)} for student in students}
    for start in range(0, max(1, len(adapters)), at_once):
        block = adapters[start : start + at_once]
        asked = [request for together in zip(*(requests(student, TIMES) for student in block), strict=True) for request in together]
        said: dict[str | None, list[tuple[str, str]]] = {}
        for answer in engine.generate([*asked, *requests(None, TIMES)], SAMPLING):
            said.setdefault(answer.adapter, []).append((answer.request, answer.text))
        for student, answers in said.items():
            agree = {other: sum(alone[other][request] == text for request, text in answers) for other in students}
            other = max(students, key=lambda one: agree[one])
            if agree[other] > agree[student]:
                mine, others = student or "the untrained student", other or "the untrained student"
                raise UserError(
                    f"evaluate.engine: beside others {mine} gives {agree[other]} of {len(answers)} answers as {others} does alone, and "
                    f"{agree[student]} as it does alone itself: scores would be mixed up, so nothing is scored. Take evaluate/engine=hf, "
                    "or a version of the engine without the fault (vllm#48421)"
                )


def _prompt(text: str, tokenizer: "PreTrainedTokenizerBase") -> tuple[int, ...]:
    rendered = tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False, add_generation_prompt=True)
    return tuple(tokenizer(rendered, add_special_tokens=False)["input_ids"])
