"""Everything of an organisation as an archive, and of one person as a file; without a secret, and nothing left out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from calculator import parse_scenario
from tests.web.workspace import people
from tests.web.workspace.two_organisations import WORD, World, world
from web.accounts import passwords
from web.clinic_toml import read_toml
from web.storage import Database
from web.storage.base import Base, digest
from web.storage.owned import Owned
from web.storage.tables import Account, Enquiry, RecoveryCode, ScenarioVersion, ScenarioWord, ShareLink
from web.workspace.exported import EVERYWHERE, LEFT_OUT, TABLES, columns_of

PASSWORD = "a quiet harbour at dawn"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> World:
    made = world(database, tmp_path)
    with database.writing(made.first) as session:
        account = session.get_one(Account, made.members["sales"])
        account.password, account.totp = passwords.hashed(PASSWORD), "sealed-totp-secret"
        session.add(RecoveryCode(account_id=account.id, digest=digest("code")))
        link = session.scalars(select(ShareLink)).one()
        link.passcode, link.document = passwords.hashed(PASSWORD), b"%PDF-1.7 shared"
    return made


def archive_of(there: World, who: str = "administrator") -> zipfile.ZipFile:
    with there.browser(who).post("/administration/data/export") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        return zipfile.ZipFile(io.BytesIO(answer.data))


def test_everything_is_in_it_and_can_be_read(there: World) -> None:
    archive = archive_of(there)
    read = {name: json.loads(archive.read(f"{name}.json")) for name in (*TABLES, "organisation")}
    assert {name: len(rows) for name, rows in read.items() if name != "organisation"} == {
        "members": 5, "invitations": 1, "house_values": 1, "scenarios": 1, "versions": 1, "links": 1, "enquiries": 1,
        "keys": 1, "audit": len(read["audit"]),
    }  # fmt: skip
    assert read["organisation"]["brand"] == {"seller": {"name": f"{WORD} Care"}}
    assert (read["links"][0]["has_passcode"], read["links"][0]["label"]) == (True, f"{WORD} link")
    assert {row["second_step"] for row in read["members"]} == {True, False}
    version = there.ids["scenario"]
    file = archive.read(f"scenarios/{version}/version-1.toml")
    with there.database.reading(there.first) as session:
        kept = session.scalars(select(ScenarioVersion)).one()
    assert parse_scenario(read_toml(file)) == parse_scenario(kept.inputs)
    assert archive.read(f"documents/{there.ids['link']}.pdf") == b"%PDF-1.7 shared"
    assert f"{WORD} administrator".encode() in archive.read("audit.csv")
    readme = archive.read("README.txt").decode()
    for name in {entry.partition("/")[0] for entry in archive.namelist()} - {"README.txt"}:
        assert name in readme, "the note says what each file is"


def test_no_secret_and_no_digest_is_in_it(there: World) -> None:
    archive = archive_of(there)
    everything = b"\n".join(archive.read(name) for name in archive.namelist())
    secrets = [there.key, there.link, there.invitation, PASSWORD, "sealed-totp-secret", "argon2"]
    with there.database.engine.connect() as connection:
        for table in inspect(there.database.engine).get_table_names():
            columns = {column["name"] for column in inspect(there.database.engine).get_columns(table)}
            if "digest" in columns:
                secrets += connection.execute(text(f"SELECT digest FROM {table}")).scalars().all()  # noqa: S608
    assert len(secrets) > 9, "there is something to look for"
    assert [secret for secret in secrets if secret.encode() in everything] == []


def test_nothing_of_another_organisation_is_in_it(there: World) -> None:
    archive = archive_of(there, "stranger")
    for name in archive.namelist():
        assert WORD.encode() not in archive.read(name), name
    assert b"Elsewhere Boss" not in b"".join(archive_of(there).read(name) for name in archive.namelist())


@people.ON_ONE_DATABASE
def test_every_table_and_column_is_exported_or_left_out_on_purpose(there: World) -> None:
    owned = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)}
    assert owned - set(TABLES.values()) == {RecoveryCode, ScenarioWord}, "digests of codes; what a search looks in"
    for table in TABLES.values():
        every = {column.key for column in table.__mapper__.column_attrs}
        assert every == {*columns_of(table), *LEFT_OUT.get(table.__tablename__, ()), *EVERYWHERE}


@people.ON_ONE_DATABASE
def test_an_organisation_without_anything_has_an_archive_too(there: World) -> None:
    archive = archive_of(there, "stranger")
    assert json.loads(archive.read("scenarios.json")) == []


def test_what_is_held_of_a_person_is_told_and_of_nobody_else(there: World) -> None:
    with there.database.reading(there.first) as session:
        account = session.get_one(Account, there.members["administrator"])
        enquiry = session.scalars(select(Enquiry)).one()
    boss = there.browser("administrator")

    def held(email: str) -> dict[str, Any]:
        answer = boss.post("/administration/data/person/export", data={"email": email})
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json
        return found

    mine = held(f" {account.email.upper()} ")
    assert mine["account"]["name"] == f"{WORD} administrator"
    assert [deed["account_id"] for deed in mine["deeds"]] == [str(account.id)] * len(mine["deeds"])
    assert len(mine["deeds"]) >= 4, "what was made for them in the world of this test"
    assert mine["signed_in"]
    assert mine["enquiries"] == []
    theirs = held(enquiry.email)
    assert theirs["account"] is None
    assert [each["name"] for each in theirs["enquiries"]] == [f"{WORD} Visitor"]
    assert held("nobody@example.org")["account"] is None
    assert boss.post("/administration/data/person/export", data={"email": "x"}).status_code == 422
    stranger = there.browser("stranger").post("/administration/data/person/export", data={"email": account.email})
    assert WORD not in stranger.text
