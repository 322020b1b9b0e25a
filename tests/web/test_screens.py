"""What stands on the screen is what ``rapport estimate --json`` says, to the digit that is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from lxml import html

from assumptions import load_library
from calculator import InputError, display, parse_scenario, resolve
from tests.strategies import scenarios
from web.app import create_app
from web.cli import main
from web.clinic_toml import write_toml
from web.forms import form_of

APPLICATION = create_app()
LIBRARY = load_library()
SHOWN = {
    "npv": display.money,
    "roi": lambda value, _: display.share(value),
    "irr": lambda value, _: display.share(value),
}


def published(data: dict[str, Any], folder: Any) -> dict[str, Any]:
    """Return what the command prints for the scenario, saved as a file as the page would save it."""
    path = folder / "clinic.toml"
    path.write_text(write_toml(parse_scenario(data)), encoding="utf-8")
    found = CliRunner().invoke(main, ["estimate", str(path), "--json"])
    assert found.exit_code == 0, found.output
    answer: dict[str, Any] = json.loads(found.output)
    return answer


def text(page: html.HtmlElement, path: str) -> str:
    """Return the text of the one element at a path."""
    (found,) = page.xpath(path)
    return str(found.text_content()).strip()


def values(page: html.HtmlElement, heading: str) -> list[float]:
    """Return the exact values behind the marks of a picture."""
    marks = page.xpath(f"//*[@aria-labelledby='{heading}-heading']/div[@class='picture wide']//@data-value")
    return [float(mark) for mark in marks]


@settings(max_examples=200)
@given(data=scenarios())
def test_screens_equal_the_published_result(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    scenario = parse_scenario(data)
    try:
        resolve(scenario, LIBRARY)
    except InputError:
        return
    result = published(data, tmp_path_factory.mktemp("screens", numbered=True))
    answer = APPLICATION.test_client().get("/", query_string=form_of(scenario).query)
    page = html.fromstring(answer.get_data(as_text=True))
    check_figures(page, result)
    check_pictures(page, result)


def check_figures(page: html.HtmlElement, result: dict[str, Any]) -> None:
    spread, currency = result["distribution"], result["inputs"]["clinic"]["currency"]
    for place, name in (("first", "revenue_kept_per_year"), ("second", "net_per_year")):
        box, figure = f"//div[@class='headline']/div[@class='{place}']", spread[name]
        assert text(page, f"{box}/p[1]/a") == display.money(figure["p50"], currency)
        assert text(page, f"{box}/p[@class='range']").endswith(
            display.money_range(figure["p5"], figure["p95"], currency)
        )
    assert text(page, "//p[@class='pays']/a") == display.chance(result["probability_npv_positive"])
    payback, *rest = [text(page, f"//dl[@class='quiet-row']/div[{column}]/dd[1]") for column in (1, 2, 3, 4)]
    months = result["payback_of_median"]
    assert payback == ("none" if months is None else display.months(months))
    middles = {name: spread[name]["p50"] for name in SHOWN} | {"irr": result["irr_of_median"]}
    assert rest == ["none" if middles[name] is None else show(middles[name], currency) for name, show in SHOWN.items()]


def check_pictures(page: html.HtmlElement, result: dict[str, Any]) -> None:
    steps = [step["amount"] for step in result["bridge"]]
    assert values(page, "bridge") == [*steps[:6], result["point"]["revenue_kept_per_year"], *steps[6:]]
    assert set(values(page, "cash")) - {months_of(result)} == {point["p50"] for point in result["cash"]}
    assert set(values(page, "retention")) <= {*result["retention"]["after"], *result["retention"]["before"]}
    roads = {road["relative_reduction"] for road in result["roads"].values()}
    assert roads <= set(values(page, "forest")) <= {*roads, result["break_even"]["relative_dropout_reduction"]}
    ends = {value for swing in result["tornado"] for value in (swing["npv_low"], swing["npv_high"])}
    assert set(values(page, "tornado")) <= {*ends, result["npv_at_medians"]}
    assert result["point"]["npv"] in [pytest.approx(value, rel=1e-9, abs=1e-6) for value in values(page, "grid")]
    bins = {column["share"] for column in result["npv_histogram"]}
    assert set(values(page, "distribution")) - {result["distribution"]["npv"]["p50"]} == bins


def months_of(result: dict[str, Any]) -> float | None:
    payback: float | None = result["payback_of_median"]
    return payback
