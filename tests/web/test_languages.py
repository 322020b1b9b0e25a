"""Spanish and English: the catalogue is whole, pages speak one language, and numbers follow the visitor's locale."""

from __future__ import annotations

import ast
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from calculator import display
from calculator.language import ENGLISH, Language, speaking
from reports.dates import day
from tests.web.conftest import query, soup
from web.example_clinics import examples
from web.languages import NAMES, language
from web.messages import PACKAGES, ROOT, gathered, path_of

SPANISH = {"Accept-Language": "es-MX,es;q=0.9"}
HELD = re.compile(r"%\(\w+\)s|\{\w+\}")
LOCALES = [("en", "US"), ("en", "GB"), ("es", "ES"), ("es", "MX"), ("es", "US")]
PLACES = ("/", "/evidence", "/method", "/alliance", "/clinic-file", "/compare", "/embed", "/embed/demo", "/nowhere")


def messages(code: str) -> dict[Any, Message]:
    with path_of(code).open("rb") as file:
        return {message.id: message for message in read_po(file, code) if message.id}


def forms(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_catalogue_has_every_text_there_is_and_no_other() -> None:
    """After a text has changed: python -m web.messages, then translate what is new."""
    there = {message.id for message in gathered() if message.id}
    assert there - set(messages("es")) == set()
    assert set(messages("es")) - there == set()


def test_every_text_is_translated_and_holds_the_same_values() -> None:
    for message in messages("es").values():
        source, target = forms(message.id), forms(message.string)
        assert all(target), source
        assert not message.fuzzy
        for text in target:
            held = Counter(HELD.findall(text))
            assert held in [Counter(HELD.findall(form)) for form in source], (source, text)
            assert text[:1].isspace() == source[0][:1].isspace()
            if any(name.startswith("%") for name in held):
                assert text % {name[2:-2]: "1" for name in held if name.startswith("%")}


def test_no_text_hides_from_the_catalogue_in_an_f_string() -> None:
    """What gathers the texts does not look inside one, and which Python does is another matter."""
    hidden = [
        (path.name, call.lineno)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for string in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id in ("_", "gettext", "ngettext") and call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []


@pytest.mark.parametrize("place", PLACES)
def test_pages_are_in_the_language_the_browser_asks_for(client: FlaskClient, place: str) -> None:
    page = soup(client.get(place, headers=SPANISH))
    assert page.html["lang"] == "es-MX"
    assert "Cookie" in client.get(place, headers=SPANISH).vary
    assert page.h1.get_text() != soup(client.get(place)).h1.get_text()


def test_english_words_are_gone_from_a_spanish_calculator(client: FlaskClient) -> None:
    """Words that stand on the English page many times; names, citations and code are marked or not words."""
    common = re.compile(r"\b(the|and|with|from|futures|clients|sessions|dropout|yours|estimate|measured|benchmark)\b")
    page = soup(client.get(f"/?{query(clinic__dropout_rate='35')}&mode=detailed", headers=SPANISH))
    for element in page.select("[lang=en], code, .chip, .source, option"):
        element.extract()
    found = Counter(common.findall(page.body.get_text(" ")))
    assert found == Counter()


def test_faults_are_told_in_spanish(client: FlaskClient) -> None:
    typed = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40", "clinic.dropout_rate": "abc",
             "clinic.planned_units": "6", "clinic.median_dropout_unit": "50", "clinic.currency": "euro"}  # fmt: skip
    page = soup(client.post("/estimate?lang=es", data=typed))
    told = [line.get_text() for line in page.select("#inputs .problem") if line.get_text()]
    assert len(told) == 3
    assert not [line for line in told if re.search(r"\b(is|Write|must|It|a number)\b", line)]


def test_without_cookies_the_answers_stay_in_the_chosen_language(client: FlaskClient) -> None:
    form = soup(client.get("/?lang=es")).select_one("#clinic")
    assert form["data-hx-post"] == "/estimate?lang=es"
    assert form.select_one(".settings")["data-hx-post"] == "/setting?lang=es"


def test_a_choice_is_remembered_by_a_cookie_that_scripts_cannot_read(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/").headers
    cookie = client.get("/?lang=es").headers["Set-Cookie"]
    assert cookie.startswith("rapport_language=es;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert soup(client.get("/method")).html["lang"].startswith("es")
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


@pytest.mark.parametrize("tag", ["", "de", "es-XX", "zz-ZZ", "es_419", "-", "es-\u0000", "en-" + "a" * 5000, "*"])
def test_a_strange_wish_gives_a_page_all_the_same(client: FlaskClient, tag: str) -> None:
    answer = client.get("/method", headers={"Accept-Language": tag.encode("ascii", "ignore").decode()})
    assert answer.status_code == 200


def test_the_link_to_the_other_language_keeps_the_scenario(client: FlaskClient) -> None:
    link = soup(client.get(f"/?{examples()[0].query}")).select_one("[data-language=es]")["href"]
    there = soup(client.get(link))
    assert there.select_one("#clinic-name")["value"] == examples()[0].name
    assert there.html["lang"].startswith("es")


def test_the_api_and_the_command_line_speak_english(client: FlaskClient) -> None:
    answer = client.post("/api/v1/estimate", json={"clinic": {}}, headers=SPANISH)
    assert any("is missing" in problem["message"] for problem in answer.get_json()["problems"])


@given(value=st.floats(-1e12, 1e12), place=st.sampled_from(LOCALES), currency=st.sampled_from(["USD", "EUR", "MXN"]))
def test_amounts_are_dressed_as_babel_dresses_them(value: float, place: tuple[str, str], currency: str) -> None:
    with speaking(Language(*place)):
        name = "_".join(place)
        plain = format_currency(round(value, 2), currency, locale=name).replace("-", display.MINUS)
        ours = display.money_exact(round(value, 2), currency)
        if not re.search(r"[^\W\d_]\d", plain):  # we part letters and digits
            assert ours == plain.replace(f"{display.MINUS}0.00", "0.00") or ours.lstrip(display.MINUS) in plain
        assert display.number(12345.5, 1) == format_decimal(12345.5, locale=name)
        assert display.share(0.355, 1) == format_percent(0.355, locale=name, format=None, decimal_quantization=False)


def test_ranges_and_dates_in_two_languages() -> None:
    with speaking(language("es", "ES")):
        assert display.money_range(18000, 74000, "EUR") == "18.000 a 74.000\xa0€"
        assert display.share(0.355, 1) == "35,5\xa0%"
        assert display.months(1.0) == "1 mes"
        assert display.months(9.0) == "9 meses"
        assert day(date(2026, 11, 25)) == "25 de noviembre de 2026"
    with speaking(language("en", "GB")):
        assert day(date(2026, 11, 25)) == "25 November 2026"
    with speaking(ENGLISH):
        assert display.money_range(18000, 74000, "EUR") == "€18,000 to 74,000"


def test_every_language_has_a_name_and_all_but_english_a_catalogue() -> None:
    assert {code for code in NAMES if path_of(code).exists()} == set(NAMES) - {"en"}
