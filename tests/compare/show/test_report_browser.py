"""The report in a real browser: what a reader can do, and what no answer can."""

import json
from pathlib import Path

import pytest

from ablate.compare import compare, read_folder
from ablate.compare.show.report import sentence, write_all
from ablate.page.visible import visible
from arms import scores, write_answers, write_arm, write_base
from strategies import HOSTILE

ARMS = ((), 1.0, 0.8), (("delete_steps",), 0.5, 0.5), (("delete_steps",), 1.0, 0.2), (("corrupt_digits",), 0.5, 0.75)
STUDY = (
    "name: pilot\nseeds: [0, 1]\nclaims:\n  - {kind: contrast, more: structure, less: content}\n  - {kind: harmful, arm: delete_steps-1}\n"
)


def said(row):
    return f"{HOSTILE[row.item % len(HOSTILE)]} so p={row.item if row.correct else -1}"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser") / "runs" / "pilot"
    for seed in (0, 1):
        for perturb, dose, accuracy in ARMS:
            table = scores(f"{perturb}{dose}", accuracy, items=40, seed=seed)
            run = write_arm(folder, perturb, dose, seed, tables=table, axes={"tokens_changed": dose / 2})
            write_answers(run, table, HOSTILE[1], said)
    write_base(folder, tables=scores("base", 0.1, items=40))
    (folder / "study.yaml").write_text(STUDY)
    outcomes = read_folder(folder)
    out = folder.parent / "out"
    write_all(compare(outcomes), outcomes, out, "python -m ablate.compare pilot")
    return out / "report.html"


@pytest.fixture
def opened(browser, report):
    """Opens the report; afterwards nothing was requested but the page and the images it holds, and nothing failed on it."""
    contexts, requests, failures = [], [], []

    def open_report(**settings):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: requests.append(request.url))
        tab.on("pageerror", lambda error: failures.append(str(error)))
        tab.on("console", lambda message: failures.append(message.text))
        tab.goto(report.as_uri())
        return tab

    yield open_report
    for context in contexts:
        context.close()
    kept = [url for url in requests if not url.startswith(("data:image/svg+xml", "blob:"))]
    assert kept
    assert all(url.startswith("file://") and url.partition("#")[0].endswith("/report.html") for url in kept), kept
    assert failures == []


def arms(tab):
    return tab.locator("#arms tbody tr td:first-child").all_text_contents()


def column(tab, number):
    return [
        float(text.split()[0].rstrip("%")) for text in tab.locator(f"#arms tbody tr td:nth-child({number})").all_text_contents() if text
    ]


def test_it_opens_with_the_verdict_and_its_figure(opened, report):
    tab = opened()
    folder = report.parents[1] / "pilot"
    assert tab.locator("#sentence").text_content() == sentence(compare(read_folder(folder)))
    image = tab.locator("#evidence img")
    assert tab.evaluate("document.querySelector('#evidence img').naturalWidth") > 300
    box = image.bounding_box()
    assert box["y"] < 400
    assert "95 % intervals" in image.get_attribute("alt")
    assert tab.locator("figure img").count() == 5


def test_a_heading_sorts_up_and_down_by_number(opened):
    tab = opened()
    head = tab.locator("#arms th", has_text="accuracy")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(tab, 4) == sorted(column(tab, 4))
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(tab, 4) == sorted(column(tab, 4), reverse=True)
    tab.locator("#arms th button", has_text="difference").click()
    assert arms(tab)[-1] == "clean-lora"
    tab.locator("#arms th button").first.click()
    assert arms(tab) == sorted(arms(tab))


