from pathlib import Path

import pytest
from hydra import compose, initialize_config_module
from hydra.errors import ConfigCompositionException
from omegaconf import OmegaConf

from ablate import config
from ablate.cli import plugins
from ablate.cli.help import describe
from ablate.cli.mistakes import message_of
from ablate.conf import FOLDER
from ablate.config import Config, Evaluate, Source
from ablate.errors import UserError
from ablate.record import keys

config.register()
plugins.register()
OPTIONS = [f"{path.parent.relative_to(FOLDER)}={path.stem}" for path in sorted(FOLDER.glob("*/**/*.yaml"))]


def composed(*overrides: str) -> Config:
    with initialize_config_module("ablate.conf", version_base="1.3"):
        return config.read(compose("config", list(overrides)))


@pytest.mark.parametrize("option", OPTIONS)
def test_every_shipped_config_composes_and_says_what_it_is(option):
    needed = ["data.path=traces.jsonl"] if option in ("data=file", "data=limo") else []
    needed += ["evaluate.engine.url=http://host/v1"] if option == "evaluate/engine=server" else []
    assert isinstance(composed(option, *needed), Config)
    group, _, name = option.partition("=")
    assert describe(FOLDER / group / f"{name}.yaml")


@pytest.mark.parametrize("spelling", ["perturb=shuffle_steps", "+perturb=shuffle_steps", "perturb=[shuffle_steps]"])
def test_a_perturbation_can_be_named_in_three_ways(spelling):
    assert composed(spelling, "dose=0.33").perturb == {
        "shuffle_steps": {"_target_": "ablate.perturb.ShuffleSteps", "dose": 0.33, "interior": False, "block": 1}
    }


def test_perturbations_keep_their_order_and_may_have_their_own_dose():
    read = composed("perturb=[shuffle_steps,corrupt_digits]", "dose=0.5", "perturb.corrupt_digits.dose=0.1")
    assert [(name, settings["dose"]) for name, settings in read.perturb.items()] == [("shuffle_steps", 0.5), ("corrupt_digits", 0.1)]


@pytest.mark.parametrize(
    ("profile", "train", "rate"),
    [("paper", "full", 1e-5), ("paper", "lora", 1e-4), ("qwen2.5-7b", "lora", 1e-4), ("qwen2.5-7b", "full", 1e-5)],
)
def test_the_published_hyper_parameters(profile, train, rate):
    read = composed(f"profile={profile}", f"train={train}")
    assert (read.train.batch_size, read.train.epochs, read.train.warmup_ratio, read.train.max_length) == (96, 3, 0.1, 16384)
    assert (read.train.learning_rate, read.train.lora.rank, read.train.lr_scheduler_type) == (rate, 64, "cosine")
    assert read.model.path.startswith("Qwen/Qwen2.5-")
    assert read.model.dtype == "bfloat16"
    assert read.evaluate.max_new_tokens == 32768
    assert read.data.name == "NovaSky-AI/Sky-T1_data_17k"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["dose=1.5"], "dose: found 1.5, allowed is a share from 0 to 1"),
        (["data=file"], "data.path: found nothing"),
        (["data=limo"], r"data\.revision: found nothing, allowed are the 40 hexadecimal digits of a commit; or give data\.path"),
        (["data=sky_t1", "data.revision=main"], r"data\.revision: found main, allowed are the 40"),
        (["data=s1k", "data.columns.solution=null"], r"data\.columns\.thought and data\.columns\.solution: found one of them"),
        (["data=sky_t1", "data.name=null"], r"data\.name: found nothing"),
        (
            ["train.batch_size=7", "train.per_device_batch_size=2"],
            "train.batch_size: found 7, allowed is a multiple of train.per_device_batch_size=2",
        ),
        (["train.processes=2"], "train.processes: found 2, but train/strategy=single trains in one; take ddp, zero2"),
        (["train.epochs=0"], "train.epochs: found 0, allowed is more than 0"),
        (["evaluate.num_samples=4"], "evaluate.num_samples: found more than 1 with evaluate.temperature=0"),
        (["evaluate.tasks=[]"], "evaluate.tasks: found none"),
        (["data.hops=[5,3]"], r"data.hops: found \[5, 3\]"),
        (["data.hops=[1,1]"], r"data.hops: found \[1, 1\], allowed is \[fewest, most\], from 2 to 18"),
        (["seed=-1"], "seed: found -1, allowed is 0 or more"),
        (["study=arms"], "study: found 'arms', allowed is a name of letters"),
        (["study=a/b"], "study: found 'a/b', allowed is a name of letters"),
        (["study=.."], r"study: found '\.\.', allowed is a name of letters"),
        (["train.warmup_ratio=1"], "train.warmup_ratio: found 1, allowed is a share"),
        (["evaluate.batch_size=0", "seed=1", "train.max_length=1"], "train.max_length: found 1.*\n.*evaluate.batch_size: found 0"),
    ],
)
def test_values_out_of_bounds_are_named_all_at_once(overrides, message):
    with pytest.raises(UserError, match=message):
        composed(*overrides)


def test_the_stored_config_reads_back_as_itself():
    read = composed("+perturb=corrupt_digits", "dose=0.2", "train=full")
    stored = OmegaConf.create(config.as_yaml(read))
    assert config.read(OmegaConf.merge(OmegaConf.structured(Config), stored)) == read


def test_defaults_of_the_schema_need_a_task():
    with pytest.raises(UserError, match=r"evaluate\.tasks"):
        config.check(Config())
    config.check(Config(evaluate=Evaluate(tasks=["tiny_problems"])))
    assert Source("file") is Source.file


@pytest.mark.parametrize("old", [*config.RENAMED, "until=evaluate"])
def test_an_old_spelling_is_refused_and_the_new_one_named(old):
    expected = f"{old}: is now {config.RENAMED[old]}" if old in config.RENAMED else "until: evaluate is now score"
    with pytest.raises(ConfigCompositionException) as refused:
        composed(old if "=" in old else f"{old}=1")
    assert message_of(refused.value) == expected


def test_new_spellings_are_settings_and_old_ones_are_none():
    assert set(config.RENAMED.values()) <= set(keys.DEFAULTS)
    assert not set(config.RENAMED) & set(keys.DEFAULTS)


def test_the_page_lists_what_was_renamed():
    rows = [f"| `{old}` | `{new}` |" for old, new in config.RENAMED.items()]
    page = (Path(__file__).parents[1] / "docs" / "renamed.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("| `")] == [*rows, "| `until=evaluate` | `until=score` |"]
