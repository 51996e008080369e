"""What may be compared is compared; all else is left out, and a flag says so: of both layouts."""

from types import SimpleNamespace

import pandas
import pytest

from ablate.compare import compare, read_csv, read_folder
from ablate.config import Axes, Data, Evaluate, Match, Train
from ablate.errors import UserError
from arms import row_of, scores, write_arm, write_base, write_first_arm, write_first_base


@pytest.fixture(params=["members", "first layout"])
def writes(request):
    """How arms and bases are written."""
    if request.param == "members":
        return SimpleNamespace(arm=write_arm, base=write_base, other_examples={"data": "0123456789"}, examples={"data": "f123456789"})
    traces = {"q1": "Let p be 1.", "q2": "Let p be 2."}
    return SimpleNamespace(
        arm=write_first_arm, base=write_first_base, examples={"traces": traces}, other_examples={"traces": {**traces, "q2": "Let p be 3."}}
    )


@pytest.fixture
def study(tmp_path):
    return tmp_path / "runs" / "pilot"


def flagged(outcomes, *parts):
    return [flag for flag in outcomes.flags if all(part in flag for part in parts)]


def test_runs_that_differ_in_seed_alone_are_one_condition(study, writes):
    for seed in (0, 1):
        writes.arm(study, seed=seed)
        writes.arm(study, ["shuffle_steps"], 0.33, seed=seed)
    writes.base(study)
    outcomes = read_folder(study)
    assert [one.label for one in outcomes.conditions] == ["base of clean-lora", "clean-lora", "shuffle_steps-0.33-lora"]
    arm = outcomes.condition("shuffle_steps-0.33-lora")
    assert (arm.reference, arm.families, arm.doses, arm.perturbed) == (
        "clean-lora",
        ("structure",),
        {"shuffle_steps": 0.33},
        "shuffle_steps-0.33",
    )
    assert arm.trained_tokens == 3 * 1000
    assert outcomes.flags == ()
    assert len(outcomes.scores) == 2 * 2 * 200 + 200
    row = row_of(compare(outcomes), "shuffle_steps-0.33-lora")
    table = outcomes.scores[outcomes.scores["condition"] == "shuffle_steps-0.33-lora"]
    assert row.accuracy == pytest.approx(table["correct"].mean())
    assert row.finished == pytest.approx(table["finished"].mean())
    assert row.finished_accuracy == pytest.approx(table["correct"].sum() / table["finished"].sum())
    assert row.tokens == pytest.approx(table["tokens"].mean())


def test_a_failed_arm_is_left_out(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], state="failed")
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora-s0", "left out: failed")
    assert [one.label for one in outcomes.conditions] == ["clean-lora"]


def test_an_arm_that_was_scored_otherwise_is_not_compared(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], settings={"evaluate": Evaluate(tasks=["sums"], temperature=0.7)})
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora", "not compared", "evaluate.temperature is 0.7, not 0.0")
    assert row_of(compare(outcomes), "shuffle_steps-1-lora").difference is None


def test_each_setting_has_its_own_clean_arm(study, writes):
    settings = {"train": Train(epochs=5)}
    writes.arm(study, id="0000000001")
    writes.arm(study, settings=settings, id="0000000002")
    writes.arm(study, ["shuffle_steps"], settings=settings)
    outcomes = read_folder(study)
    assert outcomes.condition("shuffle_steps-1-lora").reference == "clean-lora train.epochs=5.0"


def test_other_examples_are_not_compared(study, writes):
    writes.arm(study, **writes.examples)
    writes.arm(study, ["shuffle_steps"], **writes.examples)
    writes.arm(study, ["delete_steps"], **writes.other_examples)
    outcomes = read_folder(study)
    assert flagged(outcomes, "delete_steps-1-lora: not compared: it was trained on other examples than clean-lora")
    comparison = compare(outcomes)
    assert row_of(comparison, "delete_steps-1-lora").difference is None
    assert row_of(comparison, "shuffle_steps-1-lora").difference is not None


def test_settings_of_execution_keep_no_runs_apart(study, writes):
    examples = writes.examples
    writes.arm(study, **examples)
    execution = {
        "train": Train(per_device_batch_size=8, save_steps=7, processes=3),
        "data": Data(workers=4, path="elsewhere.jsonl"),
        "evaluate": Evaluate(tasks=["sums"], batch_size=64),
        "axes": Axes(surprisal=5),
    }
    writes.arm(study, ["shuffle_steps"], settings=execution, **examples)
    outcomes = read_folder(study)
    assert outcomes.condition("shuffle_steps-1-lora").reference == "clean-lora"
    assert not flagged(outcomes, "not compared")


def test_matching_tokens_has_the_same_clean_arm(study, writes):
    writes.arm(study)
    writes.arm(study, ["delete_steps"], id="0000000001")
    writes.arm(study, ["delete_steps"], settings={"train": Train(match=Match.tokens)}, id="0000000002")
    outcomes = read_folder(study)
    names = ["delete_steps-1-lora train.match=none", "delete_steps-1-lora train.match=tokens"]
    assert [outcomes.condition(name).reference for name in names] == ["clean-lora"] * 2


@pytest.mark.parametrize("package", ["ablate", "lm-eval", "transformers"])
def test_versions_that_may_change_a_score_are_flagged(study, writes, package):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], versions={package: "9.9"})
    writes.arm(study, ["delete_steps"], versions={"trl": "9.9"})
    outcomes = read_folder(study)
    (flag,) = flagged(outcomes, "while")
    assert flag.startswith(f"shuffle_steps-1-lora: {package} 9.9, while clean-lora has ")
    assert row_of(compare(outcomes), "shuffle_steps-1-lora").difference is not None


