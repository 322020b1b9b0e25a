"""Model cards, read from package data."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable

from plugin.contract import ModelCard
from plugin.errors import PluginError


def read_card(file: Traversable) -> ModelCard:
    """Return the model card in a TOML file.

    Raises:
        PluginError: where it is not one; the message says which keys a card has.
    """
    keys = ", ".join(ModelCard.__dataclass_fields__)
    try:
        read = tomllib.loads(file.read_text("utf-8"))
        lists = {key: tuple(read.pop(key, ())) for key in ("limits", "sources")}
        return ModelCard(**(read | lists))
    except (OSError, ValueError, TypeError) as error:
        raise PluginError([f"{file.name}: is no model card; it has the keys {keys}: {error}"]) from None


def own_card(name: str) -> ModelCard:
    """Return the card of one of our own predictors."""
    return read_card(files("plugin") / "cards" / f"{name}.toml")
