"""Let it be another day for a predictor, so that one that looks at the clock shows it.

The clocks of Python are moved: ``time`` and ``datetime``, wherever the predictor's own package has got them from. A
clock that compiled code reads by itself stays as it is.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final, TypeAlias

SHIFT: Final = dt.timedelta(days=500, hours=7)

_date: TypeAlias = dt.date
_datetime: TypeAlias = dt.datetime
_time, _time_ns, _localtime, _gmtime, _strftime = time.time, time.time_ns, time.localtime, time.gmtime, time.strftime


class _OfDate(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _date)


class _OfDateTime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _datetime)


class _LaterDate(_date, metaclass=_OfDate):
    @classmethod
    def today(cls) -> Any:
        return (_datetime.now() + SHIFT).date()  # the real one asks time.time, which is moved already


class _LaterDateTime(_datetime, metaclass=_OfDateTime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return _datetime.now(tz) + SHIFT

    @classmethod
    def today(cls) -> Any:
        return _datetime.now() + SHIFT

    @classmethod
    def utcnow(cls) -> Any:
        return _datetime.now(dt.UTC).replace(tzinfo=None) + SHIFT


def _later() -> float:
    return _time() + SHIFT.total_seconds()


def _moved(take: Callable[[float], time.struct_time]) -> Callable[..., time.struct_time]:
    return lambda seconds=None: take(_later() if seconds is None else seconds)


_CLOCKS: Final[list[tuple[object, object]]] = [
    (_date, _LaterDate),
    (_datetime, _LaterDateTime),
    (_time, _later),
    (_time_ns, lambda: _time_ns() + int(SHIFT.total_seconds()) * 10**9),
    (_localtime, _moved(_localtime)),
    (_gmtime, _moved(_gmtime)),
    (_strftime, lambda form, moment=None: _strftime(form, moment or _localtime(_later()))),
]


@contextmanager
def another_time(predictor: object) -> Iterator[None]:
    """Move the clock ahead by ``SHIFT`` for a predictor and its package while this lasts."""
    changed: list[tuple[dict[str, Any], str, object]] = []
    try:
        for module in _modules(predictor):
            names = vars(module)
            for name, value in list(names.items()):
                moved = next((new for old, new in _CLOCKS if value is old), None)
                if moved is not None:
                    changed.append((names, name, value))
                    names[name] = moved
        yield
    finally:
        for names, name, value in changed:
            names[name] = value


def _modules(predictor: object) -> list[ModuleType]:
    """Return the clocks' own modules and those of the predictor's package."""
    package = type(predictor).__module__.partition(".")[0]
    ours = __name__.rpartition(".")[0]
    loaded = [
        module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == package and name.rpartition(".")[0] != ours and isinstance(module, ModuleType)
    ]
    return [time, dt, *loaded]
