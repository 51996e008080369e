"""The real TRL trainer on the real base, for a few steps."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from ablate import corpora
from ablate.config import Config, Data, Evaluate, Lora, Method, Train
from ablate.student.encode import Conversation
from ablate.student.load import load_trained
from ablate.train import fit as fitting
from ablate.train.optimise import last_checkpoint

EXAMPLES = corpora.load(Data(traces=24)).examples
CONVERSATIONS = [Conversation(example.problem, example.trace.text) for example in EXAMPLES]
TRAIN = Train(learning_rate=4e-3, epochs=1, batch_size=6, per_device_batch_size=6, max_length=512, save_steps=2, lora=Lora(rank=4, alpha=8))


def config(**changes) -> Config:
    return Config(train=replace(TRAIN, **changes), evaluate=Evaluate(tasks=["tiny_problems"]))


def fit(folder, settings, told=lambda done, total: None, log=lambda values: None):
    return fitting.fit(CONVERSATIONS, settings, folder / "checkpoints", folder / "model", told, log)


def weights(folder):
    return load_trained(config().model, folder / "model").state_dict()


@pytest.mark.parametrize("method", [Method.lora, Method.full])
def test_the_saved_model_learned_and_loads_as_plain_safetensors(tmp_path, method):
    told = []
    fitted = fit(tmp_path, config(method=method, epochs=3), lambda done, total: told.append((done, total)))
    assert told[-1] == (12, 12)
    assert fitted.curve[-1]["loss"] < fitted.curve[0]["loss"]
    assert fitted.tokens.traces == 24
    assert fitted.tokens.truncated_traces == 0
    assert fitted.tokens.trainable > 24 * 60
    assert (fitted.ran.strategy, fitted.ran.distributed_type, fitted.ran.batch) == ("single", "NO", 6)
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert ("adapter_model.safetensors" in names) is (method is Method.lora)
    assert not {name for name in names if name.endswith((".bin", ".pt", ".pkl"))}
    base = load_trained(config().model, None).state_dict()
    changed = [name for name, tensor in weights(tmp_path).items() if not torch.equal(tensor, base[name])]
    assert any("q_proj" in name for name in changed)


def test_resuming_in_the_middle_of_a_later_epoch_ends_in_the_same_weights(tmp_path):
    class Killed(Exception):
        pass

    def killer(done, total):
        if done == 7:
            raise Killed

    fit(tmp_path / "whole", config(epochs=2))
    with pytest.raises(Killed):
        fit(tmp_path / "killed", config(epochs=2), killer)
    half_written = tmp_path / "killed" / "checkpoints" / "checkpoint-7"
    half_written.mkdir()
    (half_written / "trainer_state.json").write_text("{")
    assert last_checkpoint(tmp_path / "killed" / "checkpoints").endswith("checkpoint-6")
    seen = []
    fit(tmp_path / "killed", config(epochs=2), lambda done, total: seen.append(done))
    assert seen == [7, 8]
    whole = load_file(tmp_path / "whole" / "model" / "adapter_model.safetensors")
    killed = load_file(tmp_path / "killed" / "model" / "adapter_model.safetensors")
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


def test_packed_traces_do_not_see_each_other(tmp_path):
    """One step over all traces: the loss per token is the same packed and padded."""
    losses = []
    for packing in (False, True):
        settings = config(
            packing=packing, batch_size=24 if not packing else 12, per_device_batch_size=24 if not packing else 12, max_length=512
        )
        fitted = fit(tmp_path / str(packing), settings)
        losses.append(fitted.curve[0]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=2e-3)
