"""What the codes of a record system mean here: which score is which measure on which scale, and which care it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from assumptions import load_library
from plugin.cds.fhir_values import number
from plugin.errors import PluginError
from plugin.records import MEASURES, SETTINGS

URN: Final = "urn:x-rapport"  # all code systems and extensions of our own begin so
PLANNED_UNITS: Final = f"{URN}:planned-units"  # extension of EpisodeOfCare or CarePlan, a whole number
COVARIATE: Final = f"{URN}:covariate:"  # extension of EpisodeOfCare, followed by the covariate's name
LATE_CANCEL: Final = (f"{URN}:visit", "late_cancel")  # a cancellation reason of Appointment
MOST_UNITS: Final = 400

Code = tuple[str, str]
_WORD = re.compile(r"[^\s&#|{}]+")  # what can stand in a query


@dataclass(frozen=True, slots=True)
class ScaleCode:
    """One score of a record system.

    Attributes:
        measure: what it measures, one of ``MEASURES``.
        system, code: of an Observation; the questionnaire's address and the item's ``linkId`` where ``questionnaire``.
        scale_min, scale_max: lowest and highest score there can be.
        questionnaire: it is an answer within a QuestionnaireResponse.
    """

    measure: str
    system: str
    code: str
    scale_min: float
    scale_max: float
    questionnaire: bool = False


@dataclass(frozen=True, eq=False)
class CodeMap:
    """What a clinic's codes mean.

    Attributes:
        scales: by (system, code), in the order they are listed.
        settings: level of care by (system, code).
        usual_setting: where no code says which care it is.
        planned_units: of an episode whose plan is not recorded, by setting.
    """

    scales: Mapping[Code, ScaleCode]
    settings: Mapping[Code, str]
    usual_setting: str
    planned_units: Mapping[str, int]


@cache
def usual_codes() -> CodeMap:
    """Return the codes that hold until a clinic says otherwise; usual plans come from the evidence library."""
    tables = tomllib.loads((files("plugin") / "cds" / "codes.toml").read_text("utf-8"))
    settings = load_library().settings
    plans = {name: round(settings[name].defaults["clinic.planned_units"].value) for name in SETTINGS}
    nothing = CodeMap({}, {}, "outpatient", MappingProxyType(plans))
    return read_codes(tables, nothing, "codes.toml")


def read_codes(tables: Mapping[str, Any], usual: CodeMap, file: str) -> CodeMap:
    """Return the usual codes changed by a clinic's own tables.

    Scores given for a measure replace the usual ones of that measure, so that nothing is asked for that the clinic
    does not have, and a usual code that is given another meaning has that one only; codes of settings are added.

    Args:
        tables: ``[[measure]]``, ``[[setting]]`` and ``[care]`` as read from TOML.
        usual: what holds without them.
        file: named in problems.

    Raises:
        PluginError: with everything that is wrong with them.
    """
    problems = [
        f"{file}: {key} is not known; write [[measure]], [[setting]] or [care]"
        for key in tables
        if key not in ("measure", "setting", "care")
    ]
    read = [_scale(place, table, file, problems) for place, table in _listed(tables, "measure", file, problems)]
    own = [scale for scale in read if scale is not None]
    said = {scale.measure for scale in own}
    taken = {(scale.system, scale.code) for scale in own}
    kept = [scale for code, scale in usual.scales.items() if scale.measure not in said and code not in taken]
    scales: dict[Code, ScaleCode] = {}
    for scale in (*kept, *own):
        if (scale.system, scale.code) in scales:
            problems.append(f"{file}: measure: {scale.code} of {scale.system} is there twice; keep one")
        scales[scale.system, scale.code] = scale
    settings = dict(usual.settings)
    for place, table in _listed(tables, "setting", file, problems):
        _check_keys(place, table, {"system", "code", "setting"}, file, problems)
        if table.get("setting") not in SETTINGS:
            problems.append(f"{file}: {place}: setting is one of {', '.join(SETTINGS)}")
        elif _texts(place, table, ("system", "code"), file, problems):
            settings[table["system"], table["code"]] = table["setting"]
    changed = replace(usual, scales=MappingProxyType(scales), settings=MappingProxyType(settings))
    found = _care(tables.get("care", {}), changed, file, problems)
    if problems:
        raise PluginError(problems)
    return found


def _care(care: Any, codes: CodeMap, file: str, problems: list[str]) -> CodeMap:
    if not isinstance(care, Mapping):
        problems.append(f"{file}: care is a table with usual_setting and planned_units")
        return codes
    _check_keys("care", care, {"usual_setting", "planned_units"}, file, problems)
    usual = care.get("usual_setting", codes.usual_setting)
    if usual not in SETTINGS:
        problems.append(f"{file}: care: usual_setting is one of {', '.join(SETTINGS)}")
    plans = care.get("planned_units", {})
    if not isinstance(plans, Mapping):
        problems.append(f"{file}: care: planned_units is a table, such as {{ outpatient = 12 }}")
        plans = {}
    for name, units in plans.items():
        if name not in SETTINGS:
            problems.append(f"{file}: care: planned_units has {name!r}; write one of {', '.join(SETTINGS)}")
        if type(units) is not int or not 1 <= units <= MOST_UNITS:
            problems.append(f"{file}: care: planned_units of {name} is a whole number from 1 to {MOST_UNITS}")
    return replace(codes, usual_setting=usual, planned_units=MappingProxyType({**codes.planned_units, **plans}))


def _scale(place: str, table: Mapping[str, Any], file: str, problems: list[str]) -> ScaleCode | None:
    coded, asked = ("system", "code"), ("questionnaire", "link_id")
    by_question = "questionnaire" in table
    names = asked if by_question else coded
    _check_keys(place, table, {*names, "measure", "scale_min", "scale_max"}, file, problems)
    good = _texts(place, table, names, file, problems)
    if table.get("measure") not in MEASURES:
        problems.append(f"{file}: {place}: measure is one of {', '.join(MEASURES)}")
        good = False
    low, high = number(table.get("scale_min")), number(table.get("scale_max"))
    if low is None or high is None or not low < high:
        problems.append(f"{file}: {place}: scale_min and scale_max are two numbers, the lowest and the highest score")
        return None
    return ScaleCode(table["measure"], table[names[0]], table[names[1]], low, high, by_question) if good else None


def _listed(
    tables: Mapping[str, Any], name: str, file: str, problems: list[str]
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    found = tables.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        problems.append(f"{file}: {name} is a list of tables; write [[{name}]] above each")
        return []
    return [(f"{name} {number}", table) for number, table in enumerate(found, start=1)]


def _check_keys(place: str, table: Mapping[str, Any], known: set[str], file: str, problems: list[str]) -> None:
    problems += [
        f"{file}: {place}: {key} is no key of it; it has {', '.join(sorted(known))}"
        for key in table
        if key not in known
    ]


def _texts(place: str, table: Mapping[str, Any], names: tuple[str, ...], file: str, problems: list[str]) -> bool:
    lacking = [name for name in names if not isinstance(table.get(name), str) or not _WORD.fullmatch(table[name])]
    problems += [f"{file}: {place}: {name} is missing; write it as text without blanks, &, #, |" for name in lacking]
    return not lacking
