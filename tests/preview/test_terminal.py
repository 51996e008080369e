import io
import re
from dataclasses import replace

from rich.console import Console

from ablate.page.visible import visible
from ablate.perturb import CorruptDigits, DeleteSteps, Donors, InsertSteps, ShuffleSteps
from ablate.preview import terminal
from ablate.preview.chosen import choose
from ablate.traces import SEGMENTERS, Example, parse
from strategies import HOSTILE

STEPS = [f"Step {number} holds {number}{number}." for number in range(1, 41)]


def example(name="one", steps=STEPS):
    text = "<think>\n" + "\n\n".join(steps) + "\n</think>\n\nIt is \\boxed{7}."
    return Example(name, f"What is {name}?", "7", parse(text, SEGMENTERS["blank_line"]), "test")


def printed(perturbations, *examples, colour=False):
    stream = io.StringIO()
    console = Console(file=stream, width=100, highlight=False, force_terminal=colour, color_system="truecolor" if colour else None)
    donors = Donors([*examples, example("other")])
    terminal.show(choose(examples, donors, perturbations, 0, len(examples)), console)
    return stream.getvalue()


def test_moved_steps_show_their_old_number_and_unchanged_ones_are_folded():
    text = printed({"shuffle_steps": ShuffleSteps(0.1)}, example())
    assert "shuffle_steps at dose 0.1" in text
    assert "moved 4 · 10%" in text
    moved = re.findall(r"^ *(\d+) . \S+ +⇅ was (\d+)  Step (\d+) holds", text, re.MULTILINE)
    assert len(moved) == 4
    assert all(old == said != new for new, old, said in moved)
    folded = re.findall(r"… (\d+) steps? unchanged", text)
    assert sum(map(int, folded)) == 36


def test_changed_words_stand_in_place():
    text = printed({"corrupt_digits": CorruptDigits(0.5)}, example())
    assert re.search(r"Step \d+ holds \[-\d+-\]\{\+\d+\+\}\.", text)
    coloured = printed({"corrupt_digits": CorruptDigits(0.5)}, example(), colour=True)
    assert "[-" not in re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert re.search(r"\x1b\[9;31m\d+\x1b\[0m\x1b\[4;32m\d+\x1b\[0m", coloured)


def test_removed_and_inserted_steps_are_marked():
    assert printed({"delete_steps": DeleteSteps(0.1)}, example()).count("− removed  [-Step") == 4
    text = printed({"insert_steps": InsertSteps(0.1)}, example())
    assert text.count("− replaced  [-Step") == text.count("+ from other, step ") == 4


def test_a_trace_cannot_steer_the_terminal():
    hostile = replace(example("".join(HOSTILE), [*HOSTILE, *STEPS[:3]]), problem="\n".join(HOSTILE))
    text = printed({"shuffle_steps": ShuffleSteps(1.0)}, hostile)
    assert visible(text) == text
    assert "[bold red]markup[/bold red] :warning: [link=http://example.com]x[/link]" in text
    text.encode()


def test_long_stretches_are_shortened():
    text = printed({"delete_steps": DeleteSteps(0.5)}, example(steps=["word " * 500, "other " * 500]))
    assert "more characters-]" in text
    assert len(text) < 2000
