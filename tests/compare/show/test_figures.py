import re

import pandas
import pytest

from ablate.compare import compare, read_csv, read_folder
from ablate.compare.show.figures import MODULES, pictures, write
from ablate.compare.show.figures.style import COLORS, FACES, LINES, MARKERS
from arms import row_of, scores, write_arm, write_base

CLAIMS = "name: pilot\nclaims:\n  - {kind: dose_response, perturb: delete_steps}\n  - {kind: contrast, more: structure, less: content}\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Structure and content at two doses each, two seeds, a base, and the axes."""
    folder = tmp_path_factory.mktemp("figures") / "runs" / "pilot"
    for seed in (0, 1):
        for perturb, loss in ((), 0), (("delete_steps",), 0.4), (("corrupt_digits",), 0.1):
            for dose in (0.5, 1.0) if perturb else (1.0,):
                table = scores(f"{perturb}{dose}", 0.7 - loss * dose, items=80, seed=seed)
                write_arm(folder, perturb, dose, seed, tables=table, axes={"tokens_changed": dose / 2, "characters_changed": dose / 3})
    write_base(folder, tables=scores("base", 0.1, items=80))
    (folder / "study.yaml").write_text(CLAIMS)
    return folder


@pytest.fixture(scope="module")
def drawn(study):
    outcomes = read_folder(study)
    comparison = compare(outcomes)
    return comparison, {picture.name: picture for picture in pictures(comparison, outcomes)}


def test_every_figure_of_a_whole_study_is_drawn(drawn):
    assert list(drawn[1]) == list(MODULES)


def test_the_forest_shows_the_comparisons_own_numbers(drawn):
    comparison, figures = drawn
    table = figures["forest"].table.set_index("label")
    difference = row_of(comparison, "delete_steps-1-lora").difference
    assert table.loc["delete_steps-1", ["value", "low", "high"]].tolist() == pytest.approx(
        [100 * float(x) for x in (difference.value, *difference.interval())]
    )
    assert table[table["part"] == "arm"]["family"].tolist() == ["structure"] * 2 + ["content"] * 2
    claims = table[table["part"] == "claim"]
    assert claims["value"].tolist() == [finding.value for finding in comparison.findings]
    assert f"−{-table.loc['delete_steps-1', 'value']:.1f} [" in figures["forest"].files["svg"].decode()


def test_a_curve_begins_with_the_clean_arm_and_has_the_claims_fit(drawn):
    comparison, figures = drawn
    table = figures["dose_response"].table
    curve = table[table["perturbation"] == "delete_steps"]
    assert curve["dose"].tolist() == [0, 0.5, 1]
    assert curve["accuracy"].iloc[0] == pytest.approx(100 * row_of(comparison, "clean-lora").accuracy)
    assert curve["monotone"].is_monotonic_decreasing
    assert table[table["perturbation"] == "corrupt_digits"]["monotone"].isna().all()


def test_disruption_holds_the_points_lost_and_the_axes(drawn):
    comparison, figures = drawn
    table = figures["disruption"].table.set_index("arm")
    arm = "delete_steps-0.5-lora"
    assert table.loc[arm, "lost"] == pytest.approx(-100 * float(row_of(comparison, arm).difference.value))
    assert (table["low"] <= table["lost"]).all()
    assert (table["lost"] <= table["high"]).all()
    assert table.loc[arm, ["tokens_changed", "characters_changed"]].tolist() == pytest.approx([0.25, 0.5 / 3])


def test_the_heat_map_goes_from_easy_to_hard_over_all_arms(drawn):
    comparison, figures = drawn
    table = figures["items"].table
    shares = table.drop(columns=["task", "item"])
    arms = ["delete_steps-0.5", "delete_steps-1", "corrupt_digits-0.5", "corrupt_digits-1"]
    assert [column.split(": ")[1] for column in shares] == ["base", "clean", *arms]
    assert shares.mean(axis=1).is_monotonic_decreasing
    assert 100 * shares["clean: clean"].mean() == pytest.approx(100 * row_of(comparison, "clean-lora").accuracy)


def test_endings_are_told_per_arm(drawn):
    comparison, figures = drawn
    table = figures["ending"].table.set_index("arm")
    row = row_of(comparison, "delete_steps-1-lora")
    assert table.loc["delete_steps-1", ["finished", "finished_accuracy", "tokens"]].tolist() == pytest.approx(
        [100 * row.finished, 100 * row.finished_accuracy, row.tokens]
    )


def test_the_same_study_gives_the_same_bytes(study, drawn, tmp_path):
    outcomes = read_folder(study)
    for picture in pictures(compare(outcomes), outcomes):
        assert picture.files == drawn[1][picture.name].files
        write(picture, tmp_path)
        assert {path.suffix for path in tmp_path.glob(f"{picture.name}.*")} == {".svg", ".pdf", ".png", ".csv"}
        assert len(pandas.read_csv(tmp_path / f"{picture.name}.csv")) == len(picture.table)


def test_text_stays_text(drawn):
    for picture in drawn[1].values():
        svg = picture.files["svg"].decode()
        assert "<text" in svg
        assert not re.search(r"<dc:date>|<script", svg)


def test_families_differ_by_more_than_colour():
    looks = {name: (MARKERS[name], FACES.get(name, "filled")) for name in COLORS}
    assert len(set(looks.values())) == len(COLORS)
    assert LINES["structure"] != LINES["content"]


def test_a_table_of_scores_alone_gives_the_figures_it_has_data_for(tmp_path):
    rows = pandas.concat([scores(arm, 0.6, items=40).assign(arm=arm) for arm in ("clean", "other")])
    rows.drop(columns=["finished", "tokens"]).to_csv(tmp_path / "scores.csv", index=False)
    outcomes = read_csv(tmp_path / "scores.csv", "clean")
    assert [picture.name for picture in pictures(compare(outcomes), outcomes)] == ["forest", "items"]


def test_two_settings_stand_in_groups_of_their_own(tmp_path):
    from ablate.config import Data

    for traces in (250, 500):
        for perturb in ((), ("delete_steps",)):
            write_arm(tmp_path / "sizes", perturb, settings={"data": Data(traces=traces)}, id=f"{traces + len(perturb):010x}")
    outcomes = read_folder(tmp_path / "sizes")
    (forest,) = pictures(compare(outcomes), outcomes, ["forest"])
    assert forest.table["group"].nunique() == 2
    assert forest.table["label"].is_unique