def test_unequal_items_are_never_averaged_over(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], tables=scores("other", 0.6, items=150))
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora", "sums left out", "150 against 200")
    assert "shuffle_steps-1-lora" not in set(outcomes.scores["condition"])


def test_seeds_with_unequal_items_are_left_out(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], seed=0)
    writes.arm(study, ["shuffle_steps"], seed=1, tables=scores("other", 0.6, items=150))
    assert flagged(read_folder(study), "shuffle_steps-1-lora", "different items", "seed 0: 200, seed 1: 150")


def test_other_samples_are_other_items(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], tables=scores("other", 0.6, samples=2))
    assert flagged(read_folder(study), "shuffle_steps-1-lora", "400 against 200")


def test_two_runs_of_one_config_and_seed_are_both_left_out(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], id="0000000001")
    writes.arm(study, ["shuffle_steps"], id="0000000002")
    assert flagged(read_folder(study), "shuffle_steps-1-lora: seed 0 left out", "other data, another student")


def test_a_stale_base_of_the_first_layout_is_left_out(study):
    write_first_arm(study)
    write_first_arm(study, ["shuffle_steps"], base="ffffffffff")
    write_first_base(study)
    outcomes = read_folder(study)
    assert flagged(outcomes, "base of clean-lora", "several bases (0123456789, ffffffffff)")
    assert all(one.trained for one in outcomes.conditions)


def test_a_base_with_other_items_is_left_out(study, writes):
    writes.arm(study)
    writes.base(study, tables=scores("base", 0.1, items=100))
    outcomes = read_folder(study)
    assert flagged(outcomes, "base of clean-lora: sums left out", "100 against 200")


def test_arms_that_the_study_plans_and_that_are_not_there_are_named(study, writes):
    writes.arm(study)
    writes.arm(study, ["shuffle_steps"], 0.33)
    grids = "[{}, {perturb: [shuffle_steps, delete_steps], dose: [0.33, 1.0]}, {perturb: [[shuffle_steps, corrupt_digits]]}]"
    (study / "study.yaml").write_text(f"name: pilot\narms: {grids}\n")
    missing = [flag.split(",")[0] for flag in read_folder(study).flags if flag.startswith("missing")]
    assert missing == [
        f"missing: {name} with seed 0"
        for name in ("shuffle_steps-1", "delete_steps-0.33", "delete_steps-1", "shuffle_steps-1+corrupt_digits-1")
    ]


def test_planned_seeds_and_settings_that_are_not_there_are_named(study, writes):
    writes.arm(study, seed=0)
    writes.arm(study, seed=1)
    writes.arm(study, ["delete_steps"], settings={"train": Train(match=Match.tokens)})
    writes.arm(study, settings={"data": Data(traces=250)}, id="0000000001")
    grids = "[{}, {perturb: delete_steps, train.match: [none, tokens]}, {data.traces: [250, 500]}]"
    (study / "study.yaml").write_text(f"name: pilot\narms: {grids}\nseeds: [0, 2]\n")
    missing = {flag.removesuffix(", which the study plans") for flag in read_folder(study).flags if flag.startswith("missing")}
    assert missing == {
        "missing: clean with seed 2",
        "missing: delete_steps-1 train.match=none with seed 0",
        "missing: delete_steps-1 train.match=none with seed 2",
        "missing: delete_steps-1 train.match=tokens with seed 2",
        "missing: clean data.traces=500 with seed 0",
        "missing: clean data.traces=500 with seed 2",
        "missing: clean data.traces=250 with seed 2",
    }


def test_seeds_that_the_clean_arm_lacks_are_not_compared(study, writes):
    for seed in (0, 1):
        writes.arm(study, ["shuffle_steps"], seed=seed)
    writes.arm(study, seed=0)
    outcomes = read_folder(study)
    assert flagged(outcomes, "shuffle_steps-1-lora: seeds 0, 1, while clean-lora has 0")
    row = row_of(compare(outcomes), "shuffle_steps-1-lora")
    both = outcomes.scores[outcomes.scores["seed"] == 0].groupby("condition")["correct"].mean()
    assert row.difference.value == pytest.approx(both["shuffle_steps-1-lora"] - both["clean-lora"])


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(UserError, match="found no run of an arm"):
        read_folder(tmp_path)


def write_csv(path, rows):
    pandas.DataFrame(rows, columns=["arm", "task", "item", "correct"]).to_csv(path, index=False)
    return path


def test_a_csv_names_its_mistakes(tmp_path):
    path = write_csv(tmp_path / "scores.csv", [["clean", "sums", 0, 1], ["clean", "sums", 1, 2]])
    with pytest.raises(UserError, match=r"row 3: correct: found 2"):
        read_csv(path, None)
    write_csv(path, [["clean", "sums", 0, 1], ["clean", "sums", 0, 1]])
    with pytest.raises(UserError, match=r"row 3: the same arm, seed, task, item, sample"):
        read_csv(path, None)
    write_csv(path, [["clean", "sums", 0, 1]])
    with pytest.raises(UserError, match="Did you mean clean"):
        read_csv(path, "claen")
    path.write_text("arm,task\nclean,sums\n")
    with pytest.raises(UserError, match="item, correct is missing"):
        read_csv(path, None)


def test_without_a_clean_arm_accuracies_alone_are_told(tmp_path):
    path = write_csv(tmp_path / "scores.csv", [[arm, "sums", item, item % 2] for arm in ("a", "b") for item in range(4)])
    outcomes = read_csv(path, None)
    assert flagged(outcomes, "no arm is called clean")
    assert [row.difference for row in compare(outcomes).rows] == [None] * 4
