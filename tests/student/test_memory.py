"""The estimate that is shown before a job is submitted."""

import pytest
from deepspeed.runtime.zero.stage3 import estimate_zero3_model_states_mem_needs
from deepspeed.runtime.zero.stage_1_and_2 import estimate_zero2_model_states_mem_needs
from transformers import Qwen2Config

from ablate.config import Config, Lora, Method, Model, Strategy, Train
from ablate.errors import UserError
from ablate.student.memory import GIB, Memory, Parameters, described, estimate, parameters, warning

STUDENT_32B = Parameters(own=32_763_876_352, trained=32_763_876_352, largest=152_064 * 5120)


@pytest.fixture(scope="module")
def student_7b(tmp_path_factory):
    """The config of Qwen2.5-7B, without weights."""
    folder = tmp_path_factory.mktemp("qwen2.5-7b")
    Qwen2Config(
        vocab_size=152_064, hidden_size=3584, intermediate_size=18_944, num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4
    ).save_pretrained(folder)
    return Model(path=str(folder))


def test_parameters_are_counted_without_weights(student_7b):
    full = parameters(Config(model=student_7b, train=Train(method=Method.full)))
    assert full == Parameters(own=7_615_616_512, trained=7_615_616_512, largest=152_064 * 3584)
    lora = parameters(Config(model=student_7b, train=Train(method=Method.lora, lora=Lora(rank=64))))
    assert (lora.own, lora.largest, lora.trained) == (full.own, full.largest, 161_480_704)


def test_the_estimates_of_sharded_training_are_deepspeeds_own():
    count = STUDENT_32B
    assert estimate(count, Strategy.zero2, 8) == Memory(*estimate_zero2_model_states_mem_needs(count.own, 8, 1, False)[::-1])
    node, gpu, _ = estimate_zero3_model_states_mem_needs(count.own, count.largest, 8, 2, False, False)
    assert estimate(count, Strategy.zero3, 8, nodes=2) == Memory(gpu, node)
    node, gpu, _ = estimate_zero3_model_states_mem_needs(count.own, count.largest, 8, 1, True, True)
    assert estimate(count, Strategy.zero3_offload, 8) == Memory(gpu, node)


def test_more_sharing_takes_less_of_each_gpu():
    taken = [estimate(STUDENT_32B, strategy, 8).gpu for strategy in (Strategy.ddp, Strategy.zero2, Strategy.zero3, Strategy.zero3_offload)]
    assert taken == sorted(taken, reverse=True)
    assert estimate(STUDENT_32B, Strategy.zero3, 8, nodes=2).gpu < estimate(STUDENT_32B, Strategy.zero3, 8).gpu


def test_frozen_weights_are_whole_on_each_gpu_but_for_those_strategies_that_share_them_out():
    lora = Parameters(own=8 * GIB, trained=0, largest=0)
    assert estimate(lora, Strategy.ddp, 8).gpu == estimate(lora, Strategy.zero2, 8).gpu == 16 * GIB
    assert estimate(lora, Strategy.zero3, 8).gpu == estimate(lora, Strategy.fsdp2, 8).gpu == 2 * GIB
    assert estimate(lora, Strategy.zero3_offload, 8).gpu == 0
    assert estimate(lora, Strategy.zero3_offload, 8).node == 16 * GIB


def test_what_will_not_fit_is_said_and_what_may_is_not():
    memory = estimate(STUDENT_32B, Strategy.zero2, 8)
    assert "about 129.7 GiB on each GPU" in described(memory)
    said = warning(memory, gpu_gib=80, node_gib=1000)
    assert said.startswith("this will not fit: each GPU has 80 GiB, and 129.7 are needed before any activation; each node has 1000 GiB")
    assert "zero3_offload" in said
    assert warning(memory, gpu_gib=141, node_gib=2000) is None
    assert warning(memory, gpu_gib=141) is None


def test_a_student_without_a_config_is_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match=r"model\.path: no config\.json"):
        parameters(Config(model=Model(path=str(tmp_path))))
