"""Runs of the first layout, whose settings had other names."""

import pytest
import yaml

from ablate.compare import read_folder
from ablate.compare.read.first_layout import read_run
from ablate.compare.read.run_settings import settings_of
from ablate.config import RENAMED, Data, Evaluate, Model, Train
from arms import write_first_arm

SETTINGS = {
    "train": Train(max_length=512, batch_size=8, warmup_ratio=0.2),
    "model": Model(attn_implementation="eager", system_prompt="Think."),
    "evaluate": Evaluate(tasks=["sums"], max_new_tokens=384, limit=200),
}


def with_old_names(folder):
    """Its config as the first storey wrote it."""
    path = folder.path / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for old, new in RENAMED.items():
        group, key = old.split(".")
        config[group][key] = config[group].pop(new.split(".")[1])
    path.write_text(yaml.safe_dump(config))


def test_old_names_of_settings_are_the_new_ones(tmp_path):
    study = tmp_path / "runs" / "pilot"
    clean = write_first_arm(study, settings=SETTINGS)
    with_old_names(clean)
    write_first_arm(study, ["shuffle_steps"], settings=SETTINGS)
    outcomes = read_folder(study)
    assert outcomes.condition("shuffle_steps-1-lora").reference == "clean-lora"
    assert not [flag for flag in outcomes.flags if "not compared" in flag]
    settings = settings_of(outcomes.sources["clean-lora"][0])
    assert settings["train.max_length"] == 512
    assert settings["evaluate.max_new_tokens"] == 384
    assert settings["model.system_prompt"] == "Think."
    assert not set(RENAMED) & set(settings)


def test_a_setting_that_came_later_tells_no_older_run_apart(tmp_path):
    study = tmp_path / "runs" / "pilot"
    older = write_first_arm(study)
    config = yaml.safe_load((older.path / "config.yaml").read_text())
    del config["train"]["packing"]
    (older.path / "config.yaml").write_text(yaml.safe_dump(config))
    write_first_arm(study, ["shuffle_steps"])
    assert read_folder(study).condition("shuffle_steps-1-lora").reference == "clean-lora"


def test_without_traces_other_paths_are_other_data(tmp_path):
    study = tmp_path / "runs" / "pilot"
    write_first_arm(study, settings={"data": Data(path="one.jsonl")})
    write_first_arm(study, ["shuffle_steps"], settings={"data": Data(path="other.jsonl")})
    assert read_folder(study).condition("shuffle_steps-1-lora").reference is None


def test_traces_that_are_gone_on_one_side_are_not_called_other_examples(tmp_path):
    study = tmp_path / "runs" / "pilot"
    write_first_arm(study, traces={"q1": "Let p be 1."})
    write_first_arm(study, ["shuffle_steps"])
    flags = read_folder(study).flags
    assert (
        "shuffle_steps-1-lora: not compared: whether it was trained on the examples of clean-lora is not known: traces are missing" in flags
    )


@pytest.mark.parametrize("traces", [{"q1": "Let p be 2."}, {"q2": "Let p be 1."}, {"q1": "Let p be 1.", "q2": "Let p be 2."}])
def test_examples_are_known_by_their_ids_and_clean_texts(tmp_path, traces):
    one = write_first_arm(tmp_path / "one", traces={"q1": "Let p be 1."})
    same = write_first_arm(tmp_path / "same", ["shuffle_steps"], traces={"q1": "Let p be 1."})
    other = write_first_arm(tmp_path / "other", traces=traces)
    assert read_run(one.path).data == read_run(same.path).data != read_run(other.path).data
