"""A sandbox that does not hold is found out before anything is run in it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablate.evaluate.sandbox import Bubblewrap, Limits, NoSandbox, SandboxFailed, meters, open_sandbox
from ablate.evaluate.sandbox.inside import literals
from ablate.evaluate.sandbox.self_test import failures


@pytest.fixture(scope="module")
def sandbox():
    try:
        return open_sandbox()
    except NoSandbox as error:
        pytest.skip(str(error))


class SharesNetwork(Bubblewrap):
    def arguments(self, *given):
        return [word for word in super().arguments(*given) if word != "--unshare-net"]


class KeepsFilter(Bubblewrap):
    def arguments(self, *given):
        words = super().arguments(*given)
        place = words.index("--seccomp")
        return [*words[:place], *words[place + 2 :]]


class ShowsHomes(Bubblewrap):
    def arguments(self, *given):
        return [*super().arguments(*given)[:-2], "--ro-bind", "/etc", "/etc", *super().arguments(*given)[-2:]]


@pytest.mark.parametrize(("leaky", "found"), [(SharesNetwork, "network"), (KeepsFilter, "all system calls"), (ShowsHomes, "/etc/passwd")])
def test_a_leak_is_found(sandbox, leaky, found):
    assert failures(sandbox) == []
    assert found in "; ".join(failures(leaky(sandbox.programs, sandbox.limits_by)))


class Blind:
    """A meter that holds nothing."""

    def __init__(self, entering=()):
        self._entering = list(entering)

    def entering(self):
        return self._entering

    def cpu_seconds(self, process):
        return 0.0

    def over_memory(self, process):
        return False

    def close(self):
        pass


def test_limits_that_hold_nothing_are_found(sandbox, monkeypatch):
    monkeypatch.setattr(meters, "meter", lambda name, limits: Blind())
    assert "memory is not bounded" in failures(sandbox)


def test_nothing_runs_in_a_group_that_can_not_be_entered(sandbox, monkeypatch):
    monkeypatch.setattr(meters, "meter", lambda name, limits: Blind([Path("/sys/fs/cgroup/none/cgroup.procs")]))
    with pytest.raises(SandboxFailed):
        sandbox.run({}, [sandbox.python, "-c", "print('ran')"], b"", Limits())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.sets(st.integers() | st.text(), max_size=4)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_values_cross_as_they_are(value):
    again = literals.read(literals.written(value))
    assert (again, type(again)) == (value, type(value))


@pytest.mark.parametrize("line", ["", "[", "{}", '{"evil": 1}', '{"int": 3}', "[" * 100_000, '{"set": [[1]]}', b"\xff"])
def test_what_is_no_value_is_refused(line):
    with pytest.raises(ValueError, match=r".*"):
        literals.read(line)
