"""Every public dataset in the layout that the hub holds it in, read by its shipped config from a local copy."""

import json

import datasets
import pytest
from datasets.packaged_modules.parquet.parquet import Parquet
from hydra import compose, initialize_config_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import copies
from ablate import config, corpora
from ablate.config import Columns, Data, Layout, Source
from ablate.errors import UserError
from ablate.traces import parse
from copies import tagged, thinking
from strategies import real_responses

config.register()
SHAREGPT = ("sky_t1", "bespoke_stratos", "openthoughts")
UNTAGGED = ("limo", "numina_math")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no network."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def shipped(name, path, *overrides):
    """The data part of `data=name data.path=path`."""
    with initialize_config_module("ablate.conf", version_base="1.3"):
        return config.read(compose("config", [f"data={name}", f"data.path={path}", *overrides])).data


def load(name, folder, rows, *overrides):
    folder.mkdir(exist_ok=True)
    getattr(copies, name)(folder, rows)
    return corpora.load(shipped(name, folder, *overrides))


@pytest.mark.parametrize("name", SHAREGPT)
def test_conversations_of_user_and_assistant(tmp_path, name):
    responses = [tagged("4"), "def solve(): pass", tagged("5"), tagged("x", thought="")]
    corpus = load(name, tmp_path / "copy", responses)
    assert [example.trace.text for example in corpus.examples] == [responses[0], responses[2]]
    assert [example.answer for example in corpus.examples] == ["4", "5"]
    assert corpus.examples[1].problem.endswith("p2")
    assert [(row.row, row.id) for row in corpus.rejected] == [(2, "row-2"), (4, "row-4")]
    assert "no thought block" in corpus.rejected[0].reason


def test_sky_t1_is_also_read_from_its_one_file(tmp_path):
    folder = load("sky_t1", tmp_path / "copy", [tagged("4"), tagged("5"), "code"])
    alone = corpora.load(shipped("sky_t1", tmp_path / "copy" / "Sky-T1_data_17k.json"))
    assert alone.fingerprint == folder.fingerprint
    assert [row.row for row in alone.rejected] == [row.row for row in folder.rejected] == [3]


def test_a_subset_of_a_dataset_and_its_two_columns_of_a_response(tmp_path):
    columns = ["problem=problem", "thought=deepseek_reasoning", "solution=deepseek_solution", "short=ground_truth_solution"]
    overrides = ["data.subset=metadata", "data.layout=columns", *(f"data.columns.{column}" for column in columns)]
    corpus = load("openthoughts", tmp_path / "copy", [tagged("4"), tagged("5")], *overrides)
    first = corpus.examples[0]
    assert first.trace.text == f"<think>\n{copies.THOUGHT}\n</think>\n\nIt is \\boxed{{0}}."
    assert (first.problem, first.answer, first.short) == ("p0", "0", "Short: \\boxed{0}")


def test_several_generations_of_one_problem_right_wrong_judged_and_cut_off(tmp_path):
    rows = [
        {"answer": "4", "solution": "Short.", "generations": [thinking("4"), thinking("5")], "correctness_math_verify": [True, False]},
        {
            "answer": "four",
            "generations": [thinking("4"), thinking("7"), "<think>\nNever"],
            "correctness_math_verify": [False, False, False],
            "correctness_llama": [True, False, False],
        },
    ]
    corpus = load("openr1_math", tmp_path / "copy", rows)
    assert [example.id for example in corpus.examples] == ["uuid-0-1", "uuid-1-1"]
    assert [example.id for example in corpus.wrong] == ["uuid-0-2", "uuid-1-2"]
    assert [(example.answer, example.short) for example in corpus.examples] == [("4", "Short."), ("four", None)]
    assert [example.answer for example in corpus.wrong] == ["4", "four"]
    assert corpus.wrong[0].trace.text == thinking("5")
    assert [(row.row, row.id) for row in corpus.rejected] == [(2, "uuid-1-3")]


def test_thought_and_attempt_in_columns_of_their_own_with_a_grade(tmp_path):
    def row(attempt, grade):
        return {"deepseek_thinking_trajectory": copies.THOUGHT, "deepseek_attempt": attempt, "deepseek_grade": grade}

    corpus = load("s1k", tmp_path / "copy", [row("It is \\boxed{4}.", "Yes"), row("It is \\boxed{5}.", "No"), row("Proved.", "Yes")])
    (right,), (wrong,) = corpus.examples, corpus.wrong
    assert right.trace.text == f"<think>\n{copies.THOUGHT}\n</think>\n\nIt is \\boxed{{4}}."
    assert (right.problem, right.answer, right.short) == ("p0", "4", "Short 0.")
    assert wrong.answer == "5"
    assert [row.id for row in corpus.rejected] == ["row-3"]


