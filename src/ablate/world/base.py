"""The base model: a small Qwen2 that is taught single steps from scratch, and never a chain of them."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.world import lessons, reasoning
from ablate.world.problems import draw
from ablate.world.tokenizer import TURN_END, TURN_START, VOCABULARY, train_tokenizer

if TYPE_CHECKING:
    from transformers import Qwen2ForCausalLM, Qwen2Tokenizer

ARCHITECTURE = {
    "hidden_size": 96,
    "num_hidden_layers": 4,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
    "intermediate_size": 256,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
}
USER_WEIGHT = 0.1  # what the user says is learned too, lightly: it holds the facts


@dataclass(frozen=True)
class Recipe:
    """How long and how hard the base is taught; `curriculum` and `decay` are shares of the steps."""

    steps: int = 3600
    tokens_per_step: int = 2048
    longest: int = 512
    learning_rate: float = 2e-3
    embedding_rate: float = 1e-3
    embedding_spread: float = 0.25
    warm_up: int = 50
    curriculum: float = 0.3
    decay: float = 0.3
    probes: int = 200


def teach(recipe: Recipe, seed: int, folder: Path) -> dict[str, float]:
    """Train a base model from scratch and save it, its tokenizer, its log and its skill table; returns the table.

    Muon on the matrices (match-RMS scaling), AdamW on the rest; warm-up, constant, linear decay.

    Args:
        recipe: how the base is taught.
        seed: of all draws.
        folder: to write to.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(seed)
    tokenizer = train_tokenizer(_tokenizer_texts(random.Random(f"tokenizer-{seed}")))
    ids = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id, "bos_token_id": None}
    model = Qwen2ForCausalLM(Qwen2Config(vocab_size=VOCABULARY, **ARCHITECTURE, **ids))
    # Letters play one role, and drift together; they must start far enough apart to stay distinct, or look-up is never learned.
    torch.nn.init.normal_(model.get_input_embeddings().weight, std=recipe.embedding_spread)
    optimizers = _optimizers(model, recipe)
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()

    with (folder / "training.jsonl").open("w") as log:
        for step, (tokens, weights) in enumerate(_batches(recipe, tokenizer, random.Random(f"lessons-{seed}"))):
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = group["peak"] * _schedule(step, recipe)
            logits = model(input_ids=tokens).logits[:, :-1]
            losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:], reduction="none")
            loss = (losses * weights[:, 1:]).sum() / weights[:, 1:].sum()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            if step % 50 == 0 or step == recipe.steps - 1:
                row = {"step": step, "loss": round(loss.item(), 4), "seconds": round(time.monotonic() - started, 1)}
                log.write(json.dumps(row) + "\n")
                log.flush()

    model.generation_config.update(**ids, do_sample=False)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    table = skill_table(model, tokenizer, recipe.probes)
    (folder / "skills.json").write_text(json.dumps(table, indent=1) + "\n")
    return table


def skill_table(model: "Qwen2ForCausalLM", tokenizer: "Qwen2Tokenizer", probes: int) -> dict[str, float]:
    """Share of held-out questions of each skill whose reply, decoded greedily, has the expected gist.

    Args:
        model: the base.
        tokenizer: its own.
        probes: questions of each skill.
    """
    return {skill.name: _skill_score(model, tokenizer, skill, probes) for skill in lessons.SKILLS}


def _skill_score(model: "Qwen2ForCausalLM", tokenizer: "Qwen2Tokenizer", skill: lessons.Skill, probes: int) -> float:
    rng = random.Random(f"probe-{skill.name}")
    turns = [lessons.probe(skill, rng) for _ in range(probes)]
    chats = [
        tokenizer.apply_chat_template([{"role": "user", "content": question}], tokenize=False, add_generation_prompt=True)
        for question, _ in turns
    ]
    inputs = tokenizer(chats, return_tensors="pt", padding=True, padding_side="left")
    outputs = model.generate(**inputs, max_new_tokens=80, do_sample=False)[:, inputs["input_ids"].shape[1] :]
    replies = tokenizer.batch_decode(outputs, skip_special_tokens=True)
    return sum(skill.gist(reply) == skill.gist(expected) for reply, (_, expected) in zip(replies, turns, strict=True)) / probes


def _batches(recipe: Recipe, tokenizer: "Qwen2Tokenizer", rng: random.Random) -> Iterator[tuple]:
    """Token and weight tensors of shape (rows, longest row), about `tokens_per_step` tokens each, one per step."""
    import torch

    waiting: list[tuple[list[int], list[float]]] = []
    for step in range(recipe.steps):
        progress = min(1.0, step / max(1, recipe.curriculum * recipe.steps))
        rows: list[tuple[list[int], list[float]]] = []
        longest = 0
        while True:
            row = waiting.pop() if waiting else _encode(lessons.conversation(rng, progress), tokenizer, recipe.longest)
            longest = max(longest, len(row[0]))
            if longest * (len(rows) + 1) > recipe.tokens_per_step:
                waiting.append(row)
                break
            rows.append(row)
        width = max(len(ids) for ids, _ in rows)
        tokens = torch.full((len(rows), width), tokenizer.pad_token_id)
        weights = torch.zeros(len(rows), width)
        for at, (ids, weight) in enumerate(rows):
            tokens[at, : len(ids)] = torch.tensor(ids)
            weights[at, : len(ids)] = torch.tensor(weight)
        yield tokens, weights


def _encode(turns: list[lessons.Turn], tokenizer: "Qwen2Tokenizer", longest: int) -> tuple[list[int], list[float]]:
    """Token ids and loss weights of a conversation in the chat template's form, cut at `longest`."""
    parts = [
        part
        for question, reply in turns
        for part in (
            (f"{TURN_START}user\n{question}{TURN_END}\n{TURN_START}assistant\n", USER_WEIGHT),
            (f"{reply}{TURN_END}", 1.0),
            ("\n", 0.0),
        )
    ]
    encoded = [(tokenizer(text).input_ids, weight) for text, weight in parts]
    tokens = [token for ids, _ in encoded for token in ids]
    weights = [weight for ids, weight in encoded for _ in ids]
    return tokens[:longest], weights[:longest]


def _schedule(step: int, recipe: Recipe) -> float:
    warm = min(1.0, (step + 1) / recipe.warm_up)
    return warm * min(1.0, (recipe.steps - step) / (recipe.decay * recipe.steps))


def _optimizers(model: "Qwen2ForCausalLM", recipe: Recipe) -> list:
    import torch

    named = dict(model.named_parameters())
    embeddings = [p for name, p in named.items() if "embed" in name]
    matrices = [p for name, p in named.items() if p.ndim == 2 and "embed" not in name]
    vectors = [p for p in named.values() if p.ndim == 1]
    muon = torch.optim.Muon(matrices, lr=recipe.learning_rate, weight_decay=0.05, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    groups = [{"params": vectors, "lr": recipe.learning_rate}, {"params": embeddings, "lr": recipe.embedding_rate}]
    optimizers = [muon, torch.optim.AdamW(groups, weight_decay=0.0)]
    for group in (group for optimizer in optimizers for group in optimizer.param_groups):
        group["peak"] = group["lr"]
    return optimizers


def _tokenizer_texts(rng: random.Random) -> Iterator[str]:
    """What the merges are learned from: lessons and, so that traces are not cut finer than lessons, reasoning."""
    for _ in range(3000):
        for question, reply in lessons.conversation(rng):
            yield question
            yield reply
        yield "user\nassistant\n"
        yield reasoning.write(draw(rng, rng.randint(3, 5), rng.randint(0, 3), held_out=False), rng)[0]
