"""Which door each route has. What is not listed here does not start: a new route is closed until somebody decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from web.accounts.roles import Right


@dataclass(frozen=True, slots=True)
class Door:
    """Who gets in, and whether a form behind it needs our token.

    Attributes:
        to: ``everybody``, ``members`` (whoever is signed in), ``programs`` (who shows a key; without accounts,
            everybody at this computer) or a right.
        changes: whether what is sent there changes anything that is kept. A form that only computes needs no token.
    """

    to: Literal["everybody", "members", "programs"] | Right
    changes: bool = True


OPEN: Final = Door("everybody", changes=False)

#: By blueprint, or by endpoint where one differs from the rest of its blueprint.
DOORS: Final[dict[str, Door]] = {
    "static": OPEN,
    "health": OPEN,
    "metrics": OPEN,  # this computer, or a token of its own: ``web.pages.metrics``
    "calculator": OPEN,
    "compare": OPEN,
    "clinic_file": OPEN,
    "data_request": OPEN,
    "explain": OPEN,
    "evidence": OPEN,
    "proposal": OPEN,
    "workbook": OPEN,
    "alliance": OPEN,
    "method": OPEN,
    "embed": OPEN,
    "embed.enquire": OPEN,  # in a frame, where no cookie is; has a token of its own: ``web.workspace.enquiry_form``
    "model_card": OPEN,
    "cds": OPEN,  # has its own trust: ``web.cds.trust``
    "api": Door("programs", changes=False),
    "api.openapi": OPEN,
    "setup": Door("everybody"),
    "sign_in": Door("everybody"),
    "elsewhere": Door("everybody"),
    "join": Door("everybody"),
    "account": Door("members"),
    "enquiries": Door("enquiries"),
    "share": Door("edit"),
    "shared": OPEN,  # the secret in the address is the key
    "shared.unlock": Door("everybody"),
    "scenarios": Door("see"),
    "scenario_changes": Door("edit"),
    "scenario_changes.remove": Door("administer"),
    "administration": Door("administer"),
    "batch": Door("propose"),
    "worklist": Door("clients"),
}


def door_of(endpoint: str) -> Door | None:
    """Return the door of an endpoint."""
    return DOORS.get(endpoint) or DOORS.get(endpoint.partition(".")[0])
