"""The real W&B, offline, and the real wandb-workspaces; what was written is read back."""

import json
import re
import subprocess
import sys
import time

import pandas
import pytest
import vl_convert
import wandb
from PIL import Image
from wandb_workspaces.reports.v2.interface import Report
from wandb_workspaces.reports.v2.internal import ReportViewspec
from wandb_workspaces.workspaces import Config, Workspace
from wandb_workspaces.workspaces.internal import View

from ablate.compare import compare, read_csv, read_folder
from ablate.compare.show.charts import DOSE_RESPONSE, FOREST, tables
from ablate.compare.show.figures.style import COLORS
from ablate.compare.show.publish import Project, project_of, publish
from ablate.compare.show.workspace import report, workspace
from ablate.config import Track
from arms import scores, write_arm, write_base
from offline import contents, records

ACCURACY = {"shuffle_steps": {0.33: 0.5, 1.0: 0.2}, "delete_steps": {0.33: 0.55, 1.0: 0.45}, "corrupt_digits": {0.33: 0.6, 1.0: 0.58}}
ARMS = {f"{name}-{dose:g}-lora": accuracy for name, doses in ACCURACY.items() for dose, accuracy in doses.items()}
CLAIMS = "[{kind: contrast, more: structure, less: content}, {kind: harmful, arm: shuffle_steps-1}]"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    study = tmp_path_factory.mktemp("publish") / "runs" / "pilot"
    settings = {"track": Track(project="traces", entity="lab")}
    for seed in (0, 1):
        write_arm(study, seed=seed, accuracy=0.6, settings=settings)
        for name, doses in ACCURACY.items():
            for dose, accuracy in doses.items():
                write_arm(study, (name,), dose, seed, accuracy, settings=settings)
    write_base(study)
    (study / "study.yaml").write_text(f"name: pilot\nmargin: 5\nclaims: {CLAIMS}\n")
    return study


@pytest.fixture(scope="module")
def comparison(study):
    return compare(read_folder(study))


@pytest.fixture
def alone(tmp_path, monkeypatch):
    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def run_in(folder):
    """The one run written there; W&B's own process writes the end a moment after `finish`."""
    (file,) = folder.glob("wandb/offline-run-*/*.wandb")
    while not any(record.WhichOneof("record_type") == "exit" for record in records(file)):
        time.sleep(0.01)
    return contents(file), file.parent / "files"


def charts(view):
    return [panel for section in view["spec"]["section"]["panelBankConfig"]["sections"] for panel in section["panels"] if is_chart(panel)]


def is_chart(panel):
    return panel["viewType"] == "Vega2"


def drawn(panel, comparison):
    """The panel's chart as SVG, filled in as W&B does."""
    config = panel["config"]
    source = re.search(r'"tableKey", "value": "(\w+)"', json.dumps(config["userQuery"]))[1]
    (chart,) = [chart for chart in (FOREST, DOSE_RESPONSE) if config["panelDefId"].endswith(f"/{chart.name}")]
    spec = re.sub(r"\$\{field:(\w+)\}", lambda found: config["fieldSettings"][found[1]], json.dumps(chart.spec))
    spec = re.sub(r"\$\{string:(\w+)\}", lambda found: config["stringSettings"][found[1]], spec)
    rows = tables(comparison)[source]
    assert set(config["fieldSettings"].values()) <= set(rows)
    return vl_convert.vegalite_to_svg({**json.loads(spec), "datasets": {"wandb": rows.to_dict("records")}})


def test_the_comparison_is_a_run_with_its_tables_figures_and_verdicts(alone, comparison, tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "forest.png")
    said = publish(comparison, Project("traces"), tmp_path, {"forest": tmp_path / "forest.png"})
    assert said[0].startswith("not sent to W&B")
    run, files = run_in(tmp_path)
    assert (run["job_type"], run["run_group"], run["run_id"], run["project"]) == ("compare", "pilot", "pilot-comparison", "traces")
    assert run["config"]["margin"] == 5
    (logged,) = [row for row in run["history"] if "comparison/nrows" in row]
    assert logged["forest/nrows"] == len(ARMS) + 2  # and two claims
    assert logged["claims/nrows"] == 2
    assert logged["figures/forest/_type"] == "image-file"
    rows = json.loads((files / logged["comparison/path"]).read_text())
    assert len(rows["data"]) == len(comparison.rows)
    shuffled = next(dict(zip(rows["columns"], row, strict=True)) for row in rows["data"] if row[0] == "shuffle_steps-1-lora")
    assert shuffled["verdict"] == run["summary"]["verdict/shuffle_steps-1-lora"] == "harmful"
    assert shuffled["difference"] == pytest.approx(run["summary"]["difference/shuffle_steps-1-lora"])
    assert run["summary"]["claim/structure hurts more than content at equal doses"] == "holds"


def test_publishing_again_leaves_one_run_and_the_same_views(alone, comparison, tmp_path):
    publish(comparison, Project(), tmp_path)
    before = json.loads((tmp_path / "report.json").read_text())
    publish(comparison, Project(), tmp_path)
    run_in(tmp_path)
    after = json.loads((tmp_path / "report.json").read_text())
    assert len(before["spec"]["blocks"]) == len(after["spec"]["blocks"])
    assert (tmp_path / "publish.log").read_text() == ""


