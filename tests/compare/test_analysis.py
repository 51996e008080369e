"""The scripts of `analysis/` on small studies, as their files in `sweeps/` plan them."""

import runpy
from pathlib import Path

import pandas
import pytest

from ablate.compare import read_study
from ablate.config import Data, Match, Method, Train
from arms import family_of, scores, write_arm

ROOT = Path(__file__).parents[2]
STUDIES = {
    "structure_vs_content": "families",
    "dose_response": "doses",
    "controls": "arms",
    "structure_x_content": "factorial",
    "lora_vs_full": "methods",
    "data_size": "methods",
}
LOSS = {"structure": 0.4, "content": 0.1, "control": 0.2}


def settings(others):
    train = Train(method=Method[others.get("train", "lora")], match=Match[others.get("train.match", "none")])
    return {"train": train, "data": Data(traces=others.get("data.traces"))}


def accuracy(perturb, dose):
    return 0.8 - sum(LOSS[family_of(name)] * dose for name in perturb)


def write_study(folder, name):
    """The planned arms, where a dose costs structure most; two seeds are enough."""
    plan = (ROOT / "sweeps" / f"{name}.yaml").read_text()
    folder.mkdir(parents=True)
    (folder / "study.yaml").write_text(plan)
    planned = [(perturb, others, seed) for perturb, others, seed in read_study(folder / "study.yaml").planned() if seed < 2]
    for number, (perturb, others, seed) in enumerate(planned):
        dose = float(others.get("dose", 1.0))
        table = scores(f"{perturb}{dose}", accuracy(perturb, dose), items=60, seed=seed)
        axes = {"tokens_changed": dose / 2 if perturb else 0.0, "characters_changed": dose / 3 if perturb else 0.0}
        write_arm(folder, perturb, dose, seed, tables=table, axes=axes, settings=settings(others), id=f"{number:010x}")


def analysed(folder, name):
    """The study's own table, after the script ran."""
    write_study(folder / "runs" / name, name)
    runpy.run_path(str(ROOT / "analysis" / "study.py"))["main"](folder / "runs" / name, folder / name)
    return pandas.read_csv(folder / name / f"{STUDIES[name]}.csv")


@pytest.mark.parametrize("name", STUDIES)
def test_one_script_writes_the_figures_and_tables_of_every_study(tmp_path, name):
    assert len(analysed(tmp_path, name)) > 0
    out = tmp_path / name
    figures = {path.stem for path in out.glob("*.svg")}
    assert figures >= {"forest", "ending", "items"}
    assert {path.stem for path in out.glob("*.pdf")} == figures
    assert {*figures, "arms", "claims"} <= {path.stem for path in out.glob("*.csv")}
    assert "\\toprule" in (out / "arms.tex").read_text()


def test_every_study_is_analysed_and_the_published_numbers_have_a_figure_of_their_own():
    assert {path.stem for path in (ROOT / "sweeps").glob("*.yaml")} == set(STUDIES)
    assert {path.stem for path in (ROOT / "analysis").glob("*.py")} == {"study", "published"}


def test_what_was_planted_is_in_the_tables(tmp_path):
    families = analysed(tmp_path, "structure_vs_content").set_index(["dose", "family"])["mean"]
    assert families[1.0, "structure"] < families[1.0, "content"] - 15
    both = analysed(tmp_path, "structure_x_content")
    pairs = [f"{one}+{other}" for one in ("shuffle_steps", "delete_steps") for other in ("corrupt_digits", "swap_operators")]
    assert set(both["perturb"]) == set(pairs)
    assert both["beyond"].tolist() == pytest.approx((both["together"] - both["added"]).tolist(), abs=0.02)
    sizes = analysed(tmp_path, "data_size")
    assert len(sizes.columns) == 2 + 3
    controls = analysed(tmp_path, "controls")
    matched = controls[controls["arm"].str.contains("train.match=tokens")]
    assert len(matched) == 2
    assert matched["difference"].notna().all()
