"""Small local copies of the public datasets, in the files, columns and types that the hub holds them in."""

import json
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

TEXT, FLAGS = pyarrow.string(), pyarrow.list_(pyarrow.bool_())
SHAREGPT = pyarrow.list_(pyarrow.struct([("from", TEXT), ("value", TEXT)]))
MESSAGES = pyarrow.list_(pyarrow.struct([("content", TEXT), ("role", TEXT)]))
SYSTEM = "Your role as an assistant involves thoroughly exploring questions through a systematic long thinking process."
THOUGHT = "First, 2+2=4.\r\n\n  Wait, let me check: 2+2=4.\n\nYes. "


def tagged(answer: str, thought: str = THOUGHT) -> str:
    """A response as Sky-T1, Bespoke-Stratos and OpenThoughts write it."""
    solution = f"<|begin_of_solution|>\n\nSo it is \\boxed{{{answer}}}. \n\n<|end_of_solution|>"
    return f"<|begin_of_thought|>\n\n{thought}\n\n<|end_of_thought|>\n\n{solution}"


def thinking(answer: str, thought: str = THOUGHT) -> str:
    """A response as DeepSeek-R1 writes it."""
    return f"<think>\n{thought}\n</think>\n\nSo it is \\boxed{{{answer}}}."


def sharegpt(problem: str, response: str) -> dict[str, Any]:
    said = [{"from": "user", "value": problem}, {"from": "assistant", "value": response}]
    return {"system": SYSTEM, "conversations": said}


def sky_t1(folder: Path, responses: list[str]) -> None:
    """One file with one array."""
    rows = [sharegpt(f"Return your final response within \\boxed{{}}. p{at}", text) for at, text in enumerate(responses)]
    (folder / "Sky-T1_data_17k.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False), encoding="utf-8")
    (folder / "README.md").write_text("---\nsize_categories:\n- 10K<n<100K\nlicense: apache-2.0\n---\n# Sky-T1\n")


def bespoke_stratos(folder: Path, responses: list[str]) -> None:
    rows = [sharegpt(f"p{at}", text) for at, text in enumerate(responses)]
    write(folder / "data" / "train-00000-of-00001.parquet", rows, {"system": TEXT, "conversations": SHAREGPT})


def openthoughts(folder: Path, responses: list[str]) -> None:
    """Two subsets, told apart by the card."""
    rows = [sharegpt(f"p{at}", text) for at, text in enumerate(responses)]
    half = -(-len(rows) // 2)
    for number, shard in enumerate(filter(None, (rows[:half], rows[half:]))):
        write(folder / "data" / f"train-0000{number}-of-00002.parquet", shard, {"system": TEXT, "conversations": SHAREGPT})
    names = ["problem", "deepseek_reasoning", "deepseek_solution", "ground_truth_solution", "domain", "source"]
    columns = {**dict.fromkeys(names, TEXT), "test_cases": TEXT, "starter_code": TEXT}
    metadata = [
        dict(zip(names, (f"p{at}", THOUGHT, f"It is \\boxed{{{at}}}.", f"Short: \\boxed{{{at}}}", "math", "aops"), strict=True))
        for at in range(len(rows))
    ]
    write(folder / "metadata" / "train-00000-of-00001.parquet", metadata, columns)
    card = "---\nconfigs:\n"
    for name, path in (("default", "data"), ("metadata", "metadata")):
        card += f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {path}/train-*\n"
    (folder / "README.md").write_text(card + "---\n")


def openr1_math(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Each row: `generations`, and what checker and judge said of them."""
    texts = ["problem", "solution", "answer", "problem_type", "question_type", "source", "uuid"]
    columns = {
        **dict.fromkeys(texts, TEXT),
        "is_reasoning_complete": FLAGS,
        "generations": pyarrow.list_(TEXT),
        "correctness_math_verify": FLAGS,
        "correctness_llama": FLAGS,
        "finish_reasons": pyarrow.list_(TEXT),
        "correctness_count": pyarrow.int64(),
        "messages": MESSAGES,
    }
    full = [{**dict.fromkeys(columns), "problem": f"p{at}", "uuid": f"uuid-{at}", **row} for at, row in enumerate(rows)]
    write(folder / "data" / "train-00000-of-00001.parquet", full, columns)


def s1k(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Each row: `deepseek_thinking_trajectory`, `deepseek_attempt`, `deepseek_grade`."""
    names = ["solution", "question", "cot_type", "source_type", "metadata", "gemini_thinking_trajectory", "gemini_attempt"]
    names += ["deepseek_thinking_trajectory", "deepseek_attempt", "gemini_grade", "gemini_grade_reason", "deepseek_grade"]
    columns = dict.fromkeys([*names, "deepseek_grade_reason"], TEXT)
    full = [{**dict.fromkeys(columns), "question": f"p{at}", "solution": f"Short {at}.", **row} for at, row in enumerate(rows)]
    write(folder / "data" / "train-00000-of-00001.parquet", full, columns)


def limo(folder: Path, solutions: list[str]) -> None:
    rows = [{"question": f"p{at}", "solution": text, "answer": str(at)} for at, text in enumerate(solutions)]
    (folder / "limo.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def numina_math(folder: Path, solutions: list[str]) -> None:
    rows = [
        {
            "source": "olympiads",
            "problem": f"p{at}",
            "solution": text,
            "messages": [{"content": f"p{at}", "role": "user"}, {"content": text, "role": "assistant"}],
        }
        for at, text in enumerate(solutions)
    ]
    columns = {"source": TEXT, "problem": TEXT, "solution": TEXT, "messages": MESSAGES}
    write(folder / "data" / "train-00000-of-00001.parquet", rows, columns)
    write(folder / "data" / "test-00000-of-00001.parquet", rows[:1], columns)


def write(path: Path, rows: list[dict[str, Any]], columns: dict[str, pyarrow.DataType]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows, pyarrow.schema(list(columns.items()))), path)
