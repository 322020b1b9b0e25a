"""Amounts that stay on one line: a browser would leave a minus sign behind at the end of the line."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from calculator.display import MINUS

_NEGATIVE = re.compile(rf"{MINUS}[^\s<]+")


def unbroken(text: str) -> Markup:
    """Return text whose negative amounts do not break.

    >>> unbroken("from \N{MINUS SIGN}$5 & more")
    Markup('from <span class="nowrap">−$5</span> &amp; more')
    """
    return Markup(_NEGATIVE.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped first