def test_filters_keep_what_fits_all_of_them(opened):
    tab = opened()
    assert len(arms(tab)) == 5
    tab.locator("#arms select[data-facet=family]").select_option("structure")
    assert arms(tab) == ["delete_steps-0.5-lora", "delete_steps-1-lora"]
    tab.locator("#arms input").fill("steps-1")
    assert arms(tab) == ["delete_steps-1-lora"]
    assert tab.locator("#arms output").text_content() == "1 of 10"
    tab.locator("#arms input").fill("nothing like it")
    assert arms(tab) == []
    tab.locator("#arms input").fill("")
    tab.locator("#arms select[data-facet=family]").select_option("all")
    tab.locator("#arms select[data-facet=scope]").select_option("sums")
    assert len(arms(tab)) == 5


def test_an_item_opens_with_every_arms_answer_against_the_clean_ones(opened, report):
    tab = opened()
    data = json.loads(tab.evaluate("document.getElementById('data').textContent"))
    item = data["drill"]["items"][2]
    tab.locator("#drill tbody tr").nth(2).locator("button").click()
    assert tab.locator("#item h3").text_content() == f"sums, item {item['item']}"
    assert visible(HOSTILE[1]) in tab.locator("#item .asked").text_content()
    assert tab.locator("#item h4").all_text_contents() == [arm["name"] for arm in data["drill"]["arms"]]
    clean, harmed = (
        next(at for at, arm in enumerate(data["drill"]["arms"]) if arm["name"] == name) for name in ("clean", "delete_steps-1")
    )
    cards = tab.locator("#item .answer")
    shown = item["answers"][harmed]
    assert item["answers"][clean]["text"] == cards.nth(clean).locator(".text").text_content()
    if shown.get("segments"):
        added = [text for sign, text in shown["segments"] if sign > 0]
        assert cards.nth(harmed).locator("ins").all_text_contents() == added
        tab.locator("#item button", has_text="only its own words").click()
        assert not cards.nth(harmed).locator("del").first.is_visible()
    tab.locator("#drill tbody tr").nth(3).click()
    assert tab.locator("#drill tr.chosen").count() == 1


def test_no_answer_runs_or_breaks_the_page(opened):
    tab = opened()
    rows = tab.locator("#drill tbody tr")
    for at in range(rows.count()):
        rows.nth(at).locator("button").click()
    assert tab.evaluate("typeof window.ran") == "undefined"
    assert tab.evaluate("document.querySelectorAll('iframe, svg, link, base, object').length") == 0
    assert tab.evaluate("document.querySelectorAll('img').length") == 5
    assert tab.evaluate("document.scripts.length") == 2


def test_the_policy_would_stop_a_script_that_got_in(browser, report):
    tab = browser.new_page()
    tab.goto(report.as_uri())
    blocked = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); typeof window.ran"
    assert tab.evaluate(blocked) == "undefined"
    assert tab.evaluate("fetch('https://example.com').then(() => 'fetched', () => 'refused')") == "refused"
    tab.close()


def test_a_figures_data_is_one_click_away_and_can_be_kept(opened, report):
    tab = opened()
    figure = tab.locator("#figure-forest")
    figure.locator("summary").click()
    figure.locator("tbody tr").first.wait_for()
    assert figure.locator("tbody tr").count() == 5
    for kind in ("CSV", "SVG"):
        with tab.expect_download() as kept:
            figure.locator("a", has_text=kind).click()
        assert kept.value.suggested_filename == f"forest.{kind.lower()}"
        assert Path(kept.value.path()).read_text() == (report.parent / "figures" / f"forest.{kind.lower()}").read_text()


def test_the_theme_follows_the_system_and_the_reader(opened):
    grounds = {}
    for scheme in ("light", "dark"):
        tab = opened(color_scheme=scheme)
        look = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('img')).filter]"
        before = tab.evaluate(look)
        tab.keyboard.press("t")
        grounds[scheme] = (before, tab.evaluate(look))
    assert grounds["light"] == grounds["dark"][::-1]
    assert grounds["light"][0] != grounds["light"][1]


def test_a_narrow_page_never_scrolls_sideways(opened):
    tab = opened(viewport={"width": 380, "height": 800})
    tab.locator("#figure-forest summary").click()
    tab.locator("#drill tbody tr").first.locator("button").click()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
