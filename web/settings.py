"""What the server is told from outside: read once at the start, and refused with every problem at once.

A setting is one line of :class:`Settings`; its name outside is that of the field in capitals after ``RAPPORT_``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, cast

from flask import Flask, current_app
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
from reports.brand import Brand, read_brand
from reports.brand.colours import read_colour
from reports.brand.logo import Logo, read_logo
from web.cds.clients import Client, read_clients
from web.data_folder import usable_folder, usual_folder
from web.origins import parent_origin, public_origin
from web.secret_key import secret_key
from web.storage.address import database_url

KEY = "rapport_settings"
PREFIX = "RAPPORT_"
OURS_ALONE = "RAPPORT_EMBED_"  # nobody else names anything so: what is not known is mistyped
LONGEST_NAME = 100


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[^\s,]+", text)))


def _plain(text: str) -> str:
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise ValueError(f"is {text[:80]!r}; write a name of at most {LONGEST_NAME} letters, on one line.")
    return text


def _brand(path: str) -> Brand:
    try:
        return read_brand(Path(path))
    except InputError as error:
        raise ValueError("\n".join(f"names {path[:200]!r}: {problem}" for problem in error.problems)) from None


def _clients(path: str) -> tuple[Client, ...]:
    try:
        return read_clients(Path(path))
    except InputError as error:
        raise ValueError("\n".join(f"names {path[:200]!r}: {problem}" for problem in error.problems)) from None


Origin = Annotated[str, AfterValidator(public_origin)]
Parents = Annotated[tuple[Annotated[str, AfterValidator(parent_origin)], ...], BeforeValidator(_listed)]
Colour = Annotated[str, AfterValidator(read_colour)]
Picture = Annotated[InstanceOf[Logo], BeforeValidator(read_logo)]
Name = Annotated[str, AfterValidator(_plain)]
Folder = Annotated[InstanceOf[Path], BeforeValidator(usable_folder)]
Address = Annotated[InstanceOf[URL], BeforeValidator(database_url)]
Secret = Annotated[SecretStr, BeforeValidator(secret_key)]
Branding = Annotated[InstanceOf[Brand], BeforeValidator(_brand)]
Clients = Annotated[tuple[InstanceOf[Client], ...], BeforeValidator(_clients)]


class Settings(BaseModel):
    """The settings, checked.

    Attributes:
        public_url: the origin that visitors reach us under; None means that of each request.
        embed_parents: the sites that may show the quick calculator in a frame, besides our own pages.
        embed_color: the brand colour of the quick calculator.
        embed_logo: the logo of the quick calculator, read.
        embed_name: whose site it is.
        data_dir: the folder for what must be kept for a while; the platform's usual one if none is named.
        database_url: the PostgreSQL database; None means the embedded one in the data folder.
        secret_key: what cookies are signed with; None means the one kept in the data folder.
        brand: whose proposals the downloads are, read from a BRAND.toml; the plain one if none is named.
        cds_clients: who may call CDS Hooks, read from a TOML file; without one, this machine only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda field: PREFIX + field.upper())

    public_url: Origin | None = None
    embed_parents: Parents = ()
    embed_color: Colour | None = None
    embed_logo: Picture | None = None
    embed_name: Name = ""
    data_dir: Folder = Field(default_factory=usual_folder)
    database_url: Address | None = None
    secret_key: Secret | None = None
    brand: Branding = Brand()
    cds_clients: Clients = ()


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
    problems = [_unknown(name, known) for name in values if name.startswith(OURS_ALONE) and name not in known]
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
    if problems:
        raise InputError(problems)
    return settings


def init_settings(app: Flask) -> None:
    """Read the settings from the application's configuration, so that a wrong one stops the start."""
    app.extensions[KEY] = read_settings(app.config)


def current_settings() -> Settings:
    """Return the settings of the running application."""
    return cast(Settings, current_app.extensions[KEY])


def _unknown(name: str, known: set[str]) -> Problem:
    near = get_close_matches(name, sorted(known), 1)
    return Problem(name, f"is no setting; {f'is {near[0]} meant?' if near else 'write it as the documentation does.'}")
