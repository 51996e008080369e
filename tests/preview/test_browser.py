"""The page in a real browser: what a reader can do, what a trace can't, and how fast it is with thousands of steps."""

import time
from dataclasses import replace

import pytest

from ablate.page.visible import visible
from ablate.perturb import CorruptDigits, DeleteSteps, Donors, InsertSteps, ShuffleSteps
from ablate.preview import page
from ablate.preview.chosen import choose
from ablate.traces import SEGMENTERS, Example, parse
from strategies import HOSTILE

STEPS = [f"Step {number} holds {number}{number}, and goes on for a while so that it fills more than one line." for number in range(1, 41)]
ALL = 5000


def example(name, steps):
    text = "<think>\n" + "\n\n".join(steps) + "\n</think>\n\nIt is \\boxed{7}."
    return Example(name, f"What is {name}?", "7", parse(text, SEGMENTERS["blank_line"]), "test")


@pytest.fixture
def opened(browser, tmp_path):
    """Opens the page of these examples; afterwards nothing was requested but the page, and nothing failed on it."""
    contexts, requests, failures = [], [], []

    def open_page(perturbations, *examples, **settings):
        path = tmp_path / "preview.html"
        path.write_text(page.html(choose(examples, Donors(examples), perturbations, 0, len(examples))), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("pageerror", lambda error: failures.append(str(error)))
        tab.on("console", lambda message: failures.append(message.text))
        tab.goto(path.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert all(url.startswith("file://") and url.endswith("/preview.html") for url in requests), requests
    assert failures == []


def text(tab, selector):
    return tab.locator(selector).text_content()


def in_view(tab, selector):
    box = tab.locator(selector).bounding_box()
    return box is not None and 0 <= box["y"] < tab.viewport_size["height"]


def test_no_trace_runs_or_breaks_the_page(opened):
    hostile = replace(example("</option><script>window.ran=1</script>", HOSTILE), problem="\n".join(HOSTILE), answer=HOSTILE[0])
    tab = opened({"shuffle_steps": ShuffleSteps(1.0), "corrupt_digits": CorruptDigits(1.0)}, hostile)
    assert tab.evaluate("typeof window.ran") == "undefined"
    assert tab.evaluate("document.querySelectorAll('img, iframe, svg, link, base, object').length") == 0
    assert tab.evaluate("document.scripts.length") == 2
    shown = tab.locator(".step[data-side=clean] .text").all_text_contents()
    assert shown == [visible(step) for step in HOSTILE]
    tab.keyboard.press("j")
    assert tab.locator(".row.current").count() == 1


def test_the_policy_would_stop_a_script_that_got_in(browser, tmp_path):
    path = tmp_path / "preview.html"
    path.write_text(page.html(choose([example("one", STEPS)], Donors([]), {"delete_steps": DeleteSteps(0.5)}, 0, 1)), encoding="utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    blocked = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); typeof window.ran"
    assert tab.evaluate(blocked) == "undefined"
    fetched = tab.evaluate("fetch('https://example.com').then(() => 'fetched', () => 'refused')")
    assert fetched == "refused"
    tab.close()


def test_keys_go_from_edit_to_edit_and_from_trace_to_trace(opened):
    tab = opened({"delete_steps": DeleteSteps(0.1)}, example("one", STEPS), example("two", STEPS))
    assert text(tab, "#place") == "4 edits"
    numbers = []
    for count in range(1, 5):
        tab.keyboard.press("j" if count % 2 else "ArrowRight")
        assert text(tab, "#place") == f"edit {count} of 4"
        assert in_view(tab, ".row.current")
        numbers.append(int(text(tab, ".row.current .number")))
        assert tab.locator(".row.current .removed").count() == 1
    assert numbers == sorted(numbers)
    tab.keyboard.press("j")
    assert text(tab, "#place") == "edit 4 of 4"
    tab.keyboard.press("k")
    tab.keyboard.press("ArrowLeft")
    assert int(text(tab, ".row.current .number")) == numbers[1]
    tab.keyboard.press("n")
    assert "What is two?" in text(tab, "#above")
    tab.keyboard.press("n")
    tab.keyboard.press("p")
    assert "What is one?" in text(tab, "#above")
    tab.locator("#examples").select_option(index=1)
    assert "What is two?" in text(tab, "#above")
    tab.keyboard.press("j")
    assert text(tab, "#place") == "edit 1 of 4"


def test_only_changes_hides_what_is_the_same_and_a_fold_opens_again(opened):
    tab = opened({"delete_steps": DeleteSteps(0.1)}, example("one", STEPS))
    assert tab.locator(".row:visible").count() == 40
    tab.keyboard.press("c")
    assert tab.locator(".row:visible").count() == 4
    assert tab.locator("#only").get_attribute("aria-pressed") == "true"
    fold = tab.locator(".fold button:visible").first
    hidden = int(fold.text_content().split()[1])
    fold.click()
    assert tab.locator(".row:visible").count() == 4 + hidden
    tab.keyboard.press("c")
    assert tab.locator(".row:visible").count() == 40


def test_a_moved_step_leads_to_its_other_place_and_back(opened):
    tab = opened({"shuffle_steps": ShuffleSteps(1.0)}, example("one", STEPS))
    link = tab.locator(".step[data-side=perturbed][data-number='1'] button.mark")
    old = link.text_content().split()[-1]
    partner = f".step[data-side=clean][data-number='{old}']"
    link.hover()
    assert "partner" in tab.locator(partner).get_attribute("class")
    link.click()
    assert in_view(tab, partner)
    assert text(tab, f"{partner} .text") == text(tab, ".step[data-side=perturbed][data-number='1'] .text")
    tab.keyboard.press("o")
    assert in_view(tab, ".step[data-side=perturbed][data-number='1']")


def test_the_theme_follows_the_system_and_the_reader(opened):
    ground = "getComputedStyle(document.body).backgroundColor"
    grounds = {}
    for scheme in ("light", "dark"):
        tab = opened({"insert_steps": InsertSteps(0.2)}, example("one", STEPS), example("two", STEPS[:5]), color_scheme=scheme)
        before = tab.evaluate(ground)
        tab.keyboard.press("t")
        grounds[scheme] = (before, tab.evaluate(ground))
        assert grounds[scheme][0] != grounds[scheme][1]
    assert grounds["light"] == grounds["dark"][::-1]


def test_help_opens_and_closes_and_keys_rest_meanwhile(opened):
    tab = opened({"delete_steps": DeleteSteps(0.1)}, example("one", STEPS))
    tab.keyboard.press("?")
    assert tab.locator("#keys").is_visible()
    tab.keyboard.press("j")
    assert text(tab, "#place") == "4 edits"
    tab.keyboard.press("Escape")
    assert not tab.locator("#keys").is_visible()


def test_a_narrow_page_stacks_the_sides_and_never_scrolls_sideways(opened):
    long = [*STEPS, "x" * 3000]
    narrow = {"width": 380, "height": 800}
    tab = opened({"shuffle_steps": ShuffleSteps(0.2)}, example("one", long), viewport=narrow)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.keyboard.press("j")
    clean, perturbed = (tab.locator(f".row.current .step[data-side={side}]").bounding_box() for side in ("clean", "perturbed"))
    assert clean["y"] + clean["height"] <= perturbed["y"]
    assert clean["x"] == perturbed["x"]


def test_kinds_and_states_are_told_in_words_too(opened):
    steps = ["We need x.", "Now x=3+4.", "Wait, that is odd.", "Let me check it.", "The answer is 7."]
    tab = opened({"delete_steps": DeleteSteps(0.4)}, example("one", steps))
    kinds = [label.split()[-1] for label in tab.locator(".step[data-side=clean] .kind").all_text_contents()]
    assert kinds == ["set-up", "derivation", "backtrack", "check", "conclusion"]
    labels = [tab.locator(".step.removed").nth(at).get_attribute("aria-label") for at in range(2)]
    assert all(label.startswith("clean step ") and label.endswith("removed") for label in labels)


def test_five_thousand_steps_stay_usable(opened):
    long = [f"{step} Part {number}." for number in range(ALL // len(STEPS)) for step in STEPS]
    started = time.perf_counter()
    tab = opened({"shuffle_steps": ShuffleSteps(0.5), "corrupt_digits": CorruptDigits(0.5)}, example("long", long))
    assert text(tab, "#place").endswith("edits")
    readable = time.perf_counter() - started
    # A key counts until the second frame after it, when what it changed has been drawn.
    pressed = """async (key) => {
      const started = performance.now();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return performance.now() - started;
    }"""
    waits = sorted(tab.evaluate(pressed, key) for key in "jjjjjjjjjjkkkkkccoj")
    assert tab.locator(".row").count() == ALL
    tab.keyboard.press("End")
    assert in_view(tab, "#below")
    tab.locator("#map").click(position={"x": 1200, "y": 50})
    assert in_view(tab, ".row.current, .row.open")
    print(f"readable after {readable:.1f} s; a key: median {waits[len(waits) // 2]:.0f} ms, longest {waits[-1]:.0f} ms")
    assert readable < 10
    assert waits[len(waits) // 2] < 500
    assert waits[-1] < 3000
