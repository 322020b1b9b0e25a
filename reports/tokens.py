"""The design tokens: read from ``tokens.toml``, given to the page as CSS and to paper as values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

STYLESHEET = Path(__file__).parent.parent / "web" / "static" / "tokens.css"
ROOT_PIXELS = 16  # one rem in every browser that has not been told otherwise


@dataclass(frozen=True)
class Size:
    """One of the five type sizes: pixels on the page, points on paper."""

    page: float
    paper: float


@dataclass(frozen=True)
class Tokens:
    """Everything that page, paper and charts look up instead of writing it down."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    sizes: Mapping[str, Size]
    space_unit: int
    space_steps: tuple[int, ...]
    radius: int
    measure: int
    family: str
    stack: str
    leading: float
    tight: float


@cache
def load_tokens() -> Tokens:
    """Return the tokens that come with the package, read once."""
    data = tomllib.loads((files("reports") / "tokens.toml").read_text(encoding="utf-8"))
    return Tokens(
        light=MappingProxyType(data["light"]),
        dark=MappingProxyType(data["dark"]),
        sizes=MappingProxyType({name: Size(**size) for name, size in data["sizes"].items()}),
        space_unit=data["space"]["unit"],
        space_steps=tuple(data["space"]["steps"]),
        radius=data["shape"]["radius"],
        measure=data["shape"]["measure"],
        family=data["type"]["family"],
        stack=data["type"]["stack"],
        leading=data["type"]["leading"],
        tight=data["type"]["tight"],
    )


def css() -> str:
    """Return the tokens as custom properties: light, dark by the system's wish, and either by ``data-theme``."""
    tokens = load_tokens()
    light, dark = _colours(tokens.light, "light"), _colours(tokens.dark, "dark")
    return (
        "/* Made from reports/tokens.toml by `python -m reports.tokens`. Change the source, not this file. */\n"
        + _rule(":root, [data-theme=light]", light)
        + _rule(":root", _measures(tokens))
        + "@media (prefers-color-scheme: dark) {\n"
        + _rule(":root:not([data-theme])", dark)
        + "}\n"
        + _rule("[data-theme=dark]", dark)
        + (files("reports") / "charts" / "chart.css").read_text(encoding="utf-8")
    )


def write(path: Path = STYLESHEET) -> None:
    """Write the stylesheet."""
    path.write_text(css(), encoding="utf-8")


def _colours(scheme: Mapping[str, str], name: str) -> list[str]:
    return [f"color-scheme: {name}", *(f"--{_dashed(role)}: {colour}" for role, colour in scheme.items())]


def _measures(tokens: Tokens) -> list[str]:
    return [
        *(f"--size-{name}: {size.page / ROOT_PIXELS:g}rem" for name, size in tokens.sizes.items()),
        *(f"--space-{step}: {step * tokens.space_unit}px" for step in tokens.space_steps),
        f"--radius: {tokens.radius}px",
        f"--measure: {tokens.measure}ch",
        f"--font: {tokens.stack}",
        f"--leading: {tokens.leading:g}",
        f"--leading-tight: {tokens.tight:g}",
    ]


def _dashed(role: str) -> str:
    return role.replace("_", "-")


def _rule(selector: str, declarations: list[str]) -> str:
    return f"{selector} {{\n" + "".join(f"  {declaration};\n" for declaration in declarations) + "}\n"


if __name__ == "__main__":
    write()
