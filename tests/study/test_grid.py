import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st

from ablate.errors import UserError
from ablate.study import grid
from ablate.sweeps import FOLDER

STUDY = """
name: pilot
arms:
  - {}
  - {perturb: [shuffle_steps, delete_steps], dose: [0.33, 1.0]}
  - {perturb: [[shuffle_steps, corrupt_digits]], dose: 0.2, train.match: tokens}
seeds: [0, 1]
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "pilot.yaml").write_text(STUDY)
    return tmp_path / "pilot.yaml"


def test_arms_are_small_grids_times_seeds(path):
    arms = grid.of_study(path, [])
    assert len(arms) == (1 + 4 + 1) * 2
    assert arms[0] == ["perturb=[]", "seed=0", "study=pilot"]
    assert ["perturb=[delete_steps]", "dose=0.33", "seed=1", "study=pilot"] in arms
    assert arms[-1] == ["perturb=[shuffle_steps,corrupt_digits]", "dose=0.2", "train.match=tokens", "seed=1", "study=pilot"]


def test_the_command_line_stands_on_top(path):
    arms = grid.of_study(path, ["seed=5,6,7", "profile=paper", "study=mine"])
    assert len(arms) == 6 * 3
    assert all(arm[-2:] == ["profile=paper", "study=mine"] for arm in arms)
    assert {arm[-3] for arm in arms} == {"seed=5", "seed=6", "seed=7"}


def test_a_plain_sweep_is_a_cartesian_product():
    arms = grid.cartesian(["+perturb=shuffle_steps,delete_steps", "dose=0.33,1.0", "seed=0"])
    assert len(arms) == 4
    assert ["+perturb=delete_steps", "dose=0.33", "seed=0"] in arms
    assert grid.cartesian([]) == [[]]


def test_a_study_is_found_by_name_own_ones_first(path, tmp_path):
    assert grid.find("pilot", [tmp_path, FOLDER]) == path
    assert grid.find("controls", [tmp_path, FOLDER]) == FOLDER / "controls.yaml"
    assert grid.find(str(path), []) == path
    (tmp_path / "controls.yaml").write_text(STUDY)
    assert grid.find("controls", [tmp_path, FOLDER]) == tmp_path / "controls.yaml"


def test_an_unknown_study_is_said(tmp_path):
    with pytest.raises(UserError, match=r"sweep: found 'control'\. Did you mean controls"):
        grid.find("control", [FOLDER])
    with pytest.raises(UserError, match=r"nix\.yaml is no file"):
        grid.find("nix.yaml", [FOLDER])


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex("[a-z_]{1,5}", fullmatch=True), inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
@example("let me check, again")
@example("null")
@example("a path (copy)/x")
@example("it's \\'so\\")
@example("${oc.env:HOME}")
def test_a_value_of_a_study_reaches_the_arm_as_it_stands_in_the_file(value):
    (override,) = OverridesParser.create().parse_overrides([f"key={grid.quoted(value)}"])
    assert not override.is_sweep_override()
    assert override.value() == value
    assert type(override.value()) is type(value)
