"""The words follow from the numbers."""

import pytest

from ablate.compare import compare, read_folder
from ablate.compare.statistics.estimate import Estimate
from ablate.compare.statistics.verdict import Kind, verdicts
from arms import row_of, scores, write_arm


def estimate(value, se, covers=True, seeds=3, df=30.0):
    return Estimate(value, se**2 / 2, se**2 / 4, se**2 / 2 if covers else 0.0, df, 2000.0, seeds, covers)


def words(*estimates, margin=0.03):
    return [verdict.words for verdict in verdicts(list(estimates), margin, 0.05)]


def test_the_three_verdicts():
    assert words(estimate(-0.2, 0.01)) == ["harmful"]
    assert words(estimate(0.0, 0.005)) == ["harmless within 3 points"]
    assert words(estimate(-0.015, 0.003)) == ["harmless within 3 points, though lower by 1.5"]
    assert words(estimate(0.2, 0.01)) == ["better than clean"]
    (undecided,) = words(estimate(-0.03, 0.02))
    assert undecided.startswith("undecided: needs about ")
    assert "more seed" in undecided


def test_one_seed_judges_these_runs_alone():
    (verdict,) = verdicts([estimate(-0.2, 0.01, covers=False, seeds=1)], 0.03, 0.05)
    assert verdict.kind == Kind.worse_here
    assert verdict.words == "worse in this run; one seed, retraining not covered"


def test_holm_goes_over_the_arms():
    border = estimate(-0.05, 0.02)
    assert verdicts([border], 0.03, 0.05)[0].kind == Kind.harmful
    assert {verdict.kind for verdict in verdicts([border] * 4, 0.03, 0.05)} == {Kind.undecided}


def test_what_is_needed_would_decide():
    from ablate.compare.statistics.design import Design, decides, more_items, spread

    parts = spread(estimate(-0.04, 0.02, covers=False, seeds=1))
    enough = more_items(parts, Design(2000, seeds=1), -0.04, 0.03, 0.05)
    assert decides(parts, Design(enough, seeds=1), -0.04, 0.03, 0.05)
    assert not decides(parts, Design(int(0.9 * enough), seeds=1), -0.04, 0.03, 0.05)


def test_the_primary_tasks_decide_and_each_counts_the_same(tmp_path):
    import pandas

    study = tmp_path / "runs" / "pilot"
    for perturb, accuracies in (((), (0.6, 0.6, 0.6)), (("shuffle_steps",), (0.5, 0.3, 0.9))):
        tables = [
            scores(f"{perturb}{task}", accuracy, task, items)
            for (task, items), accuracy in zip((("sums", 50), ("chains", 400), ("skills", 200)), accuracies, strict=True)
        ]
        write_arm(study, perturb, tables=pandas.concat(tables))
    (study / "study.yaml").write_text("name: pilot\nprimary: [sums, chains]\n")
    comparison = compare(read_folder(study))
    arm = row_of(comparison, "shuffle_steps-1-lora")
    by_task = [row_of(comparison, "shuffle_steps-1-lora", task).accuracy for task in ("sums", "chains")]
    assert arm.accuracy == pytest.approx(sum(by_task) / 2)
    assert arm.verdict.kind == Kind.worse_here
    assert row_of(comparison, "shuffle_steps-1-lora", "skills").difference.value > 0
    assert row_of(comparison, "clean-lora").verdict is None
