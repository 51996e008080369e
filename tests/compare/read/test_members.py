"""A study reads what it was planned with, and nothing else that lies beside it."""

import json
import shutil

import pandas
import pytest

from ablate.compare import compare, read_csv, read_folder
from ablate.compare.show import table
from ablate.compare.show.report import drill, methods
from ablate.config import Data, Evaluate, Train
from ablate.errors import UserError
from arms import (
    BASE,
    row_of,
    scores,
    write_answers,
    write_arm,
    write_axes,
    write_base,
    write_first_arm,
    write_scores,
)

SAMPLED = {"evaluate": Evaluate(tasks=["sums"], temperature=0.7)}


@pytest.fixture
def study(tmp_path):
    return tmp_path / "runs" / "pilot"


def flagged(outcomes, *parts):
    return [flag for flag in outcomes.flags if all(part in flag for part in parts)]


def written(study):
    """The bytes of comparison.csv."""
    return table.frame(compare(read_folder(study))).to_csv(index=False).encode()


def changed(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def key_of(folder):
    return json.loads((folder / "provenance.json").read_text())["key"]


def test_what_was_added_to_arms_changes_no_comparison(study):
    planned = {"limit": 100, "num_samples": 2}
    axes = {"tokens_changed": 0.1, "surprisal": 1.5}
    arms = [
        write_arm(study, perturb, seed=seed, tables=scores(f"{perturb}", 0.6, items=100, samples=2, seed=seed), axes=axes, **planned)
        for perturb in ((), ("shuffle_steps",), ("corrupt_digits",))
        for seed in (0, 1)
    ]
    base = write_base(study, tables=scores("base", 0.1, items=100, samples=2))
    before, outcomes = written(study), read_folder(study)
    for student in (*arms, base):
        folder, below = student.scores["sums"], student.path / "scores"
        known = pandas.read_parquet(folder / "items.parquet")
        more = scores("more", 0.9, items=150, samples=4).merge(known[["item", "sample"]], how="left", indicator=True)
        more = more[more["_merge"] == "left_only"].drop(columns="_merge")
        pandas.concat([more, known]).sample(frac=1, random_state=0).to_parquet(folder / "items.parquet", index=False)
        changed(folder / "provenance.json", extents=[[100, 2], [150, 4]])
        key, later = key_of(folder), "2027-01-01T00:00:00+00:00"
        write_scores(below, "sums", key, scores("vllm", 0.9), engine={"name": "vllm"}, started=later)
        write_scores(below, "sums", "ffffffffff", scores("sampled", 0.9), settings={"evaluate.temperature": 1.0})
        write_scores(below, "chains", key, scores("chains", 0.9, "chains"))
        write_scores(below, "sums-hard", key, scores("hard", 0.9, "sums-hard"))
        write_axes(student.path, "ffffffffff", {"tokens_changed": 0.9, "surprisal": 9.9})
    for arm in arms:
        changed(arm.status, state="running")
    write_arm(study.parent / "other", ("delete_steps",))
    assert written(study) == before
    assert read_folder(study).conditions == outcomes.conditions
    pandas.testing.assert_frame_equal(read_folder(study).scores, outcomes.scores)


@pytest.mark.parametrize(
    ("plan", "extent"),
    [
        ({"limit": 200}, (100, 1)),
        ({"limit": None}, (200, 1)),
        ({"num_samples": 4}, (None, 2)),
        ({"limit": 50, "num_samples": 2}, (None, 1)),
    ],
)
def test_a_member_whose_scores_do_not_cover_its_plan_is_left_out(study, plan, extent):
    write_arm(study)
    arm = write_arm(study, ["shuffle_steps"], **plan, extent=extent)
    outcomes = read_folder(study)
    assert flagged(outcomes, f"{arm.path.name}: left out: not scored as planned on sums")
    assert [one.label for one in outcomes.conditions] == ["clean-lora"]


def test_scores_of_another_key_do_not_cover_a_plan(study):
    write_arm(study)
    arm = write_arm(study, ["shuffle_steps"])
    changed(arm.scores["sums"] / "provenance.json", key="ffffffffff")
    assert flagged(read_folder(study), "shuffle_steps-1-lora", "left out: not scored as planned on sums")


def test_all_planned_tasks_are_needed(study):
    tables = pandas.concat([scores("two", 0.6), scores("two", 0.6, "chains")])
    write_arm(study, tables=tables)
    arm = write_arm(study, ["shuffle_steps"], tables=tables)
    shutil.rmtree(arm.scores["chains"])
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora", "left out: not scored as planned on chains")
    assert [one.label for one in outcomes.conditions] == ["clean-lora"]


def test_an_arm_that_another_study_is_running_is_compared_where_its_scores_are_there(study):
    write_arm(study)
    changed(write_arm(study, ["shuffle_steps"]).status, state="failed")
    assert row_of(compare(read_folder(study)), "shuffle_steps-1-lora").difference is not None


@pytest.mark.parametrize(("state", "words"), [("failed", "failed"), ("stopped", "stopped"), (None, "not started")])
def test_a_member_that_is_not_done_says_where_it_stands_and_is_not_missing(study, state, words):
    write_arm(study)
    arm = write_arm(study, ["shuffle_steps"], state=state)
    (study / "study.yaml").write_text("name: pilot\narms: [{}, {perturb: [shuffle_steps, delete_steps]}]\n")
    outcomes = read_folder(study)
    assert flagged(outcomes, f"{arm.path.name}: left out: {words}")
    assert [flag for flag in outcomes.flags if "missing" in flag] == ["missing: delete_steps-1 with seed 0, which the study plans"]


def test_an_arm_that_is_not_scored_yet_is_not_missing_whatever_its_scoring_is_to_be(study):
    write_arm(study, settings=SAMPLED)
    write_arm(study, ["shuffle_steps"], settings=SAMPLED, state="running")
    (study / "study.yaml").write_text("name: pilot\narms: [{perturb: [[], shuffle_steps], evaluate.temperature: [0.7, 0.2]}]\n")
    missing = [flag for flag in read_folder(study).flags if "missing" in flag]
    assert missing == ["missing: clean evaluate.temperature=0.2 with seed 0, which the study plans"]


def test_trained_tokens_are_those_of_the_epochs_that_were_trained(study):
    arm = write_arm(study)
    changed(arm.path / "tokens.json", epochs=4.5)
    assert read_folder(study).condition("clean-lora").trained_tokens == 4500


def test_of_several_answers_to_one_plan_the_oldest_count(study):
    arm = write_arm(study)
    folder = arm.path / "scores"
    write_scores(
        folder, "sums", key_of(arm.scores["sums"]), scores("old", 1.0), engine={"device": "cuda"}, started="2025-01-01T00:00:00+00:00"
    )
    write_scores(
        folder, "sums", key_of(arm.scores["sums"]), scores("older", 0.0), engine={"device": "mps"}, started="2024-01-01", extent=(9, 9)
    )
    table = read_folder(study).scores
    pandas.testing.assert_series_equal(table["correct"], scores("old", 1.0)["correct"])


@pytest.mark.parametrize(("key", "name"), [("name", "engine"), ("version", "engine version"), ("device", "device"), ("dtype", "dtype")])
def test_answers_of_another_engine_are_compared_with_a_flag(study, key, name):
    write_arm(study)
    write_arm(study, ["shuffle_steps"], engine={key: "other"})
    outcomes = read_folder(study)
    (flag,) = flagged(outcomes, "while")
    assert flag.startswith(f"shuffle_steps-1-lora: {name} other, while clean-lora has ")
    assert row_of(compare(outcomes), "shuffle_steps-1-lora").difference is not None


def test_an_untrained_student_that_another_engine_asked_has_a_flag(study):
    write_arm(study)
    write_base(study, engine={"device": "cuda"})
    assert flagged(read_folder(study), "base of clean-lora: device cuda, while clean-lora has cpu")


def test_engines_are_compared_seed_by_seed(study):
    for perturb in ((), ("shuffle_steps",)):
        write_arm(study, perturb, seed=0)
        write_arm(study, perturb, seed=1, engine={"device": "cuda"})
    assert not flagged(read_folder(study), "while")


def test_a_task_that_changed_is_left_out(study):
    tables = pandas.concat([scores("two", 0.6), scores("two", 0.6, "chains")])
    write_arm(study, tables=tables)
    arm = write_arm(study, ["shuffle_steps"], tables=tables)
    changed(arm.scores["chains"] / "provenance.json", key="ffffffffff")
    members = json.loads((study / "arms.json").read_text())["members"]
    members[-1]["scores"][-1]["key"] = "ffffffffff"
    changed(study / "arms.json", members=members)
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora: chains left out: the task or its judge is of another version than clean-lora's")
    shown = outcomes.scores.groupby("condition")["task"].unique().map(list).to_dict()
    assert shown == {"clean-lora": ["sums", "chains"], "shuffle_steps-1-lora": ["sums"]}


def test_another_student_is_not_compared(study):
    write_arm(study)
    write_arm(study, ["shuffle_steps"], student="7" * 16)
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora: not compared: it was trained from another student than clean-lora")


def test_the_flag_of_other_data_says_how_it_was_asked_for(study):
    write_arm(study, settings={"data": Data(traces=250)})
    write_arm(study, ["shuffle_steps"], settings={"data": Data(traces=500)})
    assert flagged(read_folder(study), "on other examples than clean-lora: data.traces is 500, not 250")


def test_conditions_of_one_name_are_told_apart_by_what_differs(study):
    write_arm(study, settings={"data": Data(traces=250)})
    write_arm(study, settings={"data": Data(traces=500)})
    write_arm(study, ["delete_steps"], data="aaaaaaaaaa")
    write_arm(study, ["delete_steps"], data="bbbbbbbbbb")
    write_arm(study, ["shuffle_steps"], student="3" * 16, id="0000000001")
    write_arm(study, ["shuffle_steps"], student="4" * 16, id="0000000002")
    write_arm(study, ["corrupt_digits"], settings={"train": Train(epochs=5)}, data="aaaaaaaaaa")
    write_arm(study, ["corrupt_digits"], data="bbbbbbbbbb")
    assert {one.label for one in read_folder(study).conditions} == {
        "clean-lora data.traces=250",
        "clean-lora data.traces=500",
        "delete_steps-1-lora data=aaaaaa",
        "delete_steps-1-lora data=bbbbbb",
        "shuffle_steps-1-lora student=333333",
        "shuffle_steps-1-lora student=444444",
        "corrupt_digits-1-lora train.epochs=5.0",
        "corrupt_digits-1-lora train.epochs=3",
    }


def test_sampled_answers_have_an_untrained_student_for_each_seed(study):
    for seed in (0, 1):
        write_arm(study, seed=seed, settings=SAMPLED)
        write_base(study, seed=seed, settings=SAMPLED, tables=scores("base", 0.1, seed=seed))
    outcomes = read_folder(study)
    base = outcomes.scores[outcomes.scores["condition"] == "base of clean-lora"]
    assert sorted(base["seed"].unique()) == [0, 1]
    assert len(base) == 2 * 200


def test_greedy_answers_have_one_untrained_student(study):
    for seed in (0, 1):
        write_arm(study, seed=seed)
    write_base(study)
    outcomes = read_folder(study)
    assert (outcomes.scores["condition"] == "base of clean-lora").sum() == 200
    assert outcomes.flags == ()


def test_an_untrained_student_that_is_not_scored_as_planned_is_left_out(study):
    write_arm(study)
    write_base(study, extent=(10, 1))
    outcomes = read_folder(study)
    assert flagged(outcomes, "base of clean-lora: left out: ", f"students/{BASE} is not scored as planned on sums")
    assert all(one.trained for one in outcomes.conditions)


def test_runs_of_the_first_layout_in_the_same_folder_are_read_as_well(study):
    write_arm(study)
    write_arm(study, ["shuffle_steps"])
    write_first_arm(study, ["delete_steps"])
    write_first_arm(study)
    outcomes = read_folder(study)
    references = {one.label: one.reference for one in outcomes.conditions}
    old, new = sorted((label for label in references if label.startswith("clean")), key=lambda label: "unknown" not in label)
    assert references["delete_steps-1-lora"] == old
    assert references["shuffle_steps-1-lora"] == new


def test_a_list_of_members_that_cannot_be_read_names_the_file(study):
    write_arm(study)
    (study / "arms.json").write_text("{")
    with pytest.raises(UserError, match=r"arms\.json: no JSON"):
        read_folder(study)


def test_a_member_is_never_looked_for_outside_of_the_arms(study):
    arm = write_arm(study)
    outside = study.parent.parent / "outside" / arm.path.name
    shutil.copytree(arm.path, outside)
    shutil.rmtree(arm.path)
    members = json.loads((study / "arms.json").read_text())["members"]
    changed(study / "arms.json", members=[{**members[0], "arm": str(outside)}])
    with pytest.raises(UserError, match=r"no arm is done yet.*not started"):
        read_folder(study)
    changed(study / "arms.json", members=[{**members[0], "arm": "nothing"}])
    with pytest.raises(UserError, match="found 'nothing', allowed is the name of a run's folder"):
        read_folder(study)


def test_single_items_show_the_first_of_the_planned_answers(study):
    def answer(row):
        return f"{row.task} sample {row.sample} of item {row.item}"

    plan = {"limit": 20, "num_samples": 2}
    for number, perturb in enumerate(((), ("shuffle_steps",))):
        tables = pandas.concat([scores(f"{perturb}", 0.4 + 0.3 * number, task, items=20, samples=2) for task in ("sums", "chains")])
        arm = write_arm(study, perturb, tables=tables, **plan)
        write_answers(arm, tables.sort_values("sample", ascending=False), answer=answer)
    outcomes = read_folder(study)
    items = drill(compare(outcomes), outcomes)["items"]
    assert len(items) == 40
    for item in items:
        text = f"{item['task']} sample 0 of item {item['item']}"
        assert item["answers"][0]["text"] == text
        assert item["answers"][1].get("same")


def test_methods_tell_how_this_study_scores_and_not_how_the_arm_was_once_asked_for(study):
    tables = scores("four", 0.6, samples=4)
    for perturb in ((), ("shuffle_steps",)):
        arm = write_arm(study, perturb, tables=tables, settings={**SAMPLED, "train": Train(max_length=777)})
        config = arm.path / "config.yaml"
        config.write_text(
            config.read_text().replace("temperature: 0.7", "temperature: 0.1").replace("max_new_tokens: 32768", "max_new_tokens: 9")
        )
    outcomes = read_folder(study)
    text = "\n".join(methods(compare(outcomes), outcomes, "python -m ablate.compare pilot"))
    assert "temperature 0.7, 4 per item" in text
    assert "of at most 32768 tokens" in text
    assert "sequences of at most 777 tokens" in text
    assert "transformers 5.23.0" in text


def test_a_table_has_no_sources(tmp_path):
    path = tmp_path / "scores.csv"
    pandas.DataFrame({"arm": ["clean"] * 4, "task": "sums", "item": range(4), "correct": [0, 1, 1, 0]}).to_csv(path, index=False)
    assert read_csv(path, None).sources == {}


def test_a_study_file_that_changed_after_it_was_planned_is_flagged_and_the_first_one_counts(tmp_path):
    study = tmp_path / "runs" / "pilot"
    write_arm(study)
    (study / "study.yaml").write_text("name: pilot\nmargin: 3\n")
    assert not any("has changed" in flag for flag in read_folder(study).flags)
    (study / "study-2.yaml").write_text("name: pilot\nmargin: 9\n")
    outcomes = read_folder(study)
    assert outcomes.study.margin == 3
    assert any("has changed since it was first planned (study-2.yaml)" in flag for flag in outcomes.flags)
