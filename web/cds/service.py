"""The service behind the routes: which model speaks, and one call from its body to its answer."""

from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Literal, cast

from flask import Flask, current_app

from plugin.cds import (
    ClientRecord,
    HookRequest,
    Maker,
    Speech,
    client_record,
    discovery,
    hooks_of,
    parse_feedback,
    parse_request,
    read_prefetch,
    respond,
    templates,
)
from plugin.cds.request import RequestError
from plugin.contract import Answer, LocalRecord, Predictor, Request, Score
from plugin.host import Host, open_host
from plugin.linear_predictor import LinearPredictor
from plugin.loading import pseudonym, read_salt
from plugin.trust import judge
from web.cds.feedback_store import FeedbackStore, ShownCard, card_id
from web.cds.fetching import fetch_missing, keep_addresses_out_of_logs
from web.cds.trust import Caller
from web.settings import KEY as SETTINGS
from web.settings import Settings

KEY: Final = "rapport_cds"
_log = logging.getLogger(__name__)


class DataMissing(Exception):  # noqa: N818 (as HTTP calls it: a precondition that failed)
    """Data that are needed did not come along and could not be read; ``problems`` says which and why."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(frozen=True)
class Speaker:
    """The model that speaks, opened.

    Attributes:
        host: asks it.
        record: how it did on the clinic's own episodes; None where nobody has looked.
        salt: what clinicians are hashed with, as in the files the model was fitted to; None where it knows none.
    """

    host: Host
    record: LocalRecord | None
    salt: bytes | None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.host.predictor.name

    @property
    def version(self) -> str:
        """The model's version."""
        return self.host.predictor.version

    @property
    def horizon(self) -> str:
        """What its two risks mean."""
        return self.host.predictor.horizon

    @property
    def withheld(self) -> str:
        """Why its risks may not be shown to clinicians, as the end of a sentence; empty where they may."""
        return judge(self.record)

    def pseudonym(self, clinician: str) -> str:
        """Return the pseudonym of a clinician; empty where the model knows none."""
        return "" if self.salt is None else pseudonym(self.salt, "clinician", clinician)


class _Heard:
    """A host for one call that notes which kind of card came out."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.kind: Literal["risk", "ratings"] = "ratings"

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        return self._host.predict(requests)

    def process_card(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        self.kind = "risk" if isinstance(answer, Score) else "ratings"
        return self._host.process_card(card, answer, request)


class Service:
    """Answers calls, from all threads of this process."""

    def __init__(self, settings: Settings) -> None:
        """Take on the settings; the model is opened with the first call that needs it."""
        self.feedback = FeedbackStore(settings.data_dir)
        self._settings = settings
        self._opened: Speaker | None = None
        self._lock = Lock()

    @property
    def speaker(self) -> Speaker:
        """The model that speaks, opened once in this process.

        Raises:
            PluginError: where it cannot be opened any more.
            OSError: where what clinicians are hashed with cannot be read.
        """
        with self._lock:
            if self._opened is None:
                host = open_host(self._settings.model, self._settings.hooks)
                self._opened = Speaker(host, _record(host.predictor), self._salt(host.predictor))
            return self._opened

    def discovery(self, day: dt.date) -> dict[str, Any]:
        """Return the services there are, with what each asks the record system for."""
        return discovery(templates(self.speaker.host.needs, self._settings.cds_codes, day))

    def answer(self, service: str, body: Any, caller: Caller, site: str, day: dt.date) -> dict[str, Any]:
        """Return the answer to a call.

        Args:
            service: its id, which there is.
            body: what was sent, read from JSON.
            caller: who calls.
            site: where this server is reached, for links in cards.
            day: of the call.

        Raises:
            RequestError: where the call is not what the specification asks for.
            DataMissing: where needed data are not to be had.
        """
        request = parse_request(body, hooks_of(service))
        speaker = self.speaker
        heard = _Heard(speaker.host)
        speech = Speech(heard, Maker(speaker.name, speaker.version, site, speaker.record), speaker.withheld)
        client = self._client(request, speaker, day) if request.for_clinician else None  # nobody else is shown anything
        said = respond(request, client, speech, day, wants_assessment=request.wants_risk_assessment)
        cards = [
            ShownCard(card["uuid"], service, heard.kind, speaker.name, speaker.version, day)
            for card in said["cards"]
            if "uuid" in card
        ]
        if cards:
            self._note(cards, caller)
        return said

    def keep_feedback(self, body: Any, caller: Caller) -> None:
        """Keep feedback on cards.

        Raises:
            RequestError: where it is not what the specification asks for.
            OSError, sqlite3.Error: where it cannot be kept.
        """
        items = parse_feedback(body)
        problems = [
            f"feedback {number}: card is the uuid of a card"
            for number, item in enumerate(items, 1)
            if not _is_id(item.card)
        ]
        if problems:
            raise RequestError(problems)
        self.feedback.add(items, caller.issuer or "")

    def _client(self, request: HookRequest, speaker: Speaker, day: dt.date) -> ClientRecord | None:
        codes = self._settings.cds_codes
        asked = templates(speaker.host.needs, codes, day)
        supplied = read_prefetch(asked, request.prefetch)
        fetched = fetch_missing(request, supplied, asked, self._settings.cds_fhir_servers)
        lacking = fetched.supplied.lacking(asked)
        if lacking:
            raise DataMissing(tuple(_why(key, fetched.problems) for key in lacking))
        return client_record(request, fetched.supplied.everything(), codes, day, speaker.pseudonym)

    def _note(self, cards: Sequence[ShownCard], caller: Caller) -> None:
        """Note cards; where that fails the clinician gets them all the same."""
        try:
            self.feedback.note_cards(cards, caller.issuer or "")
        except (OSError, sqlite3.Error) as error:
            _log.error("CDS: a card cannot be noted for its feedback: %s", type(error).__name__)

    def _salt(self, predictor: Predictor) -> bytes | None:
        if type(predictor) is LinearPredictor and not predictor.model.clinicians:
            return None
        return read_salt(self._settings.data_dir)


def init_cds(app: Flask) -> None:
    """Make ready to answer calls; nothing is opened yet."""
    app.extensions[KEY] = Service(cast(Settings, app.extensions[SETTINGS]))
    keep_addresses_out_of_logs()


def current_service() -> Service:
    """Return the service of the running application."""
    return cast(Service, current_app.extensions[KEY])


def _record(predictor: Predictor) -> LocalRecord | None:
    try:
        record = predictor.local_record
    except Exception:  # another author's code may raise anything; without a record no risk is shown
        _log.warning("CDS: the model's local record cannot be read.")
        return None
    return record if isinstance(record, LocalRecord) else None


def _why(key: str, problems: Mapping[str, str]) -> str:
    return f"prefetch.{key} is needed: {problems.get(key, 'only a part of it came along')}"


def _is_id(text: str) -> bool:
    try:
        card_id(text)
    except ValueError:
        return False
    return True
