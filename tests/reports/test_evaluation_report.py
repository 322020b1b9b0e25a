"""The report of an evaluation: what it says is what the evaluation has, drawn and tagged like all our documents."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from plugin.evaluation.evaluate import Settings, evaluate
from plugin.simulation import Truth, simulate
from reports.charts.chart import PAPER, Dot, Line, Text
from reports.charts.label import overlap
from reports.evaluation import build_evaluation_report
from reports.evaluation.benefit_chart import LEAST, benefit_chart
from reports.evaluation.calibration_chart import calibration_chart
from reports.evaluation.tripod import tripod
from reports.evaluation.words import MODELS, figure
from tests.reports.pdf_tree import content, owners, tree
from tests.reports.pen import drawn

Evaluation = dict[str, Any]


@pytest.fixture(scope="module")
def found() -> Evaluation:
    clinic = simulate(Truth(), 350, 4).caseload
    return evaluate(clinic, settings=Settings(landmark_days=30, draws=20, groups=("referral",)))


@pytest.fixture(scope="module")
def pdf(found: Evaluation) -> bytes:
    return build_evaluation_report(found)


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_same_evaluation_gives_the_same_bytes(found: Evaluation, pdf: bytes) -> None:
    assert build_evaluation_report(json.loads(json.dumps(found))) == pdf


def test_the_pages_say_what_the_evaluation_has(found: Evaluation, pdf: bytes) -> None:
    text = words(pdf)
    assert "Simulated clients: no real person." in text
    assert f"{found['n']:,} episodes, of which {found['events']:,} ended in dropout" in text
    for name, figures in found["models"].items():
        assert MODELS[name] in text
        for key in ("c_index", "auc", "calibration_slope", "expected_observed"):
            assert figure(figures[key]) in text
    for note in found["notes"]:
        assert note in text
    for reason, count in found["left_out"].items():
        assert f"Left out: they {reason} {count}" in text
    for group in found["groups"]:
        assert group["level"] in text
    assert "The same risk for all" in text
    assert found["card"]["not_for"] in text.replace("’", "'")
    assert found["versions"]["evidence_sha256"] in text


def test_it_carries_the_evaluation(found: Evaluation, pdf: bytes) -> None:
    attached = PdfReader(io.BytesIO(pdf)).attachments["rapport-evaluation.json"][0]
    assert json.loads(attached) == found


def test_all_of_it_is_tagged(pdf: bytes) -> None:
    document = pikepdf.open(io.BytesIO(pdf))
    root = tree(document)
    kinds = [node.kind for node in root.walk()]
    assert kinds.count("Figure") == 2
    assert kinds.count("Table") >= 8
    assert kinds.index("H1") < kinds.index("H2")
    for number, page in enumerate(document.pages):
        made = content(page)
        assert made.faults == []
        assert made.painted > 0
        assert made.marks == list(range(len(made.marks)))
        assert len(owners(document)[number]) == len(made.marks)
    for node in root.walk():
        if node.kind == "Figure":
            assert str(node.entry.Alt)


def test_the_checklist_has_its_27_items_and_says_what_is_not_known(found: Evaluation) -> None:
    items = tripod(found)
    assert [item.number for item in items] == list(range(1, 28))
    by_number = {item.number: item for item in items}
    assert all(item.topic and item.answer for item in items)
    for number in (17, 19):  # ethics, involvement: nothing here knows
        assert by_number[number].answer == "Not reported."
    assert "Not reported" not in by_number[23].answer
    assert figure(found["models"]["fitted"]["c_index"]) in by_number[23].answer
    assert "referral" in by_number[14].answer
    assert {item.section for item in items} <= {
        "", "front", "people", "method", "performance", "benefit", "groups", "use", "versions"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["fitted", "evidence", "base_rate"])
@pytest.mark.parametrize("width", [280.0, 380.0])
def test_the_calibration_chart_draws_the_curve(found: Evaluation, name: str, width: float) -> None:
    made = calibration_chart(found | {"primary": name}, width)
    assert made.x is not None
    assert made.y is not None
    points = found["curves"][name]["points"]
    dots = [mark for mark in made.marks if isinstance(mark, Dot)]
    assert [made.y.invert(dot.y) for dot in dots] == pytest.approx([point["observed"] for point in points])
    assert [made.x.invert(dot.x) for dot in dots] == pytest.approx([point["predicted"] for point in points])
    lines = [mark for mark in made.marks if isinstance(mark, Line)]
    assert len(lines) == (2 if found["curves"][name]["smooth"] else 1)  # the diagonal is always there
    check_labels(made.marks, made.width, made.height)
    assert len(made.table.rows) == len(points)


@pytest.mark.parametrize("width", [280.0, 380.0])
def test_the_decision_curve_is_drawn_and_cut_where_harm_grows(found: Evaluation, width: float) -> None:
    made = benefit_chart(found, width)
    assert made.y is not None
    lines = [mark for mark in made.marks if isinstance(mark, Line)]
    heights = [made.y.invert(place[1]) for line in lines for place in line.points]
    assert min(heights) >= LEAST - 1e-9
    own = [one["estimate"] for one in found["net_benefit"]["models"]["fitted"]["net_benefit"]]
    model = [made.y.invert(place[1]) for place in next(line for line in lines if line.role == "kept").points]
    assert model[:5] == pytest.approx(own[:5])
    check_labels(made.marks, made.width, made.height)
    assert [row[1].value for row in made.table.rows] == own


def check_labels(marks: tuple[Any, ...], width: float, height: float) -> None:
    texts = [mark for mark in marks if isinstance(mark, Text)]
    for text in texts:
        left, top, right, bottom = text.box
        assert left >= -0.01, text.text
        assert right <= width + 0.01, text.text
        assert top >= -0.01, text.text
        assert bottom <= height + 0.01, text.text
    for place, first in enumerate(texts):
        for second in texts[place + 1 :]:
            assert not overlap(first.box, second.box), (first.text, second.text)


def test_on_paper_everything_stands_inside_the_chart(found: Evaluation) -> None:
    for made in (calibration_chart(found, 300.0, PAPER), benefit_chart(found, 300.0, PAPER)):
        pen = drawn(made)
        for x, y in [place for path in (*pen.paths, *pen.polygons) for place in path]:
            assert -0.01 <= x <= made.width + 0.01
            assert -0.01 <= y <= made.height + 0.01


def without_groups(found: Evaluation) -> Evaluation:
    return found | {"groups": []}


def at_intake(found: Evaluation) -> Evaluation:
    return found | {"landmark": {"days": None}, "overdue": None, "left_out": {}}


def of_a_second_file(found: Evaluation) -> Evaluation:
    return found | {"validation": {"kind": "second file", "by": "client"}, "simulated": False}


def of_a_constant(found: Evaluation) -> Evaluation:
    same = dict.fromkeys(found["models"], found["models"]["base_rate"])
    curves = dict.fromkeys(found["curves"], found["curves"]["base_rate"])
    return found | {"models": same, "curves": curves}


def of_another_predictor(found: Evaluation) -> Evaluation:
    made = copy.deepcopy(found)
    for part in (made["models"], made["curves"], made["auc_by_part"], made["net_benefit"]["models"]):
        part["some-predictor"] = part["evidence"]
    for group in (*made["groups"], made["overdue"]):
        if group["shown"]:
            group["models"]["some-predictor"] = group["models"]["evidence"]
    return made | {"primary": "some-predictor", "trust": {"shown": True, "reason": ""}}


def with_hostile_words(found: Evaluation) -> Evaluation:
    name = "<b>&amp;</b> " + "x" * 300
    known = [*found["predictors"], {"name": f"x_{name}", "when": "at intake", "known": 0.5}]
    group = {"group": f"x_{name}", "level": name, "shown": False, "reason": "fewer than 20 people"}
    return found | {"predictors": known, "groups": [*found["groups"], group], "left_out": {name: 3}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_groups, "Not reported: no groups were asked for"),
        (at_intake, "every episode in the file"),
        (of_a_second_file, "judged on a second one"),
        (of_a_constant, "the prediction is the same for everybody"),
        (of_another_predictor, "the predictor some-predictor"),
        (with_hostile_words, "<b>&amp;</b>"),
    ],
)
def test_any_evaluation_has_a_report(found: Evaluation, change: Callable[[Evaluation], Evaluation], said: str) -> None:
    made = build_evaluation_report(change(found), page_size="Letter")
    assert said in words(made)
    assert [page_faults for page in pikepdf.open(io.BytesIO(made)).pages if (page_faults := content(page).faults)] == []


@given(
    shares=st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(1.0, 1e6)), min_size=0, max_size=10)
)
def test_any_curve_can_be_drawn(found: Evaluation, shares: list[tuple[float, float, float]]) -> None:
    points = [dict(zip(("predicted", "observed", "people"), share, strict=True)) for share in shares]
    made = calibration_chart(found | {"curves": {"fitted": {"points": points, "smooth": None}}}, 320.0)
    check_labels(made.marks, made.width, made.height)


def test_what_is_no_evaluation_is_refused(found: Evaluation) -> None:
    with pytest.raises(ValueError, match=r"it is rapport\.evaluation/1"):
        build_evaluation_report(found | {"schema": "rapport.estimate/1"})
    with pytest.raises(ValueError, match="page_size is 'A3'"):
        build_evaluation_report(found, page_size="A3")
