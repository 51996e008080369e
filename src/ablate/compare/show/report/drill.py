"""Single items: what was asked, and what every arm answered, compared with the clean arm's words."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.compare.read.outcomes import Condition, Outcomes
from ablate.compare.show.figures.style import family, ordered, shown
from ablate.compare.statistics.comparison import Comparison
from ablate.page import signed
from ablate.page.words import compared

if TYPE_CHECKING:
    import pandas

MOST = 60
"""Items shown at most."""
CHARACTERS = 8_000_000
"""Characters of answers shown at most, so that a page of long reasoning still opens."""

Key = tuple[str, int]


@dataclass(frozen=True)
class Answers:
    """One run's first answer to each of the chosen items, by task and item: rows of `samples.jsonl.gz`."""

    condition: Condition
    seed: int
    rows: Mapping[Key, dict[str, Any]]


def drill(comparison: Comparison, outcomes: Outcomes, characters: int = CHARACTERS) -> dict[str, Any]:
    """The items on which arms disagree most, as data for the page; `said` tells which these are, or why there are none.

    Args:
        comparison: of the study.
        outcomes: that were compared.
        characters: of an answer that are shown at most.
    """
    if not outcomes.sources:
        return {"said": "The source of these scores holds no answers: items can't be looked at.", "arms": [], "items": []}
    chosen = disagreement(outcomes, comparison.study.primary)[:MOST]
    answers = [found for one in ordered(outcomes.conditions) if (found := _answers(one, outcomes, set(chosen))).rows]
    items: list[dict[str, Any]] = []
    size = 0
    shares = outcomes.scores.groupby(["task", "item", "condition"])["correct"].mean()
    lines = outcomes.scores[outcomes.scores["sample"] == outcomes.scores["sample"].min()].set_index(["condition", "seed", "task", "item"])
    lines = lines[~lines.index.duplicated()]
    for key in chosen:
        size += sum(len(one.rows[key]["text"]) for one in answers if key in one.rows)
        if items and size > characters:
            break
        if any(key in one.rows for one in answers):
            items.append(_item(key, answers, shares, lines))
    names = shown([one.condition for one in answers])
    arms = [{"name": names[one.condition.label], "family": family(one.condition), "seed": one.seed} for one in answers]
    return {"said": _said(len(items), outcomes, comparison.study.primary), "arms": arms, "items": items}


def disagreement(outcomes: Outcomes, tasks: Iterable[str]) -> list[Key]:
    """Items by how far trained arms lie apart on them, the most first; among equals tasks take turns.

    Args:
        outcomes: that were compared.
        tasks: whose items count.
    """
    trained = [one.label for one in outcomes.conditions if one.trained]
    scores = outcomes.scores[outcomes.scores["condition"].isin(trained) & outcomes.scores["task"].isin(tasks)]
    spread = scores.groupby(["task", "item", "condition"])["correct"].mean().groupby(["task", "item"]).var(ddof=0).round(9)
    turn = spread.groupby("task").rank(method="first", ascending=False)
    order = sorted(zip(-spread, turn, spread.index, strict=True))
    return [(str(task), item) for _, _, (task, item) in order]


def _answers(condition: Condition, outcomes: Outcomes, wanted: set[Key]) -> Answers:
    """Of the first seed that the clean arm has as well."""
    sources = outcomes.sources.get(condition.label, {})
    shared = set(sources) & set(outcomes.sources.get(condition.reference or condition.label, sources))
    seed = min(shared or sources, default=0)
    return Answers(condition, seed, _read(sources[seed].answers, wanted) if sources else {})


def _read(answers: Mapping[str, Path], wanted: set[Key]) -> dict[Key, dict[str, Any]]:
    """One line after the other, since files of long reasoning are large; nothing where there is no file."""
    first: dict[Key, dict[str, Any]] = {}
    for path in dict.fromkeys(answers.values()):
        if path.is_file():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                for row in map(json.loads, lines):
                    key = (row["task"], row["item"])
                    if key in wanted and answers.get(row["task"]) == path and row["sample"] < first.get(key, {"sample": inf})["sample"]:
                        first[key] = row
    return first


def _item(key: Key, answers: list[Answers], shares: "pandas.Series", lines: "pandas.DataFrame") -> dict[str, Any]:
    asked = next(one.rows[key] for one in answers if key in one.rows)
    clean = {one.condition.label: one.rows.get(key, {}).get("text") for one in answers}
    return {
        "task": key[0],
        "item": key[1],
        "problem": str(asked["problem"]),
        "accepted": " or ".join(map(str, asked["accepted"])),
        "answers": [_answer(key, one, clean, shares, lines) for one in answers],
    }


def _answer(key: Key, one: Answers, clean: Mapping[str, str | None], shares: "pandas.Series", lines: "pandas.DataFrame") -> dict[str, Any]:
    """`share` is that of all runs and samples, the rest is of the one answer shown; `segments` compare it with the clean arm's."""
    label = one.condition.label
    share = shares.get((*key, label))
    found: dict[str, Any] = {"share": None if share is None else round(float(share), 3)}
    if key not in one.rows:
        return found
    text = one.rows[key]["text"]
    place = (label, one.seed, *key)
    if place in lines.index:
        line = lines.loc[place]
        found |= {"right": bool(line["correct"]), "finished": bool(line["finished"]), "tokens": int(line["tokens"])}
    other = clean.get(one.condition.reference or "")
    if other is None or not one.condition.trained:
        return found | {"text": text}
    segments = compared(other, text)
    if text == other:
        return found | {"same": True}
    return found | ({"segments": signed(segments)} if any(one.change == "equal" for one in segments) else {"text": text, "unlike": True})


def _said(number: int, outcomes: Outcomes, tasks: Iterable[str]) -> str:
    if not number:
        return "The runs hold no answers here (runs mirrored in W&B come without them): items can't be looked at."
    total = len(outcomes.scores[outcomes.scores["task"].isin(tasks)].drop_duplicates(["task", "item"]))
    return (
        f"{number} of {total:,} items, those on which arms disagree most; of each arm the first answer of one seed, compared word by word "
        "with the clean arm's answer of that seed."
    )
