"""Who may call: the file that ``RAPPORT_CDS_CLIENTS`` names, read at the start and refused with every problem at once.

[[client]]
issuer = "https://ehr.example"                             # iss of its tokens, letter by letter
jwks_url = "https://ehr.example/.well-known/jwks.json"     # the only address its keys are ever fetched from
tenant = "riverbend"                                       # optional: tokens of this organisation only

[[client]]
issuer = "https://other.example"
jwks_file = "other.jwks.json"                              # or a file, counted from the folder of this one
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from calculator.errors import InputError, Problem
from web.cds.keys import LARGEST_SET, NO_KEYS, KeySet, read_keys
from web.cds.loopback import loopback_name

KNOWN: Final = ("issuer", "jwks_file", "jwks_url", "tenant")
LONGEST: Final = 500  # characters of a text
LARGEST_FILE: Final = 200_000  # bytes

EXAMPLE: Final = "https://ehr.example/.well-known/jwks.json"


@dataclass(frozen=True)
class Client:
    """One who may call.

    Attributes:
        issuer: ``iss`` of its tokens.
        tenant: ``tenant`` that its tokens must bear; None where that is not settled.
        jwks_url: the address of its keys; empty where they came with a file.
        keys: its keys from a file; empty where they are fetched.
    """

    issuer: str
    tenant: str | None = None
    jwks_url: str = ""
    keys: KeySet = NO_KEYS


def read_clients(path: Path) -> tuple[Client, ...]:
    """Return the clients in a file, in its order.

    Raises:
        InputError: one problem for each fault of the file and of the key sets it names.
    """
    data = _toml(path)
    problems = [Problem(key, "is unknown here; write [[client]] tables only.") for key in data if key != "client"]
    tables = data.get("client", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem("client", "must be tables; write [[client]] above each."))
    elif not tables:
        problems.append(Problem("client", "is missing; write one [[client]] for each system that may call."))
    else:
        clients = tuple(
            _client(f"client.{place}", table, path.parent, problems) for place, table in enumerate(tables, 1)
        )
        counts = Counter(client.issuer for client in clients if client.issuer)
        problems += [
            Problem("client", f"has issuer {issuer!r} {count} times; write one table for each issuer.")
            for issuer, count in counts.items()
            if count > 1
        ]
    if problems:
        raise InputError(problems)
    return clients


def _client(name: str, table: Mapping[str, Any], folder: Path, problems: list[Problem]) -> Client:
    """Return a client, and add what is wrong with it to the problems."""
    texts = {key: value.strip() if isinstance(value, str) else "" for key, value in table.items()}
    for key, value in table.items():
        if key not in KNOWN:
            near = get_close_matches(key, KNOWN, 1)
            meant = f"is {near[0]} meant?" if near else f"write {', '.join(KNOWN)} only."
            problems.append(Problem(f"{name}.{key}", f"is unknown; {meant}"))
        elif not 0 < len(texts[key]) <= LONGEST or not texts[key].isprintable():
            problems.append(
                Problem(f"{name}.{key}", f"is {str(value)[:80]!r}; write a text of 1 to {LONGEST} characters.")
            )
            texts[key] = ""
    if "issuer" not in table:
        problems.append(Problem(f"{name}.issuer", "is missing; write what the client puts into iss of its tokens."))
    keys = NO_KEYS
    if ("jwks_file" in table) == ("jwks_url" in table):
        said = (
            "has jwks_file and jwks_url; write one of them."
            if "jwks_file" in table
            else "has no keys; write jwks_file or jwks_url."
        )
        problems.append(Problem(name, said))
    elif texts.get("jwks_url"):
        problems += [Problem(f"{name}.jwks_url", said) for said in _address_problems(texts["jwks_url"])]
    elif texts.get("jwks_file"):
        keys = _keys(folder / texts["jwks_file"])
        problems += [Problem(f"{name}.jwks_file", f"{texts['jwks_file']!r}: {said}") for said in keys.problems]
    return Client(texts.get("issuer", ""), texts.get("tenant") or None, texts.get("jwks_url", ""), keys)


def _keys(path: Path) -> KeySet:
    try:
        return read_keys(_content(path, LARGEST_SET))
    except ValueError as error:
        return KeySet({}, (str(error),))


def _address_problems(url: str) -> Iterator[str]:
    shown = url[:200]
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("https", "http") or not host or not url.isascii() or " " in url:
        yield f"is {shown!r}; write an address such as {EXAMPLE}."
        return
    if parts.username is not None or parts.password is not None or parts.fragment:
        yield "has a user, a password or a fragment (#…) in it; write the plain address."
    if parts.scheme == "http" and not loopback_name(host):
        yield f"is {shown!r}; plain http is for this machine only (localhost), write https://."


def _toml(path: Path) -> dict[str, Any]:
    try:
        content = _content(path, LARGEST_FILE)
    except ValueError as error:
        raise InputError([Problem("", str(error))]) from None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        said = "is not a text file in UTF-8."
    except tomllib.TOMLDecodeError as error:
        said = f"is not valid TOML: {error}."
    except RecursionError:
        said = "is nested too deeply."
    except ValueError:  # of tomllib, for a number of thousands of digits
        said = "has a number that is far too long."
    raise InputError([Problem("", said)])


def _content(path: Path, most: int) -> bytes:
    """Return what a file holds, or raise ``ValueError`` with what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError for a NUL in the name
        raise ValueError(f"cannot be read: {getattr(error, 'strerror', None) or 'no such file'}.") from None
    if len(content) > most:
        raise ValueError(f"is larger than {most:,} bytes.")
    return content
