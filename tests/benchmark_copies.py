"""Local copies of the hub's benchmarks, made of real rows where they are at hand, else of small rows of the true layout."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "benchmarks"
LANGUAGES = ("de", "en", "es", "fr", "ja", "ru", "zh")


def rows_of(name):
    """The rows of a shared file."""
    path = SHARED / name
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return json.load(lines) if name.endswith(".json.gz") else [json.loads(line) for line in lines]


def write(folder, rows):
    """Rows as JSON Lines below a folder of copies."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("".join(json.dumps(row) + "\n" for row in rows))


def real(root):
    """All that the shared rows give, in the hub's layout; by task how many rows it has."""
    counts = {}

    def put(task, place, rows):
        write(root / place, rows)
        counts[task] = len(rows)

    put("ablate_math500", "HuggingFaceH4/MATH-500/test.jsonl", rows_of("math500.jsonl.gz"))
    renamed = [{"Problem": row["problem"], "Answer": row["answer"]} for row in rows_of("aime24.jsonl.gz")]
    put("ablate_aime24", "Maxwell-Jia/AIME_2024/aime_2024_problems.jsonl", renamed)
    renamed = [{"problem": row["question"], "answer": row["answer"]} for row in rows_of("aime25.jsonl.gz")]
    put("ablate_aime25", "math-ai/aime25/test.jsonl", renamed)
    renamed = [{"question": row["problem"], "answer": row["answer"]} for row in rows_of("amc23.jsonl.gz")]
    put("ablate_amc23", "math-ai/amc23/test-00000.jsonl", renamed)
    put("ablate_olympiadbench", "Hothan/OlympiadBench/OE_TO_maths_en_COMP/part.jsonl", rows_of("olympiadbench.json.gz"))
    put("ablate_gsm8k", "openai/gsm8k/main.jsonl", rows_of("gsm8k.jsonl.gz"))
    put("ablate_ifeval", "google/IFEval/ifeval_input_data.jsonl", rows_of("ifeval.jsonl.gz"))
    put("ablate_humaneval", "openai/openai_humaneval/test.jsonl", rows_of("humaneval.jsonl.gz"))
    put("ablate_humanevalplus", "evalplus/humanevalplus/test.jsonl", rows_of("humaneval.jsonl.gz"))
    put("ablate_mbpp", "google-research-datasets/mbpp/test.jsonl", rows_of("mbpp_sanitized.json.gz"))
    put("ablate_mbppplus", "evalplus/mbppplus/test.jsonl", rows_of("mbpp_sanitized.json.gz"))
    put("ablate_code_contests", "deepmind/code_contests/test.jsonl", rows_of("code_contests.json.gz"))
    with zipfile.ZipFile(SHARED / "mmlu.zip") as archive:
        names = sorted(name for name in archive.namelist() if "/test/" in name and name.endswith(".csv"))
        read = [row for name in names for row in csv.reader(io.StringIO(archive.read(name).decode()))]
    put(
        "ablate_mmlu",
        "cais/mmlu/all/test-0.jsonl",
        [{"question": q, "choices": [a, b, c, d], "answer": right} for q, a, b, c, d, right in read],
    )
    for language in LANGUAGES:
        with gzip.open(SHARED / f"mgsm_{language}.tsv.gz", "rt", encoding="utf-8") as lines:
            read = [line.rstrip("\n").split("\t") for line in lines]
        write(root / f"juletxara/mgsm/{language}/test.jsonl", [{"question": question, "answer_number": gold} for question, gold in read])
        counts[f"ablate_mgsm_{language}"] = len(read)
    for task, place, rows in small():
        put(task, place, rows)
    return counts


def small():
    """Rows of the true layout for sets of which none are at hand."""
    yield "ablate_aime26", "math-ai/aime26/test.jsonl", [{"problem": "Find 1 + 1.", "answer": "2"}]
    choices = {"text": ["ice", "steam"], "label": ["1", "2"]}
    yield (
        "ablate_arc_challenge",
        "allenai/ai2_arc/ARC-Challenge/test-0.jsonl",
        [{"question": "Cold?", "choices": choices, "answerKey": "1"}],
    )
    wrong = {f"Incorrect Answer {number}": f"w{number}" for number in (1, 2, 3)}
    yield "ablate_gpqa_diamond", "Idavidrein/gpqa/gpqa_diamond.jsonl", [{"Question": "Which?", "Correct Answer": "r", **wrong}]
    for language in ("bn", "sw", "te", "th"):
        yield f"ablate_mgsm_{language}", f"juletxara/mgsm/{language}/test.jsonl", [{"question": "1 + 1?", "answer_number": 2}]
    tests = json.dumps([{"input": "1 2", "output": "3", "testtype": "stdin"}])
    row = {
        "question_content": "Add.",
        "public_test_cases": tests,
        "private_test_cases": packed(tests),
        "metadata": "{}",
        "starter_code": "",
    }
    dated = [{**row, "contest_date": f"2024-0{month}-01T00:00:00"} for month in (1, 5, 9)]
    yield "ablate_livecodebench", "livecodebench/code_generation_lite/test.jsonl", dated
    pairs = json.dumps({"inputs": ["1 2\n"], "outputs": ["3\n"]})
    yield "ablate_apps", "codeparrot/apps/test.jsonl", [{"question": "Add.", "input_output": pairs, "starter_code": ""}]
    called = json.dumps({"fn_name": "add", "inputs": [[1, 2]], "outputs": [3]})
    yield "ablate_taco", "BAAI/TACO/test.jsonl", [{"question": "Add.", "input_output": called, "starter_code": "def add(a, b):"}]


def packed(text):
    """As LiveCodeBench packs its private tests."""
    import base64
    import pickle
    import zlib

    return base64.b64encode(zlib.compress(pickle.dumps(text))).decode()
