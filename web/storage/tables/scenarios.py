"""Saved scenarios, their immutable versions, and what is being edited between two of them."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, ForeignKey, Index, PrimaryKeyConstraint, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from web.storage.base import Json, Key, Moment, Name, When, Written
from web.storage.owned import Owned

LONGEST_WORD = 40  # letters; of a longer word the beginning


class SavedScenario(Owned):
    """A scenario with a name.

    ``revision`` rises with every change of any kind; who saves says which one they saw, and a different one is a
    conflict. ``draft`` is the form as last edited and not yet made a version; empty where there is none. The figures of
    the latest version stand here once more, so that a list costs one query. ``changed_by`` and ``changed_at`` are of
    the last change of any kind. Lists have an index each, for PostgreSQL takes no order from a column that is null.
    """

    __tablename__ = "scenario"
    __table_args__ = (
        Index(
            "ix_scenario_listed",
            "organisation_id",
            "changed_at",
            "id",
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(
            "ix_scenario_archived",
            "organisation_id",
            "changed_at",
            "id",
            sqlite_where=text("archived_at IS NOT NULL"),
            postgresql_where=text("archived_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[Name]
    notes: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    latest: Mapped[int] = mapped_column(default=0)  # number of the latest version
    draft: Mapped[str] = mapped_column(Text, default="")
    draft_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    figures: Mapped[Json] = mapped_column(JSON, default=dict)
    words: Mapped[str] = mapped_column(Text, default="")  # what a search looks in, folded
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    archived_at: Mapped[When]


class ScenarioVersion(Owned):
    """What a scenario was at one moment; never changed afterwards.

    ``form`` is the query of the calculator's form (``web.state``), ``inputs`` the same as CLINIC in JSON, ``figures``
    the headline as it was computed by ``program`` (Rapport's version) from the evidence of ``evidence``.
    ``changes`` says what differs from the version before (``web.workspace.changes``).
    """

    __tablename__ = "scenario_version"
    __table_args__ = (UniqueConstraint("scenario_id", "number", name="uq_scenario_version_number"),)

    id: Mapped[Key]
    scenario_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scenario.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    form: Mapped[str] = mapped_column(Text)
    inputs: Mapped[Json] = mapped_column(JSON)
    figures: Mapped[Json] = mapped_column(JSON)
    changes: Mapped[Json] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    program: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]


class ScenarioWord(Owned):
    """A word that a scenario is found by, by its beginning: compared by its letters, whatever the database's locale."""

    __tablename__ = "scenario_word"
    __table_args__ = (
        PrimaryKeyConstraint("scenario_id", "organisation_id", "word"),
        Index("ix_scenario_word_found", "organisation_id", "word", "scenario_id"),
    )

    scenario_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scenario.id", ondelete="CASCADE"))
    word: Mapped[str] = mapped_column(
        String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql")
    )


class HouseValue(Owned):
    """What an organisation takes where a form is left blank, instead of the benchmark, and why."""

    __tablename__ = "house_value"
    __table_args__ = (UniqueConstraint("organisation_id", "setting", "path", name="uq_house_value_path"),)

    id: Mapped[Key]
    setting: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(80))
    value: Mapped[Json] = mapped_column(JSON)  # {"likely": …} or low, likely and high
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]
