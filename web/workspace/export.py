"""Everything an organisation has as one ZIP archive, and everything that is held of one e-mail address as JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from calculator import InputError, parse_scenario
from reports.brand.logo import known
from web.accounts.visitor import Visitor
from web.clinic_toml import write_toml
from web.storage import Database
from web.storage.base import Json
from web.storage.tables import Account, Admission, AuditEntry, Enquiry, Organisation, ScenarioVersion, SignIn
from web.workspace import audit_log
from web.workspace.audit import record
from web.workspace.exported import TABLES, as_json, documents, plain, rows_of

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date an archive can hold; the same data give the same archive
README = """\
Everything that {name} keeps in Rapport
========================================

organisation.json   the organisation: its name and its brand; logo.* beside it is its logo
members.json        who may sign in, and as what
invitations.json    links that were made to let somebody in; not the links themselves
house_values.json   values of the organisation's own, each with its reason
scenarios.json      saved scenarios: names, notes, who changed them when, and what is being edited
versions.json       every version of each of them: inputs, headline figures, what changed, who made it
scenarios/          each version as the file that `rapport estimate FILE` reads
links.json          links to a version that were shared; documents/ holds the PDFs that open links show
enquiries.json      what visitors of the embedded calculator left, with the text they agreed to
keys.json           keys of programs, by name; not the keys themselves
audit.json          who did what to which object, by ids; audit.csv the same with the names of today

Moments are in UTC, shares are 0 to 1. Passwords, second steps, keys, links and their digests are not in here: whoever
has this archive can sign in nowhere. Treat it as confidential all the same.
Lists of prospects and caseloads that were uploaded are not in here either: each is deleted a day after its last use.
"""


def write_organisation(database: Database, visitor: Visitor, target: IO[bytes]) -> None:
    """Write the archive of the visitor's organisation, and note that it was taken.

    Args:
        database: where it all is.
        visitor: whose organisation.
        target: a file to write to; it is filled as rows are read, so that a large organisation needs little memory.
    """
    with database.writing(visitor.scope) as session:
        record(session, visitor, "exported", "organisation", visitor.organisation)
    with database.reading(visitor.scope) as session, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        mine = session.get_one(Organisation, visitor.organisation)
        _put(archive, "README.txt", [README.format(name=mine.name).encode()])
        about = {"id": str(mine.id), "name": mine.name, "created_at": mine.created_at.isoformat(), "brand": mine.brand}
        _put(archive, "organisation.json", [_json(about)])
        if mine.logo is not None:
            _put(archive, f"logo.{known(mine.logo).mimetype.rpartition('/')[2].partition('+')[0]}", [mine.logo])
        for name, table in TABLES.items():
            _put(archive, f"{name}.json", as_json(rows_of(session, table)))
        _scenarios(archive, session)
        for key, document in documents(session):
            _put(archive, f"documents/{key}.pdf", [document])
        _put(archive, "audit.csv", audit_log.as_csv(database, visitor, audit_log.Asked()))


def person(database: Database, visitor: Visitor, email: str) -> Json:
    """Return what the organisation holds of an e-mail address, and note that it was looked up.

    Args:
        database: where it all is.
        visitor: who asks.
        email: folded.
    """
    with database.writing(visitor.scope) as session:
        account = session.scalar(select(Account).where(Account.email == email))
        record(session, visitor, "exported", "account", account.id if account else None)
        deeds = rows_of(session, AuditEntry, AuditEntry.account_id == account.id) if account else ()
        browsers = session.scalars(select(SignIn).where(SignIn.account_id == account.id)).all() if account else ()
        return {
            "email": email,
            "account": plain(account) if account else None,
            "invitations": _all(rows_of(session, Admission, Admission.email == email)),
            "enquiries": _all(rows_of(session, Enquiry, Enquiry.email == email)),
            "signed_in": [
                {"browser": each.browser, "since": each.created_at.isoformat(), "last_seen": each.seen_at.isoformat()}
                for each in browsers
            ],
            "deeds": sorted(_all(deeds), key=lambda deed: str(deed["at"])),
        }


def _scenarios(archive: zipfile.ZipFile, session: Session) -> None:
    for version in rows_of(session, ScenarioVersion):
        name = f"scenarios/{version.scenario_id}/version-{version.number}"
        try:
            _put(archive, f"{name}.toml", [write_toml(parse_scenario(version.inputs)).encode()])
        except InputError:  # of another release, whose inputs this one does not know
            _put(archive, f"{name}.json", [_json(version.inputs)])


def _all(rows: Iterable[Any]) -> list[Json]:
    return [plain(row) for row in rows]


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _put(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    member = zipfile.ZipInfo(name, EPOCH)
    member.compress_type = zipfile.ZIP_STORED if name.endswith((".pdf", ".png", ".jpeg")) else zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    with archive.open(member, "w") as target:
        for piece in pieces:
            target.write(piece)
