"""Enquiries: taken from the embedded calculator, looked through, exported, and removed when somebody asks for it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterator
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reports.batch.manifest import as_text
from web.accounts.email_address import folded
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.base import now
from web.storage.tables import Enquiry
from web.workspace.audit import record
from web.workspace.enquiry_form import Offer
from web.workspace.headline import CHANCE, KEPT, NET
from web.workspace.newest_first import Cursor, newest_first
from web.workspace.snapshot import Snapshot

COLUMNS: Final = (
    "asked_at", "name", "email", "clinic", "setting", "currency", "revenue_kept_per_year", "net_per_year",
    "probability_npv_positive", "site", "consent", "handled_at", "calculator",
)  # fmt: skip
AT_ONCE: Final = 500  # rows that an export reads at a time


def take(database: Database, offer: Offer, key: uuid.UUID, name: str, email: str, taken: Snapshot, site: str) -> None:
    """Keep an enquiry. A form that is sent twice counts once; one that was changed in between counts again.

    Args:
        database: the workspace.
        offer: who receives it, and the text that was agreed to.
        key: of the form.
        name: of who sent it, checked.
        email: theirs, checked.
        taken: the scenario and its headline.
        site: the origin that showed the calculator; empty where it is not known.
    """
    email = folded(email)
    with database.writing(offer.organisation) as session:
        there = session.get(Enquiry, key)
        if there is not None and (there.name, there.email, there.form) == (name, email, taken.form):
            return
        made = Enquiry(
            id=key if there is None else uuid.uuid4(),
            name=name,
            email=email,
            consent=offer.consent,
            form=taken.form,
            figures=taken.figures,
            parent=site,
            created_at=now(),
        )
        try:
            with session.begin_nested():
                session.add(made)
        except IntegrityError:  # the same form, sent twice in the same moment
            return


def listed(
    database: Database, visitor: Visitor, before: Cursor | None = None, email: str = ""
) -> tuple[tuple[Enquiry, ...], Cursor | None]:
    """Return a page of enquiries, all or those of one address, the newest first, and where the older ones begin."""
    wanted = select(Enquiry)
    if email:
        wanted = wanted.where(Enquiry.email == folded(email))
    with database.reading(visitor.scope) as session:
        rows, older = newest_first(session, wanted, Enquiry, before)
    return tuple(row[0] for row in rows), older


def address_of(database: Database, visitor: Visitor, key: uuid.UUID) -> str | None:
    """Return whose an enquiry is; None where there is no such one."""
    with database.reading(visitor.scope) as session:
        return session.scalar(select(Enquiry.email).where(Enquiry.id == key))


def set_handled(database: Database, visitor: Visitor, key: uuid.UUID, *, handled: bool) -> bool:
    """Mark an enquiry as handled, or as open again; return whether there is such a one."""
    with database.writing(visitor.scope) as session:
        found = session.get(Enquiry, key)
        if found is None:
            return False
        if (found.handled_at is not None) != handled:
            found.handled_at = now() if handled else None
            record(session, visitor, "handled" if handled else "changed", "enquiry", key)
    return True


def remove(database: Database, visitor: Visitor, key: uuid.UUID) -> bool:
    """Remove an enquiry; return whether there was such a one."""
    with database.writing(visitor.scope) as session:
        return bool(_remove(session, visitor, [key]))


def remove_all_of(database: Database, visitor: Visitor, email: str) -> int:
    """Remove all enquiries of an address; return how many there were."""
    with database.writing(visitor.scope) as session:
        keys = session.scalars(select(Enquiry.id).where(Enquiry.email == folded(email))).all()
        return _remove(session, visitor, list(keys))


def exported(database: Database, visitor: Visitor, calculator: str) -> Iterator[bytes]:
    """Return all enquiries as CSV, in pieces: UTF-8 with a mark, no cell of which a spreadsheet runs as a formula.

    Args:
        database: the workspace.
        visitor: whose organisation's.
        calculator: the address of the calculator, before the query.
    """
    with database.writing(visitor.scope) as session:
        record(session, visitor, "exported", "enquiry")
    return _written(database, visitor, calculator)


def _written(database: Database, visitor: Visitor, calculator: str) -> Iterator[bytes]:
    yield "\ufeff".encode() + _line(COLUMNS)
    before: Cursor | None = None
    while True:
        with database.reading(visitor.scope) as session:
            rows, before = newest_first(session, select(Enquiry), Enquiry, before, AT_ONCE)
        for (each,) in rows:
            yield _line(_cells(each, calculator))
        if before is None:
            return


def _remove(session: Session, visitor: Visitor, keys: list[uuid.UUID]) -> int:
    there = session.scalars(select(Enquiry.id).where(Enquiry.id.in_(keys))).all()
    session.execute(delete(Enquiry).where(Enquiry.id.in_(there)))
    for key in there:
        record(session, visitor, "deleted", "enquiry", key)
    return len(there)


def _cells(each: Enquiry, calculator: str) -> tuple[str, ...]:
    figures = each.figures
    texts = (each.name, each.email, str(figures.get("clinic", "")), str(figures.get("setting", "")))
    return (
        _moment(each.created_at),
        *map(as_text, (*texts, str(figures.get("currency", "")))),
        *(_number(figures.get(name, {}).get("p50"), 2) for name in (KEPT, NET)),
        _number(figures.get(CHANCE), 4),
        *map(as_text, (each.parent, each.consent)),
        _moment(each.handled_at),
        f"{calculator}?{each.form}",
    )


def _moment(at: dt.datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else ""


def _line(cells: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode(errors="backslashreplace")