def test_the_workspace_groups_arms_by_family(alone, comparison, tmp_path):
    publish(comparison, Project("traces", "lab"), tmp_path, {})
    written = (tmp_path / "workspace.json").read_text()
    read = Workspace._from_model(View.model_validate_json(written))
    assert (read.entity, read.project) == ("lab", "traces")
    assert read.runset_settings.groupby == [Config("family"), Config("arm")]
    assert "pilot" in read.runset_settings.filters
    assert [section.name for section in read.sections] == ["Verdict", "Dose-response", "Arms", "Samples"]
    samples = read.sections[-1].panels
    assert [panel._to_model().config["panel2Config"]["exp"]["fromOp"]["inputs"]["key"]["val"] for panel in samples] == [
        "traces",
        "answers/sums",
    ]
    forest, *curves = [panel["config"] for panel in charts(json.loads(written))]
    assert forest["panelDefId"] == f"lab/{FOREST.name}"
    assert [panel["stringSettings"]["family"] for panel in curves] == ["content", "structure"]


def test_the_report_has_a_set_of_runs_per_family(alone, comparison, tmp_path):
    publish(comparison, Project("traces", "lab"), tmp_path, {})
    read = Report._from_model(ReportViewspec.model_validate_json((tmp_path / "report.json").read_text()))
    grids = [block for block in read.blocks if hasattr(block, "runsets")]
    assert [runset.name for runset in grids[0].runsets] == ["comparison"]
    assert "compare" in grids[0].runsets[0].filters
    by_family = {runset.name: runset for runset in grids[-1].runsets}
    assert list(by_family) == ["clean", "content", "structure"]
    assert "Config('family') == 'content'" in by_family["content"].filters.replace('"', "'").replace(" = ", " == ")
    assert by_family["content"].groupby == ["config.arm.value"]


def test_the_forest_plot_draws_every_arm_and_a_curve_its_family(comparison):
    view = json.loads(workspace(comparison, "lab", "traces")._to_model().model_dump_json(by_alias=True, exclude_none=True))
    forest, content, structure = [drawn(panel, comparison) for panel in charts(view)]
    assert all(arm.removesuffix("-lora") in forest for arm in ARMS)
    assert "is harmful" not in forest, "a claim is drawn among the arms"
    assert COLORS["structure"] in forest
    assert "margin 5 points" in forest
    assert "corrupt_digits" in content
    assert "shuffle_steps" not in content
    assert all(curve in structure for curve in ("shuffle_steps", "delete_steps"))


def test_a_curve_begins_at_its_clean_arm(comparison):
    rows = tables(comparison)["dose_response"]
    clean = next(row for row in comparison.of("pooled") if row.condition.label == "clean-lora")
    assert set(rows["curve"]) == set(ACCURACY)
    for _, curve in rows.groupby("curve"):
        assert list(curve["dose"]) == [0, 0.33, 1]
        assert curve["accuracy"].iloc[0] == pytest.approx(100 * clean.accuracy)


def test_accuracies_without_a_clean_arm_have_no_verdict_to_draw(alone, tmp_path):
    table = pandas.concat([scores("one", 0.6).assign(arm="one"), scores("other", 0.4).assign(arm="other")])
    table.astype({"correct": int, "finished": int}).to_csv(tmp_path / "scores.csv", index=False)
    comparison = compare(read_csv(tmp_path / "scores.csv", None))
    publish(comparison, Project(), tmp_path / "out", {})
    run, _ = run_in(tmp_path / "out")
    assert not [row for row in run["history"] if "forest/nrows" in row]
    for view in (workspace(comparison, "lab", "traces"), report(comparison, "lab", "traces")):
        assert "Vega2" not in view._to_model().model_dump_json(by_alias=True)


def test_the_project_is_that_of_the_arms(study):
    assert project_of("pilot", study) == Project("traces", "lab")
    assert project_of("wandb:team/shared/pilot", None) == Project("shared", "team")
    assert project_of("scores.csv", None) == Project("ablate", None)


@pytest.mark.parametrize("key", [{}, {"WANDB_API_KEY": "0" * 40, "WANDB_BASE_URL": "http://127.0.0.1:9"}], ids=["no key", "no server"])
def test_the_command_leaves_all_of_it_beside_the_tables(alone, study, monkeypatch, key):
    for name, value in key.items():
        monkeypatch.setenv(name, value)
    wandb.teardown()  # a child would share this process's W&B service
    command = [
        sys.executable,
        "-c",
        "from ablate.record import tracking; tracking.PATIENCE = 3; from ablate.compare.__main__ import main; raise SystemExit(main())",
        "pilot",
        "--publish",
    ]
    for _ in range(2):  # what it wrote is no arm
        shown = subprocess.run(command, cwd=study.parent.parent, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""
    assert "not sent to W&B" in shown.stdout
    assert ("publish.log" in shown.stdout) == bool(key)
    names = {path.name for path in (study / "comparison").iterdir()}
    assert names >= {"comparison.csv", "comparison.md", "workspace.json", "report.json", "forest.vega.json", "dose-response.vega.json"}
    run, _ = run_in(study / "comparison")
    assert run["summary"]["verdict/shuffle_steps-1-lora"] == "harmful"
