"""What is being edited between two versions; sent by the page after each change, by whoever has seen the last one."""

from __future__ import annotations

import uuid

from calculator.serialize import given_dict
from web.accounts.visitor import Visitor
from web.forms import Form
from web.storage import Database
from web.workspace.current import Current, claim, find
from web.workspace.snapshot import form_text


def keep_draft(database: Database, visitor: Visitor, key: uuid.UUID, seen: int, form: Form) -> Current:
    """Keep a form as the draft of a scenario, or drop the draft where the latest version is the same.

    What stands there already is kept again without a new revision: somebody sends it twice whose first answer got lost.

    Args:
        database: where.
        visitor: who edits.
        key: of the scenario.
        seen: the revision that they have seen.
        form: what stands in the calculator; nothing is wrong with it.

    Returns:
        How the scenario stands now, when it is kept for good.

    Raises:
        Conflict: where the scenario was changed since, or is archived.
        MissingScenarioError: where there is none.
        ValueError: for a form with problems, a fault of ours.
    """
    if form.scenario is None:
        raise ValueError("a form with problems cannot be kept")
    text, inputs = form_text(form), given_dict(form.scenario)
    with database.writing(visitor.scope) as session:
        before = find(session, key)
        if before.form == text and not before.archived:
            return before
        same = before.inputs == inputs
        if same and not before.drafted and not before.archived:
            return before
        claim(session, visitor, key, seen, draft="" if same else text, draft_by=None if same else visitor.account)
        return find(session, key)
