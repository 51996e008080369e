"""What a strategy asks for, and what it refuses, before any process is started."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.config import Model, Strategy, Train
from ablate.errors import UserError
from ablate.student.load import load_model, load_tokenizer
from ablate.train.strategy import accumulation, check_device, library_arguments, ran


@given(st.integers(1, 8), st.integers(1, 64), st.integers(1, 20))
def test_a_step_sees_the_same_number_of_traces_whatever_the_number_of_processes(per_device, processes, micro_batches):
    train = Train(batch_size=per_device * processes * micro_batches, per_device_batch_size=per_device)
    assert accumulation(train, processes) * processes * per_device == train.batch_size


def test_a_batch_that_cannot_be_shared_evenly_says_why():
    with pytest.raises(
        UserError,
        match=r"train\.batch_size: found 96, which 5 processes with train\.per_device_batch_size=4 can't share.*\[1, 2, 3, 4, 6, 8",
    ):
        accumulation(Train(batch_size=96, per_device_batch_size=4), 5)


def test_what_needs_a_gpu_is_refused_without_one():
    with pytest.raises(UserError, match="train/strategy: found fsdp2, which needs a GPU"):
        check_device(Strategy.fsdp2, on_gpu=False)
    check_device(Strategy.fsdp2, on_gpu=True)


@pytest.mark.parametrize(("strategy", "stage", "offload"), [("zero2", 2, False), ("zero3", 3, False), ("zero3_offload", 3, True)])
def test_deepspeed_is_told_the_stage_and_gathers_what_is_saved(strategy, stage, offload):
    zero = library_arguments(Train(strategy=Strategy(strategy)), on_gpu=True)["deepspeed"]["zero_optimization"]
    assert zero["stage"] == stage
    assert ("offload_param" in zero) is ("offload_optimizer" in zero) is offload
    assert zero["stage3_gather_16bit_weights_on_model_save"]


def test_another_strategy_than_was_asked_for_does_not_run(tmp_path):
    """A real trainer in one process, taken for others."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    arguments = SFTConfig(
        output_dir=str(tmp_path), use_cpu=True, per_device_train_batch_size=3, gradient_accumulation_steps=2, report_to=[]
    )
    rows = Dataset.from_dict({"input_ids": [[1, 2]], "labels": [[1, 2]]})
    student = Model()
    trainer = SFTTrainer(load_model(student), arguments, train_dataset=rows, processing_class=load_tokenizer(student))
    asked = Train(batch_size=6, per_device_batch_size=3)
    assert ran(trainer, asked).batch == 6
    for strategy in set(Strategy) - {Strategy.single}:
        with pytest.raises(RuntimeError, match=f"train/strategy={strategy} .* was asked for, but this would run"):
            ran(trainer, replace(asked, strategy=strategy))
    with pytest.raises(RuntimeError, match=r"train\.batch_size=12 was asked for"):
        ran(trainer, replace(asked, batch_size=12))
