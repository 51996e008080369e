import json
import re
from dataclasses import replace

import pandas
import pytest

from ablate.compare import compare, read_csv, read_folder
from ablate.compare.show.figures import pictures
from ablate.compare.show.report import drill, html, methods, sentence
from ablate.compare.show.report.drill import MOST, disagreement
from arms import scores, write_answers, write_arm, write_base
from strategies import HOSTILE

STUDY = "name: pilot\narms: [{}, {perturb: [delete_steps, corrupt_digits]}]\nseeds: [0, 1]\nclaims:\n"
CONTRAST = "  - {kind: contrast, more: structure, less: content}\n"
COMMAND = "python -m ablate.compare pilot --out here"


def write_study(folder, seeds=(0, 1), answer=None, problem="Find p.", items=120):
    for seed in seeds:
        for perturb, accuracy in ((), 0.8), (("delete_steps",), 0.3), (("corrupt_digits",), 0.75):
            table = scores(f"{perturb}", accuracy, items=items, seed=seed)
            write_answers(write_arm(folder, perturb, seed=seed, tables=table), table, problem, *([answer] if answer else []))
    write_base(folder, tables=scores("base", 0.1, items=items))
    (folder / "study.yaml").write_text(STUDY + CONTRAST)
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("report") / "runs" / "pilot")


def made(folder):
    outcomes = read_folder(folder)
    comparison = compare(outcomes)
    return html(comparison, outcomes, list(pictures(comparison, outcomes, ["forest"])), COMMAND)


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL).group(1))


def test_the_sentence_says_the_contrast_and_counts_the_verdicts(study):
    comparison = compare(read_folder(study))
    said = sentence(comparison)
    (finding,) = comparison.findings
    assert said.startswith(f"Structure hurts more than content in the mean of arms at equal doses, by {finding.value:.1f} points [")
    assert "of 2 arms 1 is harmful and 1 is undecided." in said
    assert "seed" not in said


def test_the_sentence_turns_round_what_is_contradicted(study):
    outcomes = read_folder(study)
    (claim,) = outcomes.study.claims
    turned = replace(outcomes.study, claims=(replace(claim, more="content", less="structure"),))
    said = sentence(compare(replace(outcomes, study=turned)))
    assert said.startswith("Structure hurts more than content in the mean of arms at equal doses, by ")


def test_the_sentence_tells_what_keeps_it_from_being_the_last_word(tmp_path):
    folder = write_study(tmp_path / "pilot", seeds=(0,))
    said = sentence(compare(read_folder(folder)))
    assert "with one training seed, this holds for these runs and says nothing of retraining" in said
    assert "3 runs are missing or not done" in said
    assert "worse in this run" in said


def test_the_sentence_does_not_hide_that_the_worst_arm_is_of_the_other_family(tmp_path):
    harms = (((), 0.8), (("delete_steps",), 0.3), (("corrupt_digits",), 0.1), (("wrong_answer",), 0.8), (("remove_keywords",), 0.8))
    for seed in (0, 1):
        for perturb, accuracy in harms:
            write_arm(tmp_path / "pilot", perturb, seed=seed, tables=scores(f"{perturb}", accuracy, items=300, seed=seed))
    (tmp_path / "pilot" / "study.yaml").write_text("name: pilot\nclaims:\n" + CONTRAST)
    said = sentence(compare(read_folder(tmp_path / "pilot")))
    assert said.startswith("Structure hurts more than content")
    assert "; yet the arm that loses most, corrupt_digits-1 (−" in said
    assert "), is of content; of 4 arms" in said


def test_the_sentence_of_an_undecided_contrast_says_so(tmp_path):
    for seed in (0, 1):
        for perturb in ((), ("delete_steps",), ("corrupt_digits",)):
            write_arm(tmp_path / "pilot", perturb, seed=seed, accuracy=0.6)
    (tmp_path / "pilot" / "study.yaml").write_text(STUDY + CONTRAST)
    assert sentence(compare(read_folder(tmp_path / "pilot"))).startswith(
        "Whether structure hurts more than content is undecided in the mean of arms at equal doses ("
    )


