"""Side plugins in the running service: what one adds counts, and one that fails costs nothing but itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin.hooks import HOOK_GROUP
from tests.web.cds_calls import SERVICE, model_file, today, view
from web.app import create_app
from web.pages import cds

SECRET = "what-nobody-may-read"
PLUGINS = f'''
import dataclasses
from plugin.hooks import hookimpl
from plugin.records import Visit

RECORDS, SEEN = [], []

class Notes:
    @hookimpl
    def enrich_request(self, request):
        SEEN.append(request.episode.client_id)
        missed = [Visit(request.as_of, "no_show")] * 3
        return dataclasses.replace(request, visits=(*request.visits, *missed))

    @hookimpl
    def process_card(self, card):
        return card | {{"detail": card.get("detail", "") + "\\n\\nQuestions: the quality team."}}

    @hookimpl
    def audit_prediction(self, record):
        RECORDS.append(record)

class Breaks:
    @hookimpl
    def enrich_request(self, request):
        raise ValueError("{SECRET}")

    @hookimpl
    def process_card(self, card):
        return {{"summary": "{SECRET}" * 20, "uuid": "another"}}

    @hookimpl
    def audit_prediction(self, record):
        raise SystemExit("{SECRET}")
'''


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Flask]:
    """Install a package of side plugins for the length of a test, and return what serves with some of them."""
    place, about = tmp_path / "site", tmp_path / "site" / "side_plugins-1.dist-info"
    about.mkdir(parents=True)
    (place / "side_plugins.py").write_text(PLUGINS)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: side-plugins\nVersion: 1\n")
    points = "notes = side_plugins:Notes\nbreaks = side_plugins:Breaks\n"
    (about / "entry_points.txt").write_text(f"[{HOOK_GROUP}]\n{points}")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.setattr(cds, "today", today)
    monkeypatch.delitem(sys.modules, "side_plugins", raising=False)
    path = model_file(tmp_path)

    def serve(hooks: str) -> Flask:
        folder = str(tmp_path / "data")
        return create_app({"RAPPORT_DATA_DIR": folder, "RAPPORT_MODEL": path, "RAPPORT_HOOKS": hooks})

    return serve


def card(app: Flask) -> dict[str, Any]:
    answer = app.test_client().post(SERVICE, json=view())
    assert answer.status_code == 200
    (found,) = answer.get_json()["cards"]
    return {key: value for key, value in found.items() if key != "uuid"}  # another one with each call


def test_what_a_side_plugin_adds_counts_and_is_audited_without_the_client(serving: Callable[[str], Flask]) -> None:
    plain, noted = card(serving("")), card(serving("notes"))
    assert noted["detail"].endswith("Questions: the quality team.")
    assert plain["detail"] not in noted["detail"], "three missed visits are told, and raise the risk"
    assert noted["summary"] != plain["summary"]
    assert noted["source"] == plain["source"]
    module = sys.modules["side_plugins"]
    (record,) = module.RECORDS
    assert (record.requests, record.scored) == (1, 1)
    assert module.SEEN == [""], "it is not told who the client is"


def test_one_that_fails_costs_nothing_but_itself(
    serving: Callable[[str], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    assert card(serving("breaks")) == card(serving(""))
    noted = card(serving("notes"))
    assert card(serving("breaks notes")) == card(serving("notes breaks")) == noted
    assert "breaks" in caplog.text
    assert SECRET not in caplog.text
