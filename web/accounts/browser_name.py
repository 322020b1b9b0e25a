"""What a browser is called in the list of those that are signed in: enough to tell one's own apart, and no more."""

from __future__ import annotations

from typing import Final

#: Looked for in this order, for most browsers also call themselves by the names of others.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Return a browser and its system by name; empty where neither is known.

    >>> browser_name("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"), browser_name("curl/8")
    ('Firefox, Linux', '')
    """
    found = (next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
