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
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, ValidationError

from calculator import InputError, Problem
from plugin.cds.codes import CodeMap, usual_codes
from plugin.errors import PluginError
from plugin.manager import build_manager, open_hooks
from plugin.registry import open_predictor
from reports.brand import Brand, read_brand
from reports.brand.colours import read_colour
from reports.brand.logo import Logo, read_logo
from web.cds.clients import Client, read_clients
from web.cds.code_file import read_code_file
from web.cds.fhir_server import server_address
from web.data_folder import usable_folder, usual_folder
from web.origins import parent_origin, public_origin

KEY = "rapport_settings"
PREFIX = "RAPPORT_"
OURS_ALONE = "RAPPORT_EMBED_"  # nobody else names anything so: what is not known is mistyped
LONGEST_NAME = 100
EVIDENCE = "evidence"
Given = TypeVar("Given")
Made = TypeVar("Made")


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
Folder = Annotated[InstanceOf[Path], BeforeValidator(usable_folder)]
Branding = Annotated[InstanceOf[Brand], BeforeValidator(_brand)]
Clients = Annotated[tuple[InstanceOf[Client], ...], BeforeValidator(_clients)]
Model = Annotated[str, AfterValidator(_model)]
Hooks = Annotated[InstanceOf[PluginManager], BeforeValidator(_hooks)]
Codes = Annotated[InstanceOf[CodeMap], BeforeValidator(_codes)]
Servers = Annotated[tuple[Annotated[str, AfterValidator(server_address)], ...], BeforeValidator(_listed)]


class Settings(BaseModel):
    """The settings, checked.

    Attributes:
        public_url: the origin that visitors reach us under; None means that of each request.
        embed_parents: the sites that may show the quick calculator in a frame, besides our own pages.
        embed_color: the brand colour of the quick calculator.
        embed_logo: the logo of the quick calculator, read.
        embed_name: whose site it is.
        data_dir: the folder for what must be kept for a while; the platform's usual one if none is named.
        brand: whose proposals the downloads are, read from a BRAND.toml; the plain one if none is named.
        cds_clients: who may call CDS Hooks, read from a TOML file; without one, this machine only.
        cds_codes: what the codes of the record system mean, read from a TOML file; the usual ones if none is named.
        cds_fhir_servers: the only record systems that are read from; without any, those with a public address.
        model: the predictor behind the risks, by its name or its model file.
        hooks: the side plugins by their names in the entry-point group, opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda field: PREFIX + field.upper())

    public_url: Origin | None = None
    embed_parents: Parents = ()
    embed_color: Colour | None = None
    embed_logo: Picture | None = None
    embed_name: Name = ""
    data_dir: Folder = Field(default_factory=usual_folder)
    brand: Branding = Brand()
    cds_clients: Clients = ()
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
