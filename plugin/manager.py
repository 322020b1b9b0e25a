"""Put side plugins together: those that the configuration names, in its order, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

import pluggy

from plugin import hooks
from plugin.errors import PluginError


def build_manager(plugins: Mapping[str, object]) -> pluggy.PluginManager:
    """Return a manager of plugins by name, in their order.

    Raises:
        PluginError: where one has no hook, one that does not exist, or one with an argument that does not.
    """
    manager, problems = new_manager(), []
    for name, plugin in plugins.items():
        problem = _misfit(name, plugin)
        if not problem and manager.is_registered(plugin):
            problem = "is the same plugin as another one; name it once"
        if problem:
            problems.append(f"hooks {name}: {problem}")
        else:
            manager.register(plugin, name)
    if problems:
        raise PluginError(problems)
    return manager


def _misfit(name: str, plugin: object) -> str:
    try:
        trial = new_manager()  # of its own: one that does not fit must not hide what is wrong with the next
        trial.register(plugin, name)
        trial.check_pending()
        has_hooks = bool(trial.get_hookcallers(plugin))
    except pluggy.PluginValidationError as error:
        said = " ".join(str(error).replace(repr(plugin), name).split())
        return f"does not fit: {said}; plugin.hooks lists what there is"
    except Exception as error:  # to look at another author's object may raise anything
        return f"cannot be read: {type(error).__name__}"
    return "" if has_hooks else "has no hook; mark a function with plugin.hooks.hookimpl"


def new_manager() -> pluggy.PluginManager:
    """Return a manager that knows the hooks and has no plugin."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager


def open_hooks(names: Iterable[str]) -> pluggy.PluginManager:
    """Return a manager of the side plugins of these names in the entry-point group ``rapport.hooks``.

    Raises:
        PluginError: where a name is not installed, is named or offered twice, cannot be loaded or does not fit.
    """
    points = entry_points(group=hooks.HOOK_GROUP)
    plugins: dict[str, object] = {}
    problems = []
    for name in names:
        found = [point for point in points if point.name == name]
        if name in plugins:
            problems.append(f"hooks {name}: is named twice")
        elif not found:
            installed = ", ".join(sorted({point.name for point in points})) or "none"
            problems.append(f"hooks {name}: is not installed; installed: {installed}")
        elif len(found) > 1:
            problems.append(f"hooks {name}: several packages offer it; remove all but one")
        else:
            try:
                plugins[name] = _loaded(found[0])
            except Exception as error:  # another author's code may raise anything
                problems.append(f"hooks {name}: cannot be loaded: {type(error).__name__}")
    try:
        manager = build_manager(plugins)
    except PluginError as error:
        problems += error.problems
    if problems:
        raise PluginError(problems)
    return manager


def _loaded(point: EntryPoint) -> object:
    made = point.load()
    return made() if isinstance(made, type) else made
