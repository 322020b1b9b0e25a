"""What a reader may change, beside a result that stays as it was shared."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from calculator import evaluate
from calculator.entry import read_number
from tests.web.conftest import HTMX, soup
from tests.web.workspace import saved, sharing
from tests.web.workspace.share_page.seen import figures
from web.workspace.sandbox import MOST, sandbox

pytestmark = pytest.mark.usefixtures("quick_passwords")


def levers(page: BeautifulSoup) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in page.select(".lever input[name]")}


def test_three_numbers_may_be_changed_those_with_the_longest_bars(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID
) -> None:
    page = soup(reader.get(f"/s?k={sharing.secret_of(maker, shared)}"))
    scenario = saved.form().scenario
    assert scenario is not None
    result = evaluate(scenario, saved.library())
    assert list(levers(page)) == [swing.input for swing in result.tornado[:3]]
    assert page.select_one("#outcome table") is None
    for path, value in levers(page).items():  # four digits are shown of a benchmark
        item = result.resolved.inputs[path]
        assert read_number(value, item.quantity) == pytest.approx(item.value, rel=5e-4)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_change_stands_beside_the_proposal_and_is_what_the_calculator_says(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, headers: dict[str, str]
) -> None:
    secret = sharing.secret_of(maker, shared)
    query = urlencode(
        {"k": secret, "program.minutes_per_unit": "0.25", "clinic.name": "Eve's", "program.fidelity": "5"}
    )
    answer = reader.get(f"/s?{query}", headers=headers)
    page = soup(answer)
    proposal, changed = (
        soup(reader.get("/", query_string=saved.fields(**typed)))
        for typed in ({}, {"program__minutes_per_unit": "0.25"})
    )
    rows = [
        [cell.select_one(".value").get_text() for cell in row.select("td")] for row in page.select(".tried tbody tr")
    ]
    for row, place in ((rows[0], 0), (rows[1], 2)):  # revenue kept, net benefit
        assert row == [figures(each)[place].split()[0] for each in (proposal, changed)]
    assert rows[1][0] != rows[1][1]
    assert page.select_one(".tried th.yours").get_text() == "Your change, not the proposal"
    if not headers:
        assert figures(page) == figures(proposal), "the pinned result is not touched"
        assert levers(page)["program.minutes_per_unit"] == "0.25"
        assert page.select_one("[data-reset-levers]")["href"] == f"/s?k={secret}#sandbox"
    else:
        assert page.select("form, #results") == []


@pytest.mark.parametrize("text", ["", "1", " 1.0 ", "1,0"])
def test_the_same_number_or_none_is_no_change(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, text: str
) -> None:
    secret = sharing.secret_of(maker, shared)
    assert levers(soup(reader.get(f"/s?k={secret}")))["program.minutes_per_unit"] == "1"
    page = soup(reader.get("/s", query_string={"k": secret, "program.minutes_per_unit": text}))
    assert page.select_one("#outcome table") is None


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_is_told_at_its_field_and_kept(
    maker: FlaskClient, reader: FlaskClient, shared: uuid.UUID, headers: dict[str, str]
) -> None:
    secret = sharing.secret_of(maker, shared)
    typed = {"program.minutes_per_unit": "many", "program.odds_ratio": "0.9"}
    answer = reader.get("/s", query_string={"k": secret, **typed}, headers=headers)
    page = soup(answer)
    assert answer.status_code == 422
    assert "“many” is not a number." in page.select_one("#program-minutes_per_unit-problem").get_text()
    assert page.select_one("#program-odds_ratio-problem").get_text() == ""
    assert page.select_one("#outcome table") is None
    if not headers:
        assert levers(page).items() >= typed.items()
        assert len(figures(page)) == 5, "the pinned result stays"
    huge = reader.get("/s", query_string={"k": secret, "program.minutes_per_unit": "9" * 9000})
    assert huge.status_code == 422


@pytest.mark.parametrize("typed", [
    {},
    {"house__for": "outpatient", "house__program__minutes_per_unit": "3",
     "house__program__minutes_per_unit__why": "our pilot"},
    {"clinic__setting": "iop"},
    {"clinic__setting": "residential", "clinic__places": "20"},
    {"clinic__dropout_rate": "35", "clinic__dropout_rate__low": "20", "clinic__dropout_rate__high": "60"},
    {"payers__1__collected_per_unit": "120", "program__evidence_road": "alliance"},
    {"program__evidence_road": "targeted"},
    {"payers__1__allowed_per_unit": "100", "payers__1__share": "40", "payers__2__allowed_per_unit": "260",
     "payers__2__share": "60"},
])  # fmt: skip
def test_every_kind_of_clinic_has_numbers_to_slide(typed: dict[str, str]) -> None:
    """A slider holds the pinned number, stays within what is allowed, and moving to its ends gives a result."""
    form = saved.form(**typed)
    assert form.scenario is not None
    result = evaluate(form.scenario, saved.library())
    still = sandbox(form, result, {}, saved.library())
    assert len(still.levers) == MOST
    assert still.result is None
    for lever in still.levers:
        declared, slide = lever.field.declared, lever.slide
        scale = 100.0 if lever.field.after == "%" else 1.0
        pinned = read_number(lever.pinned, declared) * scale
        assert declared.ge * scale <= slide.low <= pinned <= slide.high <= declared.le * scale
        assert 20 <= (slide.high - slide.low) / slide.step <= 1000
        for end in (slide.low, slide.high):
            text = f"{end:g}%" if scale == 100.0 else f"{end:g}"
            moved = sandbox(form, result, {lever.field.path: text}, saved.library())
            assert moved.stray == ()
            assert moved.problems == ()
            assert moved.result is not None or end == pytest.approx(pinned)
