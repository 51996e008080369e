"""Each script of `analysis/` on a small study, as its file in `sweeps/` plans it."""

import runpy
from pathlib import Path

import pandas
import pytest

from ablate.compare import read_study
from ablate.config import Data, Match, Method, Train
from arms import family_of, scores, write_arm

ROOT = Path(__file__).parents[2]
STUDIES = {
    "structure_vs_content": ("forest disruption items ending", "families.csv"),
    "dose_response": ("dose_response disruption", "doses.csv"),
    "controls": ("forest ending", "controls.csv"),
    "structure_x_content": ("forest items", "factorial.csv"),
    "lora_vs_full": ("forest ending", "methods.csv"),
    "data_size": ("forest", "sizes.csv"),
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


@pytest.mark.parametrize("name", STUDIES)
def test_a_script_writes_its_studys_figures_and_tables(tmp_path, name):
    study, out = tmp_path / "runs" / name, tmp_path / "out"
    write_study(study, name)
    script = ROOT / "analysis" / f"{name}.py"
    runpy.run_path(str(script))["main"](study, out)
    figures, table = STUDIES[name]
    assert {path.stem for path in out.glob("*.svg")} == set(figures.split())
    assert {path.stem for path in out.glob("*.pdf")} == set(figures.split())
    assert len(pandas.read_csv(out / table)) > 0
    assert "\\toprule" in (out / "arms.tex").read_text()
    assert len(script.read_text().splitlines()) <= 40


def test_every_study_has_its_script():
    assert {path.stem for path in (ROOT / "sweeps").glob("*.yaml")} == set(STUDIES)
    assert {path.stem for path in (ROOT / "analysis").glob("*.py")} == {*STUDIES, "published"}


def test_what_was_planted_is_in_the_tables(tmp_path):
    def table(name):
        write_study(tmp_path / name, name)
        runpy.run_path(str(ROOT / "analysis" / f"{name}.py"))["main"](tmp_path / name, tmp_path / "out")
        return pandas.read_csv(tmp_path / "out" / STUDIES[name][1])

    families = table("structure_vs_content").set_index(["dose", "family"])["mean"]
    assert families[1.0, "structure"] < families[1.0, "content"] - 15
    both = table("structure_x_content")
    pairs = [f"{one}+{other}" for one in ("shuffle_steps", "delete_steps") for other in ("corrupt_digits", "swap_operators")]
    assert set(both["perturb"]) == set(pairs)
    assert both["beyond"].tolist() == pytest.approx((both["together"] - both["added"]).tolist(), abs=0.02)
    sizes = table("data_size")
    assert sizes["against"].nunique() == 3
    assert len(sizes) == 9
    controls = table("controls")
    matched = controls[controls["arm"].str.contains("train.match=tokens")]
    assert len(matched) == 2
    assert matched["difference"].notna().all()
