"""Which language and locale a visitor reads: what they chose, else what their browser asks for, else US English."""

from __future__ import annotations

import gettext as standard
import io
from contextlib import ExitStack
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, g, request, url_for

from calculator.language import ENGLISH, Language, speaking, spoken
from reports.dates import day

NAMES = {"en": "English", "es": "Español"}
TERRITORIES = {"en": "US", "es": "US"}  # whose habits numbers follow where the browser names no country
COOKIE = "rapport_language"
CHOICE = "lang"  # in the address; ?lang=es chooses and is remembered
YEAR = 365 * 24 * 3600  # seconds


@cache
def compiled(code: str) -> bytes:
    """Return the translations into a language as a compiled catalogue (``.mo``); empty for English, the source."""
    if code == ENGLISH.code:
        return b""
    source = files("web") / "locales" / code / "LC_MESSAGES" / "rapport.po"
    with source.open("rb") as file:
        catalog = read_po(file, code)
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


@cache
def translations(code: str) -> standard.NullTranslations:
    """Return the translations into a language, made from its catalogue; none for English."""
    if code == ENGLISH.code:
        return standard.NullTranslations()
    return standard.GNUTranslations(io.BytesIO(compiled(code)))


@lru_cache(maxsize=64)
def language(code: str, territory: str = "") -> Language:
    """Return a language; a territory that is unknown or has no locale of that language gives the usual one."""
    try:
        Locale(code, territory or None)
    except UnknownLocaleError:
        territory = ""
    return Language(code, territory or TERRITORIES[code], translations(code))


def chosen() -> Language:
    """Return the language of the request."""
    asked = [tag.replace("_", "-").split("-") for tag, _ in request.accept_languages]
    wanted = [code for code in (request.args.get(CHOICE), request.cookies.get(COOKIE)) if code in NAMES]
    code = next(iter(wanted), None) or next((parts[0].lower() for parts in asked if parts[0].lower() in NAMES), "en")
    known = [parts[-1].upper() for parts in asked if parts[0].lower() == code and len(parts) > 1]
    territory = next((name for name in known if name.isascii() and name.isalnum() and len(name) <= 3), "")
    return language(code, territory)


def in_language(code: str) -> str:
    """Return the address of this page in another language; of the first page where this one cannot be asked for."""
    if request.method != "GET" or "failed" in g:
        return f"/?{CHOICE}={code}"
    held = [(name, text) for name, text in request.args.items(multi=True) if name != CHOICE]
    return f"{request.path}?{urlencode([*held, (CHOICE, code)])}"


def spoken_address(endpoint: str, **values: Any) -> str:
    """Return an address of a part of the page, with the language where the page was asked for in one."""
    asked = request.args.get(CHOICE)
    return url_for(endpoint, **values, lang=asked) if asked in NAMES else url_for(endpoint, **values)


def init_languages(app: Flask) -> None:
    """Speak the visitor's language while a page is made, and remember the one that was chosen."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: spoken().translations.gettext(text),
        lambda one, many, number: spoken().translations.ngettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.filters["day"] = day
    app.jinja_env.globals |= {"language": spoken, "languages": NAMES, "in_language": in_language}
    app.jinja_env.globals["spoken_address"] = spoken_address
    app.before_request(_speak)
    app.teardown_request(_fall_silent)
    app.after_request(_remember)


def _speak() -> None:
    g.speech = ExitStack()
    if not request.path.startswith(("/api/", "/static/", "/health/")):
        g.speech.enter_context(speaking(chosen()))


def _fall_silent(_: BaseException | None) -> None:
    if "speech" in g:
        g.pop("speech").close()


def _remember(response: Response) -> Response:
    if request.path.startswith(("/api/", "/static/", "/health/")) or response.cache_control.public:
        return response  # the same for everybody
    response.headers["Content-Language"] = spoken().tag
    response.vary.update(("Accept-Language", "Cookie"))
    framed = f"{request.path}/".startswith("/embed/")  # no cookie in the frame of another site
    if request.args.get(CHOICE) in NAMES and not framed:
        secure = request.is_secure
        response.set_cookie(COOKIE, request.args[CHOICE], max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
