"""The page that cards lead to: what the model is for, how good it is here, what clinicians said of it."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin.cds.feedback import Feedback
from plugin.contract import ModelCard
from tests.web.cds_calls import model_file, shown_model
from tests.web.conftest import soup
from web.app import create_app
from web.cds.feedback_store import ShownCard
from web.cds.service import KEY
from web.pages import model_card


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("card")
    return create_app({"RAPPORT_DATA_DIR": str(folder / "data"), "RAPPORT_MODEL": model_file(folder)})


@pytest.fixture
def plain(tmp_path: Path) -> Flask:
    return create_app({"RAPPORT_DATA_DIR": str(tmp_path)})


def page(app: Flask) -> Any:
    response = app.test_client().get("/model")
    assert response.status_code == 200
    return soup(response)


def said(app: Flask) -> str:
    return " ".join(page(app).main.get_text(" ").split())


def test_a_model_that_nobody_judged_says_so_first(plain: Flask) -> None:
    found = page(plain)
    assert found.h1.get_text() == "This model has not proved right at your clinic, so its risks are not shown"
    assert "Nobody has judged this model" in said(plain)
    assert "rapport evaluate EPISODES.csv" in found.pre.get_text()
    assert "No card of this model has been shown yet" in said(plain)


def test_a_model_that_was_judged_shows_its_figures_with_intervals(shown: Flask) -> None:
    text = said(shown)
    record = shown.extensions[KEY].speaker.record
    for value, low, high in (record.expected_observed, record.calibration_slope, record.c_index):
        assert f"{value:.2f} ({low:.2f} to {high:.2f})" in text
    assert (
        f"{record.episodes} episodes of this clinic that it had not seen, {record.events} of which ended early" in text
    )
    assert "rapport evaluate EPISODES.csv" not in text
    assert b'"local_record"' in shown_model()


def test_all_of_the_card_is_on_the_page(shown: Flask) -> None:
    text, card = said(shown), shown.extensions[KEY].speaker.host.predictor.card()
    for part in (card.intended_use, card.not_for, card.trained_on, card.outcome, card.performance, card.date):
        assert " ".join(part.split()) in text
    assert all(limit in text for limit in card.limits)
    assert f"version {card.version}" in text


def test_sources_lead_to_their_pages(plain: Flask) -> None:
    links = [link["href"] for link in page(plain).select("#sources ~ ul a")]
    assert links
    client = plain.test_client()
    assert all(client.get(link).status_code == 200 for link in links if link.startswith("/"))


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("10.1186/s12916-019-1466-7", "https://doi.org/10.1186/s12916-019-1466-7"),
        ("https://doi.org/10.1186/s12916-019-1466-7", "https://doi.org/10.1186/s12916-019-1466-7"),
        ("https://model.example/paper", "https://model.example/paper"),
        ("javascript:alert(1)", ""),
        ("A book", ""),
    ],
)
def test_a_source_of_another_author_leads_where_it_may(plain: Flask, source: str, address: str) -> None:
    with plain.test_request_context():
        assert model_card._source(source).address == address


def test_what_clinicians_said_is_counted(plain: Flask) -> None:
    store, at = plain.extensions[KEY].feedback, dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    cards = [str(uuid.UUID(int=number)) for number in range(4)]
    store.note_cards([ShownCard(card, "x", "risk", "evidence", "1", at.date()) for card in cards])
    store.add([Feedback(card, "overridden", at, (), "urn:x-rapport:override-reason", "no_time") for card in cards[:3]])
    text = said(plain)
    assert "Clinicians answered 3 cards" in text
    assert "The card was put aside 3 No time for it today 3" in text
    assert "4 cards with a risk and 0 with ratings alone" in text


def test_a_predictor_without_a_card_is_shown_as_that(plain: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: Any) -> ModelCard:
        raise RuntimeError("no card")

    monkeypatch.setattr(type(plain.extensions[KEY].speaker.host.predictor), "card", nothing)
    assert "comes without a card" in said(plain)


def test_the_footer_leads_here(plain: Flask) -> None:
    front = soup(plain.test_client().get("/"))
    assert front.select_one("footer a[href='/model']") is not None