@pytest.mark.parametrize("name", UNTAGGED)
def test_responses_without_tags(tmp_path, name):
    solutions = [f"{copies.THOUGHT}\n\nSo the answer is \\boxed{{0}}. Done.\n", "We prove it.\n\nProved.", "\\boxed{2}"]
    corpus = load(name, tmp_path / "copy", solutions)
    (example,) = corpus.examples
    assert example.trace.text == solutions[0]
    assert example.trace.solution == "So the answer is \\boxed{0}. Done."
    assert len(example.trace.steps) == 3
    assert example.answer == "0"
    assert [row.row for row in corpus.rejected] == [2, 3]


@pytest.mark.parametrize("name", SHAREGPT)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(thoughts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=4))
def test_reading_loses_no_byte(tmp_path_factory, name, thoughts):
    responses = [tagged("4", f"a{thought}b") for thought in thoughts]
    corpus = load(name, tmp_path_factory.mktemp("lossless") / "copy", responses)
    assert [example.trace.text for example in corpus.examples] == responses


@pytest.mark.parametrize("name", [*SHAREGPT, "openr1_math", "s1k", *UNTAGGED])
def test_real_traces_come_back_byte_for_byte(tmp_path, name):
    texts = [row["response"] for row in real_responses()][:60]
    if not texts:
        pytest.skip("no real traces at hand")
    inner = [text.partition("<|begin_of_thought|>")[2].partition("<|end_of_thought|>") for text in texts]
    rows, expected = texts, texts
    if name == "openr1_math":
        expected = [f"<think>{thought}</think>{rest}" for thought, _, rest in inner]
        rows = [{"answer": "1", "generations": [text], "correctness_math_verify": [True]} for text in expected]
    if name == "s1k":
        rows = [{"deepseek_thinking_trajectory": thought, "deepseek_attempt": rest, "deepseek_grade": "Yes"} for thought, _, rest in inner]
        expected = [f"<think>\n{thought}\n</think>\n\n{rest}" for thought, _, rest in inner]
    if name in UNTAGGED:
        rows = expected = [thought + rest for thought, _, rest in inner]
    corpus = load(name, tmp_path / "copy", rows)
    assert [example.trace.text for example in corpus.examples] == expected


def test_labels_cut_the_thought_where_the_data_says(tmp_path):
    text = thinking("4")
    starts = [text.index(step) for step in ("First", "check")]
    given = [["First, 2+2=4.\r\n\n  Wait, let me", "check: 2+2=4.\n\nYes."], starts]
    rows = [{"id": at, "problem": "p", "answer": "4", "response": text, "steps": steps} for at, steps in enumerate(given)]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = corpora.load(Data(source=Source.file, path=str(tmp_path / "t.jsonl"), segmenter="labels"))
    assert {example.trace.steps for example in corpus.examples} == {tuple(given[0])}
    (tmp_path / "u.jsonl").write_text(json.dumps({**rows[0], "steps": ["First"]}) + "\n")
    with pytest.raises(UserError, match=r"row 1 \(id 0\): after the last step of the labels the thought goes on"):
        corpora.load(Data(source=Source.file, path=str(tmp_path / "u.jsonl"), segmenter="labels"))


@pytest.mark.parametrize("segmenter", ["turns", "blank_line"])
def test_the_segmenter_cuts_and_the_fingerprint_knows(tmp_path, segmenter):
    rows = [{"problem": "p", "answer": "4", "response": thinking("4", "One:\n\n2+2=4. Wait, is it? Yes.")}]
    (tmp_path / "t.jsonl").write_text(json.dumps(rows[0]))
    corpora_by = {
        name: corpora.load(Data(source=Source.file, path=str(tmp_path / "t.jsonl"), segmenter=name)) for name in ("turns", "blank_line")
    }
    cut = {"turns": ("One:\n\n2+2=4.", "Wait, is it? Yes."), "blank_line": ("One:", "2+2=4. Wait, is it? Yes.")}
    assert corpora_by[segmenter].examples[0].trace.steps == cut[segmenter]
    assert corpora_by["turns"].fingerprint != corpora_by["blank_line"].fingerprint


def test_the_tiny_world_is_cut_at_paragraphs():
    with initialize_config_module("ablate.conf", version_base="1.3"):
        data = config.read(compose("config", ["data.traces=20"])).data
    for example in corpora.load(data).examples:
        assert example.trace.steps == tuple(example.trace.thought.split("\n\n"))


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([], "nothing"),
        ([{"from": "user", "value": "p"}], "user"),
        ([{"from": who, "value": "p"} for who in ("user", "assistant", "user", "assistant")], "user, assistant, user, assistant"),
        ([{"role": "assistant", "content": "p"}, {"role": "user", "content": "p"}], "assistant, user"),
    ],
)
def test_other_conversations_are_named(tmp_path, turns, found):
    (tmp_path / "t.jsonl").write_text(json.dumps({"conversations": turns}))
    data = Data(source=Source.file, path=str(tmp_path / "t.jsonl"), layout=Layout.conversation, columns=Columns(answer=None))
    with pytest.raises(UserError, match=rf"row 1: conversations .*found turns of {found}; allowed is user, assistant"):
        corpora.load(data)


