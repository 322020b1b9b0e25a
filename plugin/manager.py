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
        PluginError: where one has a hook that does not exist, or one with an argument that does not.
    """
    manager, problems = _empty(), []
    for name, plugin in plugins.items():
        try:
            trial = _empty()  # one that does not fit must not hide what is wrong with the next
            trial.register(plugin, name)
            trial.check_pending()
            manager.register(plugin, name)
        except pluggy.PluginValidationError as error:
            said = " ".join(str(error).replace(repr(plugin), name).split())
            problems.append(f"hooks {name}: does not fit: {said}; plugin.hooks lists what there is")
        except ValueError:  # an object can stand in a manager only once
            problems.append(f"hooks {name}: is the same plugin as another one; name it once")
    if problems:
        raise PluginError(problems)
    return manager


def _empty() -> pluggy.PluginManager:
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
    if problems:
        raise PluginError(problems)
    return build_manager(plugins)


def _loaded(point: EntryPoint) -> object:
    made = point.load()
    return made() if isinstance(made, type) else made
