import json

from ablate import world
from ablate.config import Config, Evaluate, Method, Model, Strategy, Train
from ablate.launcher import memory_notes
from ablate.launcher.settings import Slurm


def large(folder):
    """The config of a Qwen2.5 of 32B, without weights."""
    described = json.loads((world.BASE / "config.json").read_text())
    described |= {"hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 64, "num_attention_heads": 40}
    described |= {"num_key_value_heads": 8, "vocab_size": 152064, "tie_word_embeddings": False, "layer_types": ["full_attention"] * 64}
    (folder / "config.json").write_text(json.dumps(described))
    return Model(path=str(folder))


def arm(folder, strategy, method=Method.full):
    return Config(model=large(folder), train=Train(method=method, strategy=strategy), evaluate=Evaluate(tasks=["tiny_problems"]))


def test_a_student_that_will_not_fit_is_warned_of_before_a_job_is_submitted(tmp_path):
    needs, warned = memory_notes.notes([arm(tmp_path, Strategy.zero2)], Slurm(gpus=8, memory=512))
    assert "GiB on each GPU" in needs
    assert "this will not fit: each GPU has 80 GiB" in warned
    (needs,) = memory_notes.notes([arm(tmp_path, Strategy.zero3_offload)], Slurm(gpus=8, memory=1024))
    assert "zero3_offload" in needs


def test_each_way_of_training_is_told_once_and_nodes_without_a_gpu_not_at_all(tmp_path):
    arms = [arm(tmp_path, Strategy.zero3, Method.lora)] * 5
    assert len(memory_notes.notes(arms, Slurm(gpus=8, memory=512))) == 1
    assert memory_notes.notes(arms, Slurm()) == []


def test_a_student_that_can_not_be_read_is_no_reason_to_stop(tmp_path):
    unknown = Config(model=Model(path=str(tmp_path / "nix")), evaluate=Evaluate(tasks=["tiny_problems"]))
    (note,) = memory_notes.notes([unknown], Slurm(gpus=1))
    assert "can't be estimated" in note