def test_roles_have_either_of_their_names_and_system_may_come_first(tmp_path):
    turns = [{"role": "system", "content": "s"}, {"role": "human", "content": "p"}, {"from": "gpt", "value": thinking("4")}]
    (tmp_path / "t.jsonl").write_text(json.dumps({"messages": turns, "conversations": json.dumps(turns)}))
    for column in ("messages", "conversations"):
        columns = Columns(answer=None, conversation=column)
        data = Data(source=Source.file, path=str(tmp_path / "t.jsonl"), layout=Layout.conversation, columns=columns)
        (example,) = corpora.load(data).examples
        assert (example.problem, example.trace.text) == ("p", thinking("4"))


def test_code_in_a_dataset_is_never_run(tmp_path):
    folder = tmp_path / "copy"
    load("bespoke_stratos", folder, [tagged("4")])
    trap = tmp_path / "sprung"
    (folder / "other.py").write_text(f"open({str(trap)!r}, 'w')")
    assert len(corpora.load(shipped("bespoke_stratos", folder)).examples) == 1
    (folder / "copy.py").write_text(f"open({str(trap)!r}, 'w')")
    with pytest.raises(UserError, match="scripts are no longer supported"):
        corpora.load(shipped("bespoke_stratos", folder))
    assert not trap.exists()


def test_what_the_copy_or_the_hub_does_not_hold_is_said(tmp_path, cache):
    load("openthoughts", tmp_path / "copy", [tagged("4"), tagged("5")])
    absent = {"data.subset=nix": "subset nix.*Available: .*metadata", "data.split=test": "split test.*it holds the splits train"}
    for override, message in absent.items():
        with pytest.raises(UserError, match=message):
            corpora.load(shipped("openthoughts", tmp_path / "copy", override))
    with pytest.raises(UserError, match=r"data\.path: .*nix is no file"):
        corpora.load(shipped("openthoughts", tmp_path / "nix"))
    fetched = shipped("openthoughts", "null")
    with pytest.raises(UserError, match=r"data\.name: open-thoughts/OpenThoughts-114k@bd093c3994.*can't be loaded.*data\.path"):
        corpora.load(fetched)
    with pytest.raises(UserError, match=r"no field 'text' \(data.columns.conversation\); it holds system, conversations"):
        corpora.load(shipped("openthoughts", tmp_path / "copy", "data.columns.conversation=text", "data.unusable=stop"))


def test_a_fetched_dataset_is_the_pinned_commit_or_none(tmp_path, cache):
    """What was fetched before is read without a network; another commit of the same dataset does not pass for the pinned one."""
    copies.bespoke_stratos(tmp_path, [tagged("4"), tagged("5"), "code"])
    data = shipped("bespoke_stratos", "null")
    builder = Parquet(
        cache_dir=str(cache / data.revision),
        dataset_name="bespoke-stratos-17k",
        hash=data.revision,
        data_files={"train": [str(tmp_path / "data" / "train-00000-of-00001.parquet")]},
    )
    prepared = cache / data.revision / "bespokelabs___bespoke-stratos-17k" / "default" / "0.0.0" / data.revision
    builder.download_and_prepare(str(prepared))
    corpus = corpora.load(data)
    assert [example.trace.text for example in corpus.examples] == [tagged("4"), tagged("5")]
    assert corpus.examples[0].source == "bespokelabs/Bespoke-Stratos-17k@987fcac6f8"
    assert corpus.fingerprint == corpora.load(shipped("bespoke_stratos", tmp_path)).fingerprint
    data.revision = "0" * 40
    with pytest.raises(UserError, match=r"bespokelabs/Bespoke-Stratos-17k@0000000000.*can't be loaded"):
        corpora.load(data)


def test_folders_of_the_same_name_and_changed_folders_are_not_confused(tmp_path):
    for at in (1, 2):
        (tmp_path / str(at)).mkdir()
        assert load("openthoughts", tmp_path / str(at) / "copy", [tagged(str(at))]).examples[0].answer == str(at)
    assert load("openthoughts", tmp_path / "1" / "copy", [tagged("3")]).examples[0].answer == "3"


def test_rows_are_numbered_through_all_files_of_a_copy(tmp_path):
    corpus = load("openthoughts", tmp_path / "copy", [tagged("4"), tagged("5"), "none", tagged("6"), "none"])
    assert [example.id for example in corpus.examples] == ["row-1", "row-2", "row-4"]
    assert [row.row for row in corpus.rejected] == [3, 5]


def test_tags_in_the_problem_stay_in_the_problem(tmp_path):
    problem = "What does </think> close? <|begin_of_thought|>"
    (tmp_path / "t.jsonl").write_text(json.dumps({"problem": problem, "answer": "4", "response": thinking("4")}))
    (example,) = corpora.load(Data(source=Source.file, path=str(tmp_path / "t.jsonl"))).examples
    assert (example.problem, example.trace) == (problem, parse(thinking("4")))
