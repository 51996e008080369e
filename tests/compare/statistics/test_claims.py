"""A study's claims hold, are contradicted, or can't be tested, as the truth is that the scores were drawn from."""

import re

import pytest

from ablate.compare import compare, read_folder, read_study
from ablate.errors import UserError
from arms import scores, write_arm

TRUTH = {
    ((), 1.0): 0.65,
    (("shuffle_steps",), 0.5): 0.45,
    (("shuffle_steps",), 1.0): 0.3,
    (("delete_steps",), 0.5): 0.5,
    (("delete_steps",), 1.0): 0.35,
    (("corrupt_digits",), 0.5): 0.64,
    (("corrupt_digits",), 1.0): 0.6,
    (("wrong_answer",), 1.0): 0.65,
    (("shuffle_steps", "corrupt_digits"), 0.5): 0.7,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    study = tmp_path_factory.mktemp("runs") / "pilot"
    for number, ((perturb, dose), accuracy) in enumerate(TRUTH.items()):
        # Disruption such that what content costs at a dose is what structure costs at a third of it.
        changed = dose * (0.3 if "corrupt_digits" in perturb or "wrong_answer" in perturb else 1.0) + 0.01 * (number % 2)
        for seed in (0, 1, 2):
            table = scores(f"{perturb}{dose}", accuracy, items=1500, seed=seed)
            write_arm(study, perturb, dose, seed, tables=table, axes={"characters_changed": changed})
    return study


def found(study, claim):
    (study / "study.yaml").write_text(f"name: pilot\nmargin: 5\nclaims:\n  - {claim}\n")
    (finding,) = compare(read_folder(study)).findings
    return finding


def test_structure_hurts_more_at_equal_doses(study):
    finding = found(study, "{kind: contrast, more: structure, less: content}")
    assert finding.outcome == "holds"
    assert finding.value == pytest.approx(100 * ((0.64 - 0.475) + ((0.6 + 0.65) / 2 - 0.325)) / 2, abs=3)
    assert finding.low < finding.value < finding.high
    assert found(study, "{kind: contrast, more: content, less: structure}").outcome == "contradicted"


def test_an_arm_beyond_the_margin_contradicts_its_equivalence(study):
    assert found(study, "{kind: equivalence, arm: shuffle_steps-0.5, margin: 1}").outcome == "contradicted"


def test_named_perturbations_can_be_contrasted(study):
    finding = found(study, "{kind: contrast, more: shuffle_steps, less: delete_steps}")
    assert finding.outcome == "holds"
    assert finding.value == pytest.approx(5, abs=3)


def test_at_equal_disruption_less_is_left_of_it(study):
    finding = found(study, "{kind: contrast, more: structure, less: content, at: disruption}")
    assert abs(finding.value) < 15
    assert "7 arms" in finding.note


@pytest.mark.parametrize(("scatter", "of_arms"), [(0.0, False), (0.25, True)])
def test_the_error_at_equal_disruption_is_the_larger_of_that_of_items_and_seeds_and_that_of_arms_about_their_line(
    tmp_path, scatter, of_arms
):
    """Arms on a line say nothing of their own; arms off it, with the same items and seeds, make the interval wide."""
    study = tmp_path / "runs" / "pilot"
    items = [number < 150 for number in range(300)]
    for perturb, dose, off in [((), 1.0, 0), *((("shuffle_steps",), step / 5, (-1) ** step) for step in range(1, 5))]:
        write_line(study, perturb, dose, items, off * scatter)
    for step in range(1, 5):
        write_line(study, ("corrupt_digits",), step / 5, items, (-1) ** (step // 2) * scatter)
    finding = found(study, "{kind: contrast, more: structure, less: content, at: disruption}")
    assert ("arms scatter about the line more than items and seeds explain" in finding.note) is of_arms
    assert (finding.high - finding.low > 40) is of_arms


def write_line(study, perturb, dose, items, off):
    """An arm with two seeds that loses as much as it is disrupted, and a share more or less."""
    right = round(len(items) * (0.8 - (0.4 * dose if perturb else 0) + (off if perturb else 0)))
    for seed in (0, 1):
        table = scores("line", 0.5, items=len(items), seed=seed)
        table["correct"] = [place % 300 < right for place in range(len(items))]
        write_arm(study, perturb, dose, seed, tables=table, axes={"characters_changed": dose if perturb else 0.0})


def test_without_axes_equal_disruption_cannot_be_tested_and_says_why(study):
    finding = found(study, "{kind: contrast, more: structure, less: content, at: disruption, axes: [surprisal]}")
    assert finding.outcome == "can't be tested"
    assert re.search(r"axes.json says nothing about surprisal for \S+-lora and 6 more", finding.note)


def test_harm_and_equivalence(study):
    assert found(study, "{kind: harmful, arm: shuffle_steps-1}").outcome == "holds"
    assert found(study, "{kind: harmful, arm: wrong_answer-1}").outcome == "undecided"
    assert found(study, "{kind: equivalence, arm: wrong_answer-1}").outcome == "holds"
    assert found(study, "{kind: equivalence, arm: wrong_answer-1-lora, margin: 0.5}").outcome == "undecided"
    assert "no arm is called" in found(study, "{kind: harmful, arm: shuffle_steps-7}").note


def test_dose_response_is_a_slope_and_a_monotone_curve(study):
    finding = found(study, "{kind: dose_response, perturb: shuffle_steps}")
    assert finding.outcome == "holds"
    assert finding.value == pytest.approx(35, abs=4)
    assert [dose for dose, _, _ in finding.curve] == [0.0, 0.5, 1.0]
    fit = [monotone for _, _, monotone in finding.curve]
    assert fit == sorted(fit, reverse=True)
    assert "1 dose here" in found(study, "{kind: dose_response, perturb: wrong_answer}").note


def test_an_interaction_is_what_two_do_beyond_their_sum(study):
    finding = found(study, "{kind: interaction, perturb: [shuffle_steps, corrupt_digits]}")
    assert finding.outcome == "holds"
    assert finding.value == pytest.approx(100 * (0.7 - 0.45 - 0.64 + 0.65), abs=4)
    assert "no arm has" in found(study, "{kind: interaction, perturb: [shuffle_steps, wrong_answer]}").note


def test_holm_goes_over_the_claims(study):
    alone = found(study, "{kind: contrast, more: shuffle_steps, less: delete_steps}")
    (study / "study.yaml").write_text(
        "name: pilot\nclaims:\n  - {kind: contrast, more: shuffle_steps, less: delete_steps}\n"
        + "  - {kind: harmful, arm: wrong_answer-1}\n" * 3
    )
    assert compare(read_folder(study)).findings[0].p == pytest.approx(min(1, 4 * alone.p))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claims: [{kind: contrst}]", r"claims\[0\].kind: found 'contrst'. Did you mean contrast"),
        ("claims: [{kind: harmful}]", r"claims\[0\].arm: found nothing"),
        ("claims: [{kind: harmful, arm: a, at: b}]", r"claims\[0\].at: there is no such key"),
        ("claims: [{kind: contrast, more: a, less: b, at: place}]", r"at: found 'place', allowed: dose, disruption"),
        ("claims: [{kind: contrast, more: a, less: b, axes: [surprise]}]", "Did you mean surprisal"),
        ("claims: [{kind: interaction, perturb: a}]", "expected two perturbations"),
        ("margin: 0", "margin: found 0"),
        ("alpha: 5", "alpha: found 5"),
        ("arms: clean", "arms: found 'clean', expected a list"),
        ("- a", "expected a mapping"),
        ("{", "no YAML"),
    ],
)
def test_a_study_file_names_its_mistakes(tmp_path, text, message):
    path = tmp_path / "study.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_study(path)


def test_a_study_file_lists_its_runs(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("arms: [{}, {perturb: [a, b], dose: [0.5, 1]}, {perturb: [[a, b]], train.epochs: 1}]\nseeds: [0, 1]")
    planned = list(read_study(path).planned())
    assert len(planned) == 2 * (1 + 4 + 1)
    assert planned[0] == ((), {}, 0)
    assert planned[-1] == (("a", "b"), {"train.epochs": 1}, 1)
