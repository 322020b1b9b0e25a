"""The predictor as it travels to workers, and as it stands ready in each of them."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, field
from functools import lru_cache

from plugin.contract import Predictor, TablePredictor
from plugin.errors import PluginError
from plugin.linear_predictor import LinearPredictor
from plugin.registry import open_predictor


@dataclass(frozen=True, slots=True)
class Model:
    """A predictor by name, to be opened by whoever works with it, or one of our own as it is.

    Attributes:
        name: in the entry-point group; of our own, what they call themselves.
        version: of the model.
        content: one of our own, pickled; empty for others.
    """

    name: str
    version: str
    content: bytes = field(default=b"", repr=False)

    @property
    def digest(self) -> str:
        """Return a digest of what it says."""
        return hashlib.sha256(repr((self.name, self.version)).encode() + self.content).hexdigest()


def sendable(predictor: Predictor) -> Model:
    """Return a predictor as it can be sent to a worker."""
    content = pickle.dumps(predictor) if type(predictor) is LinearPredictor else b""
    return Model(str(predictor.name), str(predictor.version), content)


@lru_cache(maxsize=2)
def opened(model: Model) -> Predictor:
    """Return the predictor, opened once in each process.

    Raises:
        PluginError: where it is not installed here, or in another version.
    """
    if model.content:
        predictor: Predictor = pickle.loads(model.content)  # noqa: S301 - written by sendable, in the same run
        return predictor
    predictor = open_predictor(model.name)
    if str(predictor.version) != model.version:
        raise PluginError(
            [f"model {model.name}: a worker has version {predictor.version}, this computer {model.version}"]
        )
    return predictor


def by_columns(predictor: Predictor) -> bool:
    """Return whether a predictor scores a whole caseload at once.

    One that requires something is asked row by row, so that what is missing becomes a reason in our words.
    """
    return isinstance(predictor, TablePredictor) and not any(need.required for need in predictor.needs)