def test_without_contrasts_the_sentence_counts_claims(study):
    outcomes = read_folder(study)
    assert sentence(compare(replace(outcomes, study=replace(outcomes.study, claims=())))).startswith("Of 2 arms 1 is harmful")


def test_items_are_those_on_which_arms_disagree_most(study):
    outcomes = read_folder(study)
    order = disagreement(outcomes, outcomes.study.primary)
    trained = outcomes.scores[~outcomes.scores["condition"].str.startswith("base")]
    spread = trained.groupby(["task", "item", "condition"])["correct"].mean().groupby(["task", "item"]).var(ddof=0)
    assert len(order) == 120
    assert [round(spread[key], 9) for key in order] == sorted((round(value, 9) for value in spread), reverse=True)
    found = drill(compare(outcomes), outcomes)
    assert [(item["task"], item["item"]) for item in found["items"]] == order[:MOST]
    assert found["said"].startswith("60 of 120 items")


def test_an_answer_is_compared_with_the_clean_arms_of_its_seed(study):
    outcomes = read_folder(study)
    found = drill(compare(outcomes), outcomes)
    clean, harmed = (next(at for at, arm in enumerate(found["arms"]) if arm["family"] == name) for name in ("clean", "structure"))
    for item in found["items"]:
        answer = item["answers"][harmed]
        before, after = item["answers"][clean]["text"], f"So p={item['item'] if answer['right'] else -1}."
        if answer.get("same"):
            assert before == after
        else:
            assert "".join(text for sign, text in answer["segments"] if sign <= 0) == before
            assert "".join(text for sign, text in answer["segments"] if sign >= 0) == after


def test_a_page_stays_small_whatever_was_generated(tmp_path):
    folder = write_study(tmp_path / "pilot", seeds=(0,), answer=lambda row: f"{row.item} " * 100)
    found = drill(compare(read_folder(folder)), read_folder(folder), characters=4_000)
    assert 1 <= len(found["items"]) < 10
    assert found["said"].startswith(f"{len(found['items'])} of 120 items")


def test_scores_without_answers_say_so(tmp_path):
    pandas.concat([scores(arm, 0.6, items=40).assign(arm=arm) for arm in ("clean", "other")]).to_csv(tmp_path / "scores.csv", index=False)
    outcomes = read_csv(tmp_path / "scores.csv", "clean")
    data = data_of(html(compare(outcomes), outcomes, [], COMMAND))
    assert data["drill"]["items"] == []
    assert "items can't be looked at" in data["drill"]["said"]
    assert "not told" in data["methods"][0]


def test_runs_whose_answers_are_gone_say_so(tmp_path):
    folder = write_study(tmp_path / "pilot")
    for path in folder.parent.glob("arms/*/scores/*/samples.jsonl.gz"):
        path.unlink()
    outcomes = read_folder(folder)
    assert "items can't be looked at" in drill(compare(outcomes), outcomes)["said"]


def test_methods_name_versions_seeds_and_the_command(study):
    outcomes = read_folder(study)
    said = "\n".join(methods(compare(outcomes), outcomes, COMMAND))
    for part in ("training seeds 0, 1", "transformers 5", "trl 1.", f"`{COMMAND}`", "±3 points", "Holm", "sums (120 items)", "1 claims"):
        assert part in said, part


@pytest.mark.parametrize("text", HOSTILE)
def test_no_answer_adds_a_tag_to_the_page(tmp_path, study, text):
    folder = write_study(
        tmp_path / "pilot", seeds=(0,), answer=lambda row: f"{text} {row.item if row.correct else -1}", problem=text, items=20
    )
    page = made(folder)
    assert re.findall(r"<[a-zA-Z/!]+", page) == re.findall(r"<[a-zA-Z/!]+", made(study))
    page.encode()


def test_the_page_is_its_own_and_the_same_each_time(study):
    page = made(study)
    assert page == made(study)
    assert not re.search(r"https?://|url\(|@import|<link|\ssrc=", page)
    assert "unsafe" not in page
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("):
        assert way not in page
