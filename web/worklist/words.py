"""What the worklist says, in the language in use: risks, reasons, why a model's risks are withheld."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

from calculator.display import number, share, share_range
from calculator.language import gettext as _
from calculator.language import mark, ngettext
from plugin import trust
from plugin.came_true import Picture
from plugin.contract import Contribution, LocalRecord
from plugin.due import Due
from plugin.scores import REASONS
from reports.dates import day

#: The words of ``plugin.words`` that a worklist can show, where they are found by who gathers texts to translate.
TERMS: Final = (
    mark("bond rated low"),
    mark("agreement on goals rated low"),
    mark("agreement on tasks rated low"),
    mark("marked symptoms"),
    mark("symptoms getting worse"),
    mark("low satisfaction with sessions"),
    mark("missed visits"),
)
COMPONENTS: Final = {"bond": mark("bond"), "goals": mark("goals"), "tasks": mark("tasks")}
UNSCORED: Final = {
    REASONS[2]: mark("had all planned visits: nothing left to predict"),
    REASONS[3]: mark("begin after that day"),
}
_RAISES = " (raises the risk)"
_PSEUDONYM = re.compile(r"k-[0-9a-f]{16}")
_FEWEST_SIGNS = 8  # of a pseudonym that is shown


def reason(contribution: Contribution) -> str:
    """Return what raises a risk."""
    words = contribution.words
    if words in TERMS:
        return _(words)
    return _("%(fact)s (raises the risk)", fact=words.removesuffix(_RAISES))  # a fact known at intake, as it is called


def component(name: str | None) -> str:
    """Return the name of a part of the alliance, or nothing."""
    return _(COMPONENTS[name]) if name else ""


def of_ten(risk: float) -> str:
    """Return a risk as so many of ten clients, or of a hundred where it is small.

    >>> of_ten(0.42), of_ten(0.08), of_ten(0.002), of_ten(0.97)
    ('about 4 in 10', 'about 8 in 100', 'fewer than 1 in 100', 'more than 9 in 10')
    """
    if risk >= 0.95:
        return _("more than 9 in 10")
    if risk >= 0.095:
        return _("about %(number)s in 10", number=number(risk * 10.0, 0))
    if risk >= 0.005:
        return _("about %(number)s in 100", number=number(risk * 100.0, 0))
    return _("fewer than 1 in 100")


def spanned(risk: tuple[float, float, float]) -> str:
    """Return a risk with its interval.

    >>> spanned((0.42, 0.25, 0.6))
    '42% (25% to 60%)'
    """
    value, low, high = risk
    return f"{share(value)} ({share_range(low, high)})"


def facts(case: Due) -> list[str]:
    """Return the facts that speak for a conversation, in the order in which they count."""
    found = []
    if case.silent:
        found.append(ngettext("not seen for %(number)s day", "not seen for %(number)s days", case.silent))
    if case.missed:
        found.append(
            _("missed %(missed)s of the last %(visits)s visits", missed=case.missed, visits=case.visits)
            if case.visits > 1
            else _("missed the last visit")
        )
    if case.weakest and case.rating is not None:
        found.append(
            _("%(part)s rated at %(share)s of its scale", part=component(case.weakest), share=share(case.rating))
        )
    return found


def withheld(record: LocalRecord | None, *, learnt_here: bool = False) -> str:
    """Return why a model's risks are not shown, as a sentence; empty where they may be (see ``plugin.trust``).

    Args:
        record: how the model did on the clinic's own episodes.
        learnt_here: whether it was learnt from the caseload it looks at, and judged on that if that was possible.
    """
    if not trust.judge(record):
        return ""
    if record is None and learnt_here:
        return _("It is learnt from this caseload, and too few of the clients who came last have left to judge it.")
    if record is None:
        return _("Nobody has judged this model on your clinic’s own episodes yet.")
    if record.events < trust.FEWEST_EVENTS:
        return ngettext(
            "It was judged on %(number)s dropout, and %(needed)s are needed to tell how far it is off.",
            "It was judged on %(number)s dropouts, and %(needed)s are needed to tell how far it is off.",
            record.events,
            needed=trust.FEWEST_EVENTS,
        )
    ratio, slope = record.expected_observed[0], record.calibration_slope[0]
    low, high = (number(end, 2) for end in trust.EXPECTED_OBSERVED)
    if not trust.EXPECTED_OBSERVED[0] <= ratio <= trust.EXPECTED_OBSERVED[1]:
        return _(
            "Its risks are off here: it foretold %(ratio)s times the dropouts there were; from %(low)s to %(high)s is "
            "close enough.",
            ratio=number(ratio, 2),
            low=low,
            high=high,
        )
    low, high = (number(end, 2) for end in trust.SLOPE)
    return _(
        "Its risks spread too far or too little here: calibration slope %(slope)s; from %(low)s to %(high)s is close "
        "enough.",
        slope=number(slope, 2),
        low=low,
        high=high,
    )


def judged_on(picture: Picture) -> str:
    """Return whose outcomes a picture shows."""
    counts = {"clients": number(picture.clients, 0), "left": number(picture.left, 0)}
    if picture.basis == "last":
        return _(
            "A model of the earlier three quarters of these intakes, judged on the %(clients)s clients who came last; "
            "%(left)s of them left early.",
            **counts,
        )
    if picture.basis == "later":
        return _(
            "Judged on the %(clients)s clients who came after the model was made; %(left)s of them left early.",
            **counts,
        )
    return _("Judged on all %(clients)s clients, since it learnt from none; %(left)s of them left early.", **counts)


def record_day(record: LocalRecord | None) -> str:
    """Return the day up to which a record looked, as days are written; as it stands where it is no day."""
    if record is None:
        return ""
    try:
        return day(dt.date.fromisoformat(record.as_of))
    except ValueError:
        return record.as_of


def finding(picture: Picture) -> str:
    """Return what a picture finds: whether as many left as were foretold."""
    expected = sum(point.predicted * point.units for point in picture.points)
    low, high = trust.EXPECTED_OBSERVED
    if expected < low * picture.left:
        return _("More clients left than it foretold")
    if expected > high * picture.left:
        return _("Fewer clients left than it foretold")
    return _("About as many clients left as it foretold")


def shortened(names: Iterable[str]) -> dict[str, str]:
    """Return clinicians as they are shown: pseudonyms by their first signs, as many as tell them apart.

    >>> shortened(["k-00112233445566aa", "k-001122ff445566aa", "sim-clinician-01"])["k-00112233445566aa"]
    'k-0011223'
    """
    full = sorted({name for name in names if name})
    signs = _FEWEST_SIGNS
    while len({name[:signs] for name in full if _PSEUDONYM.fullmatch(name)}) < sum(
        bool(_PSEUDONYM.fullmatch(name)) for name in full
    ):
        signs += 1
    return {name: name[:signs] if _PSEUDONYM.fullmatch(name) else name for name in full}
