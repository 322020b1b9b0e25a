"""Several scenarios in one address: up to four side by side, and the others kept while one of them is edited.

``/compare?s=…&s=…`` holds them as states, the first being the baseline. The calculator shows one of them and carries
the others along as ``keep``, with ``slot`` for the edited one's place and ``title`` for its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from calculator.language import gettext as _
from web.forms import Form
from web.state import StateError, pack, shaped, unpack

MOST = 4  # scenarios side by side
STATE, KEEP, SLOT, TITLE = "s", "keep", "slot", "title"
CLINIC = "clinic.name"
LONGEST_TITLE = 60  # characters


@dataclass(frozen=True)
class Named:
    """What a scenario is called, and whether it is the one being edited."""

    name: str
    edited: bool


@dataclass(frozen=True)
class Kept:
    """The scenarios that are kept while another is edited, in their order; the edited one's place and title."""

    others: tuple[str, ...] = ()
    slot: int = 0
    title: str = ""

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> Kept:
        """Return what a request carries; what cannot be a scenario at all is left out."""
        others = tuple(text for text in values.getlist(KEEP) if shaped(text))[: MOST - 1]
        slot = values.get(SLOT, "")
        place = int(slot) if slot.isascii() and slot.isdigit() and len(slot) == 1 else len(others)
        return cls(others, min(place, len(others)), titled(values.get(TITLE, "")))

    def __bool__(self) -> bool:
        """Return whether there is anything to compare with."""
        return bool(self.others)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the names and values to add to the calculator's address, or to hide in its form."""
        kept = [(KEEP, state) for state in self.others]
        place = [(SLOT, str(self.slot))] if kept else []
        return [*kept, *place, *([(TITLE, self.title)] if self.title else [])]

    @property
    def suffix(self) -> str:
        """Return the same as the end of a query, for links that load another scenario in this place."""
        return f"&{urlencode(self.pairs)}" if self.pairs else ""

    def lineup(self, form: Form) -> Lineup:
        """Return all scenarios in their order, the edited one as it stands in ``form``."""
        states = list(self.others)
        states.insert(self.slot, packed(form, self.title))
        return Lineup(tuple(states))

    def compare_address(self, form: Form) -> str:
        """Return the address that shows all of them side by side."""
        return self.lineup(form).address

    def names(self, form: Form) -> tuple[Named, ...]:
        """Return what each is called, in their order."""
        found = names(self.lineup(form).read)
        return tuple(Named(name, place == self.slot) for place, name in enumerate(found))


@dataclass(frozen=True)
class Lineup:
    """Scenarios side by side, each as a state; the first is the baseline."""

    states: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lineup:
        """Return the first of what an address holds, as many as there is room for."""
        return cls(tuple(texts)[:MOST])

    @property
    def address(self) -> str:
        """Return the address that holds them."""
        query = urlencode([(STATE, state) for state in self.states])
        return f"{url_for('compare.index')}?{query}" if query else url_for("compare.index")

    @property
    def read(self) -> tuple[MultiDict[str, str] | StateError, ...]:
        """Return what each of them holds, or why it cannot be read."""
        return tuple(_read(state) for state in self.states)

    @property
    def full(self) -> bool:
        """Return whether there is no room for another."""
        return len(self.states) >= MOST

    def without(self, place: int) -> Lineup:
        """Return them without one."""
        return Lineup((*self.states[:place], *self.states[place + 1 :]))

    def with_copy(self, place: int) -> Lineup:
        """Return them with a copy of one beside it, which has no title of its own yet."""
        found = _read(self.states[place])
        copy = self.states[place] if isinstance(found, StateError) else _titled_state(found, "")
        return Lineup((*self.states[: place + 1], copy, *self.states[place + 1 :]))

    def led_by(self, place: int) -> Lineup:
        """Return them with another as the baseline."""
        return Lineup((self.states[place], *self.without(place).states))

    def renamed(self, place: int, title: str) -> Lineup:
        """Return them with another title for one; one that cannot be read stays as it is."""
        found = _read(self.states[place])
        if isinstance(found, StateError):
            return self
        state = _titled_state(found, titled(title))
        return Lineup((*self.states[:place], state, *self.states[place + 1 :]))

    def editing(self, place: int) -> Kept:
        """Return what is kept while the one at ``place`` is edited; beyond the last it is a new one."""
        edited = _read(self.states[place]) if place < len(self.states) else StateError("")
        title = "" if isinstance(edited, StateError) else titled(edited.get(TITLE, ""))
        return Kept(self.without(place).states, place, title)


def edit_address(form: Form, kept: Kept) -> str:
    """Return the address of the calculator with one scenario in its form and the others kept."""
    return f"{url_for('calculator.index')}?{urlencode([*form.query, *kept.pairs])}"


def packed(form: Form, title: str = "") -> str:
    """Return a form as a state."""
    return pack([*form.query, *([(TITLE, title)] if title else [])])


def titled(text: str) -> str:
    """Return a title fit to be shown: one line, not too long.

    >>> titled(" Lower   price ")
    'Lower price'
    """
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:LONGEST_TITLE].strip()


def names(scenarios: Sequence[Mapping[str, str] | StateError]) -> tuple[str, ...]:
    """Return what each scenario is called: its title, its clinic's name where no other has the same, or its number."""
    clinics = ["" if isinstance(each, StateError) else each.get(CLINIC, "").strip() for each in scenarios]
    found = []
    for place, (each, clinic) in enumerate(zip(scenarios, clinics, strict=True)):
        title = "" if isinstance(each, StateError) else titled(each.get(TITLE, ""))
        own = titled(clinic) if clinics.count(clinic) == 1 else ""
        number = _("Scenario %(number)s", number=place + 1) if place else _("Baseline")
        found.append(title or own or number)
    return tuple(found)


def _read(state: str) -> MultiDict[str, str] | StateError:
    try:
        return unpack(state)
    except StateError as error:
        return error


def _titled_state(data: MultiDict[str, str], title: str) -> str:
    pairs = [(name, text) for name, text in data.items(multi=True) if name != TITLE]
    return pack([*pairs, *([(TITLE, title)] if title else [])])
