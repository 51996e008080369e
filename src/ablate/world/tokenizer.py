"""The tiny world's tokenizer: byte-level BPE with single digits, under Qwen2's own class and splitting rules.

`AutoTokenizer` rebuilds whatever lies beside a Qwen2 config as a `Qwen2Tokenizer`, with Qwen2's splitting. This tokenizer is trained with
that splitting, so the rebuilt one gives the same ids, whether TRL, lm-eval or vLLM loads it, as an object or by path.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ablate.world.reasoning import SOLUTION, THOUGHT

if TYPE_CHECKING:
    from transformers import Qwen2Tokenizer

VOCABULARY = 512
END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
TAGS = [part.strip() for part in (*THOUGHT, *SOLUTION)]

CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)


def train_tokenizer(texts: Iterator[str]) -> "Qwen2Tokenizer":
    """Learn the merges from texts; chat markers are special tokens, thought and solution tags plain added ones, so they decode."""
    from tokenizers import AddedToken
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.trainers import BpeTrainer
    from transformers import Qwen2Tokenizer

    markers = [END_OF_TEXT, TURN_START, TURN_END]
    backend = Qwen2Tokenizer().backend_tokenizer
    trainer = BpeTrainer(
        vocab_size=VOCABULARY - len(markers) - len(TAGS),
        initial_alphabet=sorted(ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    learned = json.loads(backend.to_str())["model"]

    tokenizer = Qwen2Tokenizer(
        vocab=learned["vocab"],
        merges=[tuple(merge) for merge in learned["merges"]],
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        additional_special_tokens=[TURN_START],
        chat_template=CHAT_TEMPLATE,
        model_max_length=1024,
    )
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in TAGS])
    return tokenizer
