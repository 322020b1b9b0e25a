"""Who may do what: four roles, and what each of them may."""

from __future__ import annotations

from typing import Final, Literal

from calculator.language import mark

Role = Literal["administrator", "manager", "sales", "viewer"]
Right = Literal["see", "edit", "clients", "propose", "enquiries", "administer"]

ROLES: Final[tuple[Role, ...]] = ("administrator", "manager", "sales", "viewer")
ROLE_WORDS: Final[dict[str, str]] = {
    "administrator": mark("Administrator"),
    "manager": mark("Manager"),
    "sales": mark("Sales"),
    "viewer": mark("Viewer"),
}
#: see: saved scenarios; edit: change them, share them; clients: caseloads and worklists; propose: batches of proposals;
#: enquiries: what visitors of the embedded calculator left; administer: accounts, brand, house values, keys, audit.
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "administrator": frozenset({"see", "edit", "clients", "propose", "enquiries", "administer"}),
    "manager": frozenset({"see", "edit", "clients"}),
    "sales": frozenset({"see", "edit", "propose", "enquiries"}),
    "viewer": frozenset({"see"}),
}


def may(role: str | None, right: Right) -> bool:
    """Return whether a role has a right; nobody's role has none.

    >>> may("sales", "propose"), may("sales", "clients"), may(None, "see")
    (True, False, False)
    """
    return any(role == name and right in rights for name, rights in RIGHTS.items())
