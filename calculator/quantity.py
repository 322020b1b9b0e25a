"""Declare an input once: its unit, bounds, label and help.

Form, JSON schema, report, error message and hypothesis strategy all read them from here: a bound written twice is
a bug.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticUndefined

from calculator.language import gettext as _
from calculator.language import mark

Widening = Literal["share", "amount", "none"]
ANY_SETTING: Mapping[str, str] = {
    "unit": mark("unit"),
    "units": mark("units"),
    "admissions": mark("new clients"),
    "leaving": mark("leave early"),
    "course": mark("a full course"),
    "places": mark("places"),
}
LONGEST_SHOWN = 60  # characters of a wrong value that an error message repeats


class Input(BaseModel):
    """Base of all input models: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _check_quantity(cls, value: Any, info: ValidationInfo) -> Any:
        """Let the declared quantity judge a number, so that a fault has one message and no union noise."""
        field = cls.model_fields[info.field_name or ""]
        declared = quantity_of(field)
        if isinstance(value, str) and declared is None and not value.isascii():
            _check_text(value)
        if declared is None or (value is None and not field.is_required()):
            return value
        return declared.check(value)


def _check_text(value: str) -> None:
    """Refuse half a character (a lone surrogate), which no file and no digest can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        fault = f"is {key_shown(value)}, which has half a character in it; type it again."
        raise PydanticCustomError("quantity", "{fault}", {"fault": fault}) from None


class Range(Input):
    """A number that is not known exactly: a PERT distribution from its low, likely and high value."""

    low: float
    likely: float
    high: float


Uncertain = float | Range


@dataclass(frozen=True)
class Quantity:
    """What is known about a numeric input before anybody types it.

    Attributes:
        label: Its name on the page, in a manager's words; ``{unit}`` and its like stand for the setting's own word.
        unit: What it is counted in; "share of …" means 0 to 1.
        ge: Smallest value allowed.
        le: Largest value allowed.
        help: One or two plain sentences.
        find: Where a manager finds it in a practice system.
        widen: How an estimate given as one number is widened: a share on its odds, an amount by a factor; "none" for
            what is decided or signed rather than estimated, such as a price or a schedule.
        whole: Whether only whole numbers make sense.
        ranged: Whether a range may be given instead of a number.
        above: Whether the lower bound itself is excluded.
    """

    label: str
    unit: str
    ge: float
    le: float
    help: str
    find: str = ""
    widen: Widening = "amount"
    whole: bool = False
    ranged: bool = True
    above: bool = False

    def named(self, words: Mapping[str, str] = ANY_SETTING) -> str:
        """Return the label in the language in use and the words of a setting, such as session or day."""
        text = _(self.label).format_map({key: _(word) for key, word in words.items()})
        return text[:1].upper() + text[1:]

    def explained(self, words: Mapping[str, str] = ANY_SETTING) -> str:
        """Return the help, likewise."""
        return _(self.help).format_map({key: _(word) for key, word in words.items()})

    def where(self, words: Mapping[str, str] = ANY_SETTING) -> str:
        """Return where a manager finds it, likewise."""
        return _(self.find).format_map({key: _(word) for key, word in words.items()})

    @property
    def is_share(self) -> bool:
        """Return whether the value is a share, shown as percent."""
        return self.unit.startswith("share")

    def allowed(self) -> str:
        """Return what may be written, for an error message."""
        kind = "a whole number" if self.whole else "a number"
        if self.is_share:
            kind = f"a {self.unit}"
        low = f"above {self.ge:g}" if self.above else f"{self.ge:g}"
        span = f"{low} up to {self.le:,.10g}" if self.above else f"from {low} to {self.le:,.10g}"
        return f"{kind} {span}" if self.is_share or self.unit in ("", "years") else f"{kind} {span} ({self.unit})"

    def check(self, value: Any) -> float | Range:
        """Return ``value`` as float or Range.

        Raises:
            PydanticCustomError: if it is not a number (or range of numbers) within the bounds.
        """
        if isinstance(value, Range):
            value = value.model_dump()
        if isinstance(value, dict):
            return self._check_range(value)
        fault = self._fault(value)
        if fault:
            raise PydanticCustomError("quantity", "{fault}", {"fault": fault})
        return float(value)

    def _fault(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            hint = self._text_hint(value)
            return f"is {shown(value)}; it is {self.allowed()}.{hint}"
        try:
            number = float(value)
        except OverflowError:
            return f"is far too large; it is {self.allowed()}."
        if not math.isfinite(number):
            return f"is {number}; it is {self.allowed()}."
        if number > self.le or number < self.ge or (self.above and number == self.ge):
            hint = f" For {number:g} percent write {number / 100:g}." if self._meant_percent(number) else ""
            return f"is {number:.10g}; it is {self.allowed()}.{hint}"
        if self.whole and number != int(number):
            return f"is {number:.10g}; it is {self.allowed()}."
        return None

    def _meant_percent(self, number: float) -> bool:
        return self.is_share and self.le < number <= 100 and number / 100 <= self.le

    def _text_hint(self, value: Any) -> str:
        if not isinstance(value, str):
            return ""
        text = value.strip().removeprefix("$").replace(",", "")
        try:
            if text.endswith("%"):
                return f" For {text} write {float(text[:-1]) / 100:g}, without quotes."
            return f" Write {float(text):g}, without quotes."
        except ValueError:
            return ""

    def _check_range(self, value: dict[str, Any]) -> Range:
        if not self.ranged:
            raise PydanticCustomError("quantity", "{fault}", {"fault": f"cannot be a range; it is {self.allowed()}."})
        faults = []
        unknown = [key for key in value if key not in ("low", "likely", "high")]
        missing = [key for key in ("low", "likely", "high") if key not in value]
        if unknown or missing:
            words = [f"does not know {', '.join(map(shown, unknown))}"] if unknown else []
            words += [f"lacks {', '.join(missing)}"] if missing else []
            faults.append(" and ".join(words) + "; a range is { low = …, likely = …, high = … }.")
        parts = {key: self._range_part_fault(value[key]) for key in ("low", "likely", "high") if key in value}
        faults += [f"{key} {fault}" for key, fault in parts.items() if fault]
        if not faults and not value["low"] <= value["likely"] <= value["high"]:
            faults.append(
                f"is out of order: low {value['low']:g}, likely {value['likely']:g}, high {value['high']:g}; "
                "write low <= likely <= high."
            )
        if faults:
            raise PydanticCustomError("quantity", "{fault}", {"fault": " ".join(faults)})
        return Range(low=float(value["low"]), likely=float(value["likely"]), high=float(value["high"]))

    def _range_part_fault(self, value: Any) -> str | None:
        if isinstance(value, dict):
            return f"is a table; it is {self.allowed()}."
        return self._fault(value)

    def __call__(self, schema: dict[str, Any]) -> None:
        """Describe the number, and the range where one is allowed, in the field's JSON schema."""
        low = "exclusiveMinimum" if self.above else "minimum"
        number: dict[str, Any] = {"type": "integer" if self.whole else "number", low: self.ge, "maximum": self.le}
        for key in ("type", "anyOf", "$ref"):
            schema.pop(key, None)
        schema |= {"title": self.named(), "description": f"{self.explained()} Unit: {self.unit}.", "x-unit": self.unit}
        if not self.ranged:
            schema |= number
            return
        parts = {key: dict(number, type="number") for key in ("low", "likely", "high")}
        span = {"type": "object", "properties": parts, "required": list(parts), "additionalProperties": False}
        schema["anyOf"] = [number, span]


