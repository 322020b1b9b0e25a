"""What moves a risk, in the words of a clinician; never a number, never a name."""

from __future__ import annotations

from typing import Final

#: For each term: the words where it raises the risk, and where it lowers it.
_TERMS: Final[dict[str, tuple[str, str]]] = {
    "bond": ("bond rated low", "bond rated high"),
    "goals": ("agreement on goals rated low", "agreement on goals rated high"),
    "tasks": ("agreement on tasks rated low", "agreement on tasks rated high"),
    "symptoms": ("marked symptoms", "mild symptoms"),
    "symptoms_change": ("symptoms getting worse", "symptoms easing"),
    "satisfaction": ("low satisfaction with sessions", "high satisfaction with sessions"),
    "missed_share": ("missed visits", "visits kept"),
}
#: Never given as a reason: it says something of a colleague, and nothing that can be acted on with this client.
UNSPOKEN: Final = frozenset({"clinician"})


def term_words(name: str, log_hazard: float) -> str:
    """Return what a term says about a client.

    >>> term_words("missed_share", 0.4)
    'missed visits'
    >>> term_words("referral=court", -0.2)
    'referral: court (lowers the risk)'
    """
    raises = log_hazard > 0.0
    if name in _TERMS:
        return _TERMS[name][0 if raises else 1]
    column, _, level = name.partition("=")
    shown = column.replace("_", " ")
    said = f"{shown}: {level}" if level else shown
    return f"{said} ({'raises' if raises else 'lowers'} the risk)"
