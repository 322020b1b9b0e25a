"""What the server is told from outside: read once at the start, and refused with every problem at once.

A setting is one line of :class:`Settings`; its name outside is that of the field in capitals after ``RAPPORT_``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from flask import Flask, current_app
from pluggy import PluginManager
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
)
from sqlalchemy.engine import URL

from calculator import InputError, Problem
from plugin.cds.codes import CodeMap, usual_codes
from plugin.errors import PluginError
from plugin.manager import build_manager, open_hooks
from plugin.registry import open_predictor
from reports.brand import Brand, read_brand
from reports.brand.colours import read_colour
from reports.brand.logo import Logo, read_logo
from web.accounts.oidc.address import issuer_url
from web.cds.clients import Client, read_clients
from web.cds.code_file import read_code_file
from web.cds.fhir_server import server_address
from web.data_folder import usable_folder, usual_folder
from web.operations.logs import KINDS, LEVELS, Kind, Level
from web.origins import parent_origin, public_origin
from web.secret_key import secret_key
from web.storage.address import database_url

KEY = "rapport_settings"
PREFIX = "RAPPORT_"
OURS_ALONE = ("RAPPORT_EMBED_", "RAPPORT_OIDC_")  # nobody else names anything so: what is not known is mistyped
NEAR = 0.8  # how alike a name must be to one of ours to count as mistyped
LONGEST_NAME = 100
LONGEST_TEXT = 2_000
MOST_WORKERS = 256
MOST_PROXIES = 8
SHORTEST_TOKEN = 16  # characters
EVIDENCE = "evidence"
Given = TypeVar("Given")
Made = TypeVar("Made")


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[^\s,]+", text)))


def _plain(text: str) -> str:
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise ValueError(f"is {text[:80]!r}; write a name of at most {LONGEST_NAME} letters, on one line.")
    return text


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"has {len(text)} characters; write at most {LONGEST_TEXT}.")
    return text


def _switch(text: str) -> bool:
    if text.lower() not in ("1", "0", "yes", "no", "true", "false", "on", "off"):
        raise ValueError(f"is {text[:80]!r}; write 1 for yes or 0 for no.")
    return text.lower() in ("1", "yes", "true", "on")


def _brand(path: str) -> Brand:
    try:
        return read_brand(Path(path))
    except InputError as error:
        raise ValueError("\n".join(f"names {path[:200]!r}: {problem}" for problem in error.problems)) from None


def _one_of(*words: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is {text[:80]!r}; write {', '.join(words[:-1])} or {words[-1]}.")
        return text.lower()

    return check


def _whole(least: int, most: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"is {text[:80]!r}; write a whole number from {least} to {most}.")
        return int(text)

    return check


def _token(text: str) -> SecretStr:
    if len(text) < SHORTEST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"has {len(text)} characters; write at least {SHORTEST_TOKEN} random letters and digits, without blanks."
        )
    return SecretStr(text)


def _clients(path: str) -> tuple[Client, ...]:
    try:
        return read_clients(Path(path))
    except InputError as error:
        raise ValueError("\n".join(f"names {path[:200]!r}: {problem}" for problem in error.problems)) from None


def _model(name: str) -> str:
    """Return the name or path of a model that can be opened; what stands in the way stops the start, not a call."""
    if name != EVIDENCE:  # which is there and costs a moment to open
        _told(open_predictor, name)
    return name


def _hooks(text: str) -> PluginManager:
    return _told(open_hooks, _listed(text))


def _codes(path: str) -> CodeMap:
    return _told(read_code_file, Path(path))


def _told(open_it: Callable[[Given], Made], given: Given) -> Made:
    try:
        return open_it(given)
    except PluginError as error:
        raise ValueError("\n".join(f"cannot be used: {problem}" for problem in error.problems)) from None


Origin = Annotated[str, AfterValidator(public_origin)]
Parents = Annotated[tuple[Annotated[str, AfterValidator(parent_origin)], ...], BeforeValidator(_listed)]
Colour = Annotated[str, AfterValidator(read_colour)]
Picture = Annotated[InstanceOf[Logo], BeforeValidator(read_logo)]
Name = Annotated[str, AfterValidator(_plain)]
Text = Annotated[str, AfterValidator(_text)]
Switch = Annotated[bool, BeforeValidator(_switch)]
Folder = Annotated[InstanceOf[Path], BeforeValidator(usable_folder)]
Address = Annotated[InstanceOf[URL], BeforeValidator(database_url)]
Secret = Annotated[SecretStr, BeforeValidator(secret_key)]
Token = Annotated[SecretStr, BeforeValidator(_token)]
LogKind = Annotated[Kind, BeforeValidator(_one_of(*KINDS))]
LogLevel = Annotated[Level, BeforeValidator(_one_of(*LEVELS))]
Workers = Annotated[int, BeforeValidator(_whole(1, MOST_WORKERS))]
Proxies = Annotated[int, BeforeValidator(_whole(0, MOST_PROXIES))]
Issuer = Annotated[str, AfterValidator(issuer_url)]
Branding = Annotated[InstanceOf[Brand], BeforeValidator(_brand)]
Clients = Annotated[tuple[InstanceOf[Client], ...], BeforeValidator(_clients)]
Model = Annotated[str, AfterValidator(_model)]
Hooks = Annotated[InstanceOf[PluginManager], BeforeValidator(_hooks)]
Codes = Annotated[InstanceOf[CodeMap], BeforeValidator(_codes)]
Servers = Annotated[tuple[Annotated[str, AfterValidator(server_address)], ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """The settings, checked.

    Attributes:
        public_url: the origin that visitors reach us under; without one, that of each request.
        embed_parents: the sites that may show the quick calculator in a frame, besides our own pages;
            between blanks.
        embed_color: the brand colour of the quick calculator, such as #0b5f5a.
        embed_logo: the path of its logo: SVG, PNG, JPEG or WebP.
        embed_name: whose site it is, as its page says.
        enquiries: 1 if the quick calculator offers its result as a PDF for a name and an address; 0 without one.
        enquiry_organisation: the name of the organisation that receives them; needed where there are several.
        enquiry_consent: what whoever sends one agrees to; a text of ours if none is given.
        data_dir: the folder for what must be kept; the platform's usual one if none is named.
        database_url: the PostgreSQL database, as postgresql://USER@HOST/NAME; without one, a file in the data folder.
        secret_key: what cookies are signed and second factors encrypted with; without one, that of the data folder.
        brand: the path of a BRAND.toml: whose proposals the downloads are; the plain one if none is named.
        cds_clients: the path of a TOML file that says who may call CDS Hooks; without one, this machine only.
        oidc_issuer: the provider of OpenID Connect at which members may sign in; it goes with the next two.
        oidc_client_id: what the provider calls this server.
        oidc_client_secret: by which the provider knows it.
        oidc_name: how the button calls the provider.
        trusted_proxies: how many reverse proxies stand before the server, whose word for a visitor's address counts.
        workers: processes of gunicorn; without a number, one for each core.
        log: how the log is written, text or json.
        log_level: the least that is logged: debug, info, warning or error.
        metrics_token: what Prometheus shows to read ``/metrics``; without one, this machine only.
        cds_codes: the path of a TOML file that says what the record system's codes mean; the usual ones
            if none is named.
        cds_fhir_servers: the only record systems that are read from, between blanks; without any, those with a
            public address.
        model: the predictor behind the risks, by its name or its model file.
        hooks: the side plugins by their names in the entry-point group, between blanks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda field: PREFIX + field.upper())

    public_url: Origin | None = None
    embed_parents: Parents = ()
    embed_color: Colour | None = None
    embed_logo: Picture | None = None
    embed_name: Name = ""
    enquiries: Switch = False
    enquiry_organisation: Name = ""
    enquiry_consent: Text = ""
    data_dir: Folder = Field(default_factory=usual_folder)
    database_url: Address | None = None
    secret_key: Secret | None = None
    brand: Branding = Brand()
    cds_clients: Clients = ()
    oidc_issuer: Issuer | None = None
    oidc_client_id: Name | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: Name = ""
    trusted_proxies: Proxies = 0
    workers: Workers | None = None
    log: LogKind = "text"
    log_level: LogLevel = "info"
    metrics_token: Token | None = None
    cds_codes: Codes = Field(default_factory=usual_codes)
    cds_fhir_servers: Servers = ()
    model: Model = EVIDENCE
    hooks: Hooks = Field(default_factory=lambda: build_manager({}))


