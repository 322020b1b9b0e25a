"""A caseload as one file of plain arrays: no names but those the caseload holds, and nothing that runs when read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import Caseload, Ratings, Texts, Visits, texts

_TEXTS: Final = ("episode_id", "client", "clinician")
_NUMBERS: Final = ("setting", "intake_day", "planned_units", "units_attended", "last_unit_day", "status")
_RATINGS: Final = ("episode", "measure", "day", "unit", "share")
_VISITS: Final = ("episode", "day", "status")
_KNOWN, _UNKNOWN = "x_", "unknown_"  # start the names of a covariate and of where its text is unknown


def caseload_bytes(caseload: Caseload) -> bytes:
    """Return a caseload as the bytes of an ``.npz`` file, without pickled objects."""
    arrays: dict[str, NDArray[Any]] = {name: _written(getattr(caseload, name)) for name in _TEXTS}
    arrays |= {name: getattr(caseload, name) for name in _NUMBERS}
    arrays |= {f"ratings_{name}": getattr(caseload.ratings, name) for name in _RATINGS}
    arrays |= {f"visits_{name}": getattr(caseload.visits, name) for name in _VISITS}
    for name, values in caseload.covariates.items():
        if values.dtype == np.object_:
            arrays[_UNKNOWN + name] = np.array([value is None for value in values], dtype=np.bool_)
            values = _written(values)
        arrays[_KNOWN + name] = values
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # numpy's stub takes its own option among the names
    return stream.getvalue()


def read_caseload(path: Path) -> Caseload:
    """Return the caseload in a file that ``caseload_bytes`` made.

    Raises:
        OSError: if it is gone.
        ValueError, KeyError: if it is none.
    """
    with np.load(path, allow_pickle=False) as arrays:
        covariates = {}
        for name in arrays.files:
            if name.startswith(_KNOWN):
                column = name.removeprefix(_KNOWN)
                values, unknown = arrays[name], _UNKNOWN + column
                covariates[column] = _read(values, arrays[unknown]) if unknown in arrays.files else values
        columns: dict[str, Any] = {name: _read(arrays[name]) for name in _TEXTS}
        columns |= {name: arrays[name] for name in _NUMBERS}
        return Caseload(
            **columns,
            covariates=covariates,
            ratings=Ratings(*(arrays[f"ratings_{name}"] for name in _RATINGS)),
            visits=Visits(*(arrays[f"visits_{name}"] for name in _VISITS)),
        )


def _written(values: Texts) -> NDArray[np.str_]:
    # a NUL at the end would be lost, but the loaders let none in
    return np.array(["" if value is None else str(value) for value in values], dtype=np.str_)


def _read(values: NDArray[Any], unknown: NDArray[np.bool_] | None = None) -> Texts:
    found: list[str | None] = values.tolist()
    if unknown is not None:
        found = [None if nothing else value for value, nothing in zip(found, unknown, strict=True)]
    return texts(found)
