"""Two organisations on one server, the first with one of everything there is, and words that only it may read."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.workspace import people, saved
from web.accounts import admissions, keys
from web.accounts.roles import ROLES
from web.accounts.visitor import Visitor
from web.batch import Choices
from web.pages.batch import KEY as BATCH
from web.pages.worklist import KEY as WORKLIST
from web.storage import Database
from web.storage.base import now
from web.storage.tables import Account, Admission, ApiToken, Enquiry, HouseValue, Organisation, ScenarioVersion
from web.worklist.demo import demo_caseload
from web.workspace import house_values, scenarios, share_links
from web.workspace.share_links import RESULT, Wish

#: Stands in every name, address and text of the first organisation.
WORD = "Quillfeather"


@dataclass
class World:
    """What there is.

    Attributes:
        app: the server.
        database: its database.
        first: the organisation that has everything.
        members: its members by role.
        stranger: the administrator of the other organisation.
        ids: of the first organisation's objects, by kind, as an address or a form holds them.
        key: a program's key of the first organisation.
        link: the secret of its share link.
        invitation: the secret of its invitation.
    """

    app: Flask
    database: Database
    first: uuid.UUID
    members: dict[str, uuid.UUID]
    stranger: uuid.UUID
    ids: dict[str, str] = field(default_factory=dict)
    key: str = ""
    link: str = ""
    invitation: str = ""

    def browser(self, who: str) -> FlaskClient:
        """Return a browser of a role of the first organisation, of the other's administrator, or of nobody."""
        if who == "anonymous":
            return self.app.test_client()
        return people.client(self.app, self.stranger if who == "stranger" else self.members[who])

    def furnish(self) -> None:
        """Make one of everything anew, in the first organisation."""
        boss = Visitor("account", self.first, self.members["administrator"], "administrator", f"{WORD} Boss")
        scenario = scenarios.create(self.database, boss, f"{WORD} offer", f"{WORD} notes", saved.taken())
        with self.database.reading(self.first) as session:
            version = session.scalars(select(ScenarioVersion.id).where(ScenarioVersion.scenario_id == scenario)).one()
        wish = Wish(version=version, kind=RESULT, label=f"{WORD} link", days=30, passcode="", options={})
        link, self.link = share_links.make(self.database, boss, wish, None)
        enquiry = Enquiry(id=uuid.uuid4(), name=f"{WORD} Visitor", email=f"visitor@{WORD.lower()}.example")
        enquiry.consent, enquiry.form, enquiry.created_at = f"{WORD} may write", "v=1", now()
        with self.database.writing(self.first) as session:
            session.add(enquiry)
            self.key = keys.make(session, boss, f"{WORD} program", ["estimate"], "30")
            self.invitation = admissions.invite(session, boss, f"{uuid.uuid4().hex}@{WORD.lower()}.example", "viewer")
            for row in house_values.listed(session):
                session.delete(row)
            session.flush()
            texts = {"likely": "20%", "reason": f"{WORD} audit"}
            read = house_values.read("outpatient", "clinic.no_show_rate", texts, saved.library())
            house_values.put(session, boss, read, saved.library())
        with self.database.reading(self.first) as session:
            token = session.scalars(select(ApiToken.id).order_by(ApiToken.created_at.desc())).first()
            invitation = session.scalars(select(Admission.id).order_by(Admission.created_at.desc())).first()
            house = session.scalars(select(HouseValue.id)).one()
        job, _folder = self.app.extensions[BATCH].store.add(
            io.BytesIO(f"name,setting\n{WORD},iop\n".encode()), Choices(f"{WORD}.csv"), str(self.first)
        )
        caseload = self.app.extensions[WORKLIST].add(demo_caseload(), str(self.first))
        newcomer = people.member(self.database, self.first, "viewer", name=f"{WORD} Newcomer")
        ids: dict[str, Any] = {"scenario": scenario, "version": version, "link": link, "enquiry": enquiry.id}
        ids |= {
            "key": token,
            "invitation": invitation,
            "house": house,
            "member": newcomer,
            "upload": job,
            "caseload": caseload,
        }
        self.ids = {kind: str(key) for kind, key in ids.items()}


def world(database: Database, folder: Path, **config: Any) -> World:
    """Make both organisations, and one of everything in the first."""
    app = people.app(database, folder, **config)
    first, second = people.organisation(database, f"{WORD} Group"), people.organisation(database, "Elsewhere")
    members = {role: people.member(database, first, role, name=f"{WORD} {role}") for role in ROLES}
    with database.writing(first) as session:
        session.get_one(Organisation, first).brand = {"seller": {"name": f"{WORD} Care"}}
        for account in session.scalars(select(Account)):
            account.email = f"{account.id.hex}@{WORD.lower()}.example"
    made = World(app, database, first, members, people.member(database, second, name="Elsewhere Boss"))
    made.furnish()
    return made
