"""The pure model: a scenario and the evidence in, a result out. It reads no files, no clock and no network."""

from calculator.bridge import BRIDGE_STEPS
from calculator.errors import InputError, Problem, RapportError
from calculator.evaluate import evaluate
from calculator.figures import FIGURES
from calculator.parse import parse_scenario
from calculator.resolve import resolve
from calculator.result import Result
from calculator.scenario import Scenario

__all__ = [
    "BRIDGE_STEPS",
    "FIGURES",
    "InputError",
    "Problem",
    "RapportError",
    "Result",
    "Scenario",
    "evaluate",
    "parse_scenario",
    "resolve",
]
