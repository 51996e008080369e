"""What a result is known by."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ablate.config import Config, Train
from ablate.record import keys


def test_settings_are_named_by_their_full_key_and_a_mapping_stays_whole():
    flat = keys.flat(Config(perturb={"shuffle_steps": {"dose": 0.3}}))
    assert flat["train.lora.rank"] == Train().lora.rank
    assert flat["perturb"] == {"shuffle_steps": {"dose": 0.3}}


@given(st.dictionaries(st.sampled_from(sorted(keys.DEFAULTS)), st.integers() | st.text(), max_size=4))
def test_a_setting_at_its_default_is_as_if_it_were_not_there(settings):
    everything = {**keys.DEFAULTS, **settings}
    assert keys.changed(everything) == keys.changed(settings)


def test_a_setting_that_is_added_later_changes_no_key(monkeypatch):
    @dataclass
    class Wider(Train):
        label_smoothing: float = 0.0

    @dataclass
    class Later(Config):
        train: Wider = field(default_factory=Wider)

    before = keys.key("train", 1, keys.changed(keys.read_by(keys.flat(Config(seed=3)), ("seed", "train"))), {})
    monkeypatch.setattr(keys, "DEFAULTS", keys.flat(Later()))

    def after(config):
        return keys.key("train", 1, keys.changed(keys.read_by(keys.flat(config), ("seed", "train"))), {})

    assert after(Later(seed=3)) == before
    assert after(Later(seed=3, train=Wider(label_smoothing=0.1))) != before


def test_one_and_one_point_zero_are_the_same_setting_and_so_are_a_list_and_a_tuple():
    assert keys.key("train", 1, {"dose": 1, "hops": (3, 5)}, {}) == keys.key("train", 1, {"dose": 1.0, "hops": [3, 5]}, {})


def test_stage_version_settings_and_inputs_all_count():
    one = ("train", 1, {"seed": 0}, {"perturb": "a"})
    others = [("score", *one[1:]), ("train", 2, *one[2:]), ("train", 1, {"seed": 1}, one[3]), (*one[:3], {"perturb": "b"})]
    assert len({keys.key(*each) for each in (one, *others)}) == 5


def test_a_group_is_read_whole_and_a_longer_name_is_another_one():
    settings = {"train.lora.rank": 1, "train.lora_like": 2, "seed": 3}
    assert keys.read_by(settings, ["train.lora"]) == {"train.lora.rank": 1}
