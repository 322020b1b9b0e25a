"""An organisation's own values stand in for blank cells, are told as such, and can be left aside."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.web.batch_page.uploads import archived, finished, found, made, sent, text_of

BLANK = b"name,setting,intakes per month,no-show rate\nAspen,outpatient,40,\nBirch,iop,30,\nCedar,outpatient,50,0.05\n"
TYPED = BLANK.replace(b"40,\n", b"40,0.25\n")
SAID = "Each proposal names the values that are yours."


def own(client: FlaskClient, likely: str = "25%") -> None:
    fields = {"setting": "outpatient", "path": "clinic.no_show_rate", "likely": likely, "reason": "our audit"}
    assert client.post("/administration/house", data=fields).status_code == 303


def results(client: FlaskClient, number: str) -> dict[str, Any]:
    """Return the results in what was made, by the clinic's name."""
    made(client, number)
    files = [content for name, content in archived(client, number).items() if name.endswith(".pdf")]
    return {each["inputs"]["clinic"]["name"]: each for each in map(json.loads, files)}


def test_blank_cells_take_them_and_say_so(client: FlaskClient) -> None:
    number = sent(client, TYPED)
    finished(client, number)
    typed = results(client, number)
    own(client)
    number = sent(client, BLANK)
    shown = finished(client, number)
    assert shown.h1.text == "3 of 3 rows are ready"
    assert SAID in text_of(shown)
    taken = results(client, number)
    assert taken["Aspen"]["sources"]["clinic.no_show_rate"] == "organisation: our audit"
    assert taken["Aspen"]["point"] == typed["Aspen"]["point"], "the same as if it were typed"
    assert "organisation" not in json.dumps(taken["Birch"]["sources"]), "it is for another level of care"
    assert taken["Cedar"] == typed["Cedar"], "what the file says stands before it"


def test_they_stay_what_they_were_at_the_check_until_it_is_checked_again(client: FlaskClient, app: Flask) -> None:
    own(client)
    number = sent(client, BLANK)
    finished(client, number)
    own(client, "30%")
    before = results(client, number)["Aspen"]["inputs"]["clinic"]["no_show_rate"]
    assert before == 0.25
    box = finished(client, number).select_one("input[name=house]")
    assert box.has_attr("checked")
    client.post("/batch/check", data={"id": number, "house": "1"})
    finished(client, number)
    assert results(client, number)["Aspen"]["inputs"]["clinic"]["no_show_rate"] == 0.3
    client.post("/batch/check", data={"id": number})
    shown = finished(client, number)
    assert SAID not in text_of(shown)
    assert not shown.select_one("input[name=house]").has_attr("checked")
    assert found(app, number).choices().house == {}
    assert "organisation" not in json.dumps(results(client, number)["Aspen"]["sources"])


def test_whoever_has_none_is_not_asked(client: FlaskClient) -> None:
    number = sent(client, BLANK)
    shown = finished(client, number)
    assert shown.select_one("input[name=house]") is None
    assert SAID not in text_of(shown)
