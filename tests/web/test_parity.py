"""Page, JSON, command line, proposal and recalculated workbook show the same figures for the same scenario."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from lxml import html
from pypdf import PdfReader

from assumptions import load_library
from calculator import InputError, display, evaluate, parse_scenario, resolve
from reports import build_proposal, build_workbook
from tests.reports.recalculation import needs_office, recalculated
from tests.strategies import scenarios
from tests.web.test_screens import check_figures
from web.app import create_app
from web.cli import main
from web.clinic_toml import write_toml
from web.forms import form_of

COUNT = 15
CENT = 0.005
APPLICATION = create_app()
LIBRARY = load_library()


@dataclass(frozen=True)
class Shown:
    """What each surface says about one scenario."""

    page: html.HtmlElement
    api: dict[str, Any]
    command: dict[str, Any]
    paper: str
    workbook: bytes


def drawn() -> list[dict[str, Any]]:
    """Return random scenarios that fit together with the defaults, the same ones each time."""
    found: list[dict[str, Any]] = []

    @settings(max_examples=4 * COUNT, database=None)
    @given(data=scenarios())
    def collect(data: dict[str, Any]) -> None:
        try:
            resolve(parse_scenario(data), LIBRARY)
        except InputError:
            return
        found.append(data)

    collect()
    return found[-COUNT:]  # the first ones are hypothesis' simplest


def shown(data: dict[str, Any], folder: Path, name: str) -> Shown:
    scenario = parse_scenario(data)
    client = APPLICATION.test_client()
    file = folder / f"{name}.toml"
    file.write_text(write_toml(scenario), encoding="utf-8")
    printed = CliRunner().invoke(main, ["estimate", str(file), "--json"])
    assert printed.exit_code == 0, printed.output
    result = evaluate(scenario, LIBRARY)
    pages = PdfReader(io.BytesIO(build_proposal(result, LIBRARY))).pages
    return Shown(
        page=html.fromstring(client.get("/", query_string=form_of(scenario).query).get_data(as_text=True)),
        api=client.post("/api/v1/estimate", json=data).get_json(),
        command=json.loads(printed.output),
        paper="".join("".join(page.extract_text() for page in pages).split()),
        workbook=build_workbook(result, LIBRARY),
    )


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    folder = tmp_path_factory.mktemp("parity")
    found = [shown(data, folder, f"clinic-{number}") for number, data in enumerate(drawn())]
    assert len(found) == COUNT
    return found


def test_page_api_command_and_paper_show_the_same(surfaces: list[Shown]) -> None:
    for each in surfaces:
        result = each.command
        assert {**each.api, "sobol": None} == {**result, "sobol": None}
        check_figures(each.page, result)
        currency, spread = result["inputs"]["clinic"]["currency"], result["distribution"]
        kept, net = spread["revenue_kept_per_year"], spread["net_per_year"]
        expected = [
            display.money(kept["p50"], currency),
            display.money_range(kept["p5"], kept["p95"], currency),
            display.money(net["p50"], currency),
            display.money_range(net["p5"], net["p95"], currency),
            display.chance(result["probability_npv_positive"]),
            *(display.money_exact(step["amount"], currency) for step in result["bridge"]),
            display.money(result["point"]["npv"], currency),
            display.money(result["point"]["net_benefit_horizon"], currency),
            display.share(result["point"]["dropout_rate_after"], 1),
            result["reproducibility"]["inputs_sha256"],
        ]
        for text in expected:
            assert "".join(text.split()) in each.paper, text


@needs_office
def test_the_recalculated_workbook_shows_the_same(surfaces: list[Shown], tmp_path: Path) -> None:
    books = recalculated({str(place): each.workbook for place, each in enumerate(surfaces)}, tmp_path)
    for place, each in enumerate(surfaces):
        for name, value in each.command["point"].items():
            found = books[str(place)][name]
            if value is None:
                assert not isinstance(found, (int, float)), name
            else:
                assert found == pytest.approx(value, abs=CENT, rel=1e-9), name
