"""A whole form as one short word that a link can hold: ``1.`` and the form's query, compressed.

``1`` is the version of this notation. Behind it stands base64url(zlib(query)), whose checksum tells a link that was cut
or mistyped from one that means something else.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from calculator import RapportError
from calculator.language import gettext as _

VERSION = "1"
MOST_PACKED = 12_000  # characters; a form with every field filled has about 1,500
MOST_PLAIN = 120_000  # bytes of the query; what would unfold to more is not unfolded
MOST_FIELDS = 600

_SHAPE = re.compile(r"(\d{1,6})\.([A-Za-z0-9_-]+)", re.ASCII)


class StateError(RapportError):
    """A state that cannot be read; the text says why to whoever opened the link."""


def pack(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and values as a state.

    >>> unpack(pack([("clinic.setting", "iop"), ("measured", "dropout_rate")])).getlist("measured")
    ['dropout_rate']
    """
    compressed = zlib.compress(urlencode(list(pairs)).encode("ascii"), 9)
    return f"{VERSION}.{base64.urlsafe_b64encode(compressed).decode('ascii').rstrip('=')}"


def shaped(text: str) -> bool:
    """Return whether a text may be a state at all: short enough, and of no characters but those of a state."""
    return len(text) <= MOST_PACKED and _SHAPE.fullmatch(text) is not None


def unpack(text: str) -> MultiDict[str, str]:
    """Return the names and values in a state.

    Raises:
        StateError: where it is none, or one of another version.
    """
    if len(text) > MOST_PACKED:
        raise StateError(_("This link is far longer than any scenario needs; it cannot be read."))
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise _damaged()
    version, packed = match.groups()
    if version != VERSION:
        if int(version) > int(VERSION):
            raise StateError(
                _("This link is from a newer version of Rapport. Open it there, or enter the numbers anew.")
            )
        raise _damaged()
    try:
        compressed = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        plain = _unfolded(compressed).decode("ascii")
        pairs = parse_qsl(plain, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (binascii.Error, zlib.error, ValueError):
        raise _damaged() from None
    return MultiDict(pairs)


def _unfolded(compressed: bytes) -> bytes:
    unfolding = zlib.decompressobj()
    plain = unfolding.decompress(compressed, MOST_PLAIN + 1)
    if len(plain) > MOST_PLAIN:
        raise StateError(_("This link unfolds to far more than any scenario needs; it cannot be read."))
    if not unfolding.eof or unfolding.unused_data:
        raise _damaged()
    return plain


def _damaged() -> StateError:
    return StateError(_("This link is damaged: part of it is missing or mistyped. Copy it again from where it came."))