def environment() -> dict[str, str]:
    """Return the variables of the environment that are ours."""
    return {name: text for name, text in os.environ.items() if name.startswith(PREFIX)}


def read_settings(values: Mapping[str, Any]) -> Settings:
    """Return the settings among some values, of which those that are blank count as not given.

    Raises:
        InputError: one problem for each fault, each with the name, what was found and what to write.
    """
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    given = {name: str(value).strip() for name, value in values.items() if name in known and str(value).strip()}
    problems = [problem for name in values if (problem := _unknown(name, known))]
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems += [
            Problem(str(each["loc"][0]), line)
            for each in error.errors()
            for line in str(each["ctx"]["error"]).split("\n")
        ]
    if PREFIX + "CDS_CLIENTS" in given and PREFIX + "PUBLIC_URL" not in given:
        said = "is missing; RAPPORT_CDS_CLIENTS needs the origin that clients call, such as https://rapport.example."
        problems.append(Problem(PREFIX + "PUBLIC_URL", said))
    problems += _missing_of_oidc(given)
    if problems:
        raise InputError(problems)
    return settings


def _missing_of_oidc(given: Mapping[str, str]) -> list[Problem]:
    """Return what is missing beside settings of OpenID Connect: they are all there, or none."""
    needed = [f"{PREFIX}OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    there = [name for name in (*needed, f"{PREFIX}OIDC_NAME") if name in given]
    if not there:
        return []
    said = f"is missing; {there[0]} needs it beside it."
    problems = [Problem(name, said) for name in needed if name not in given]
    if f"{PREFIX}PUBLIC_URL" not in given:
        said = "is missing; the provider sends people back to it. Write the origin, such as https://rapport.example."
        problems.append(Problem(f"{PREFIX}PUBLIC_URL", said))
    return problems


def init_settings(app: Flask) -> None:
    """Read the settings from the application's configuration, so that a wrong one stops the start."""
    app.extensions[KEY] = read_settings(app.config)


def current_settings() -> Settings:
    """Return the settings of the running application."""
    return cast(Settings, current_app.extensions[KEY])


def _unknown(name: str, known: set[str]) -> Problem | None:
    """Return what to say of a name that is none of ours but looks as if it should be."""
    if name in known or not name.startswith(PREFIX):
        return None
    ours = {each.removeprefix(PREFIX): each for each in known}
    near = get_close_matches(name.removeprefix(PREFIX).upper(), sorted(ours), 1, NEAR)
    if near:
        return Problem(name, f"is no setting; is {ours[near[0]]} meant?")
    return Problem(name, "is no setting; write it as the documentation does.") if name.startswith(OURS_ALONE) else None
