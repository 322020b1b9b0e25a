"""Choose a predictor by its name, or read a model from its file: never "whatever is installed"."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from plugin.contract import API_VERSION, GROUP, Predictor, can_run
from plugin.errors import PluginError


@dataclass(frozen=True, slots=True)
class Installed:
    """A predictor that is installed and may never have been loaded, and the package that brought it."""

    name: str
    package: str
    version: str


def installed() -> tuple[Installed, ...]:
    """Return the predictors that are installed, by name; none of them is loaded."""
    found = {Installed(point.name, *_package(point)) for point in entry_points(group=GROUP)}
    return tuple(sorted(found, key=lambda each: (each.name, each.package, each.version)))


def known_names() -> tuple[str, ...]:
    """Return the names of the predictors that are installed, in order; none of them is loaded."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def open_predictor(model: str) -> Predictor:
    """Return the predictor of a name in the entry-point group, or the one in a model file that ``rapport fit`` wrote.

    A name that is installed wins; anything else is a path.

    Raises:
        PluginError: where there is neither, where a name is taken twice, where it cannot be loaded, or where it was
            written for another major version of the contract.
    """
    points = [point for point in entry_points(group=GROUP) if point.name == model]
    if len(points) > 1:
        makers = ", ".join(sorted(" ".join(_package(point)).strip() for point in points))
        raise PluginError([f"model {model}: several packages offer it ({makers}); remove all but one"])
    if points:
        return _loaded(points[0])
    if Path(model).is_file():
        from plugin.model_file import read_model

        return read_model(Path(model))
    names = ", ".join(known_names())
    raise PluginError([f"model {model}: is neither a predictor nor a file; write one of {names}, or a model's path"])


def _package(point: EntryPoint) -> tuple[str, str]:
    return ("unknown", "") if point.dist is None else (point.dist.name, point.dist.version)


def _loaded(point: EntryPoint) -> Predictor:
    try:
        made = point.load()()
        fits = isinstance(made, Predictor)  # reads its attributes, so it may raise as well
        name, wanted = (made.name, made.api_version) if fits else ("", None)
    except Exception as error:  # another author's code may raise anything
        raise PluginError([f"model {point.name}: cannot be loaded: {type(error).__name__}"]) from error
    if not fits:
        raise PluginError([f"model {point.name}: is no predictor; plugin.contract.Predictor says what one has"])
    if not can_run(wanted):
        theirs = ".".join(map(str, wanted)) if isinstance(wanted, tuple) else "another form"
        ours = ".".join(map(str, API_VERSION))
        raise PluginError([f"model {point.name}: is written for contract {theirs}; this release has {ours}"])
    if name != point.name:
        raise PluginError([f"model {point.name}: calls itself by another name; its name must be its entry point's"])
    predictor: Predictor = made
    return predictor