def quantity(
    label: str,
    unit: str,
    *,
    ge: float,
    le: float,
    help: str,
    find: str = "",
    widen: Widening | None = None,
    whole: bool = False,
    ranged: bool = True,
    above: bool = False,
    required: bool = False,
) -> Any:
    """Return a pydantic field that carries its unit, bounds and help; None means "take the setting's default"."""
    default_widening: Widening = "share" if unit.startswith("share") else "amount"
    declared = Quantity(label, unit, ge, le, help, find, widen or default_widening, whole, ranged, above)
    return Field(PydanticUndefined if required else None, json_schema_extra=declared)


def quantity_of(field: FieldInfo) -> Quantity | None:
    """Return what was declared for ``field``, or None where it is not a number."""
    declared = field.json_schema_extra
    return declared if isinstance(declared, Quantity) else None


def likely(value: float | Range) -> float:
    """Return the value itself, or the likely value of a range."""
    return value.likely if isinstance(value, Range) else value


def shown(value: Any) -> str:
    """Return what was found, on one line and cut, whatever it is: a hostile value may not break an error message."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "empty"}[value]
    if isinstance(value, str):
        return repr(value) if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]!r}…"
    if isinstance(value, int) and abs(value) >= 10**LONGEST_SHOWN:
        return "a number of more than 60 digits"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def key_shown(key: Any) -> str:
    """Return a key as it was written, or in quotes and cut where it would not stay on one line."""
    text = str(key) if isinstance(key, (str, int, float, bool)) else type(key).__name__
    plain = text.isprintable() and len(text) <= LONGEST_SHOWN and bool(text) and not text.isspace()
    return text if plain else shown(text).encode("ascii", "backslashreplace").decode()
