"""A picture made of dots as objects of PDF: its dots, and nothing else of what a camera or a program wrote."""

from __future__ import annotations

import io
import warnings
import zlib
from typing import TYPE_CHECKING

from calculator.language import gettext as _
from reports.brand.picture import Picture, Stream, strength

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_DOTS = 30_000_000  # in a file; a small file of more dots than any logo has is meant to fill the memory
LONGEST = 1500  # dots along the longer side: five inches of paper
JPEG_QUALITY = 92
WHOLE = 255
THUMB = 64  # dots
DEEP = 257  # 65535 / 255


def raster(data: bytes) -> Picture:
    """Return a PNG or JPEG as an image of PDF, its transparency as a soft mask.

    Turned as the camera held it, in sRGB, at most ``LONGEST`` dots long, and without its metadata.

    Raises:
        ValueError: in words that follow a file's name.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own about size; ours stops at less
            opened = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
            if opened.width * opened.height > MOST_DOTS:
                raise _TooLargeError(opened.width, opened.height)
            opened.load()
            image = _shrunk(_plain(opened))
    except _TooLargeError as error:
        width, height = error.args
        said = _(
            "a picture of %(width)s by %(height)s dots; make it smaller, %(most)s dots along the longer side are "
            "plenty.",
            width=width, height=height, most=LONGEST,
        )  # fmt: skip
        raise ValueError(said) from None
    except Image.DecompressionBombError:
        raise ValueError(_("a picture of far too many dots; make it smaller.")) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, TypeError, MemoryError):
        raise ValueError(_("a picture that is damaged or cut off; export the logo again.")) from None
    strongest = _strength(image)
    mask = None
    if "A" in image.getbands():
        alpha = image.getchannel("A")
        image = image.convert("L" if image.mode == "LA" else "RGB")
        if alpha.getextrema() != (WHOLE, WHOLE):
            mask = _flate(alpha)
    main = _dct(image) if opened.format == "JPEG" else _flate(image)
    return Picture(image.width, image.height, dots=True, strength=strongest, main=main, mask=mask)


class _TooLargeError(Exception):
    """Width and height of a picture that nobody needs."""


def _plain(image: Image) -> Image:
    """Return a picture in grey or sRGB, with or without transparency, upright."""
    from PIL import Image as Images
    from PIL import ImageCms, ImageOps

    profile = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":  # grey in 16 bits
        image = image.convert("I").point(lambda value: value * (1 / DEEP)).convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that cannot be read says nothing
    elif profile and image.mode == "RGBA":
        alpha, colours = image.getchannel("A"), image.convert("RGB")
        colours.info["icc_profile"] = profile
        image = _plain(colours)
        image.putalpha(alpha)
    wanted = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGBA": "RGBA"}.get(image.mode, "RGB")
    plain = image if image.mode == wanted else image.convert(wanted)
    return Images.frombytes(plain.mode, plain.size, plain.tobytes())  # the dots, and no metadata


def _shrunk(image: Image) -> Image:
    from PIL.Image import Resampling

    if max(image.size) <= LONGEST:
        return image
    scale = LONGEST / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Resampling.LANCZOS)


def _strength(image: Image) -> float:
    """Return the largest contrast with white that is seen when the picture is as large as a thumb."""
    small = image.resize((min(image.width, THUMB), min(image.height, THUMB))).convert("RGBA").tobytes()
    inks = {small[place : place + 4] for place in range(0, len(small), 4)}
    return max(strength((red / WHOLE, green / WHOLE, blue / WHOLE), alpha / WHOLE) for red, green, blue, alpha in inks)


def _entries(image: Image, code: str) -> str:
    space = "DeviceGray" if image.mode == "L" else "DeviceRGB"
    return (
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /{space} "
        f"/BitsPerComponent 8 /Filter /{code}"
    )


def _flate(image: Image) -> Stream:
    return Stream(_entries(image, "FlateDecode"), zlib.compress(image.tobytes(), 9))


def _dct(image: Image) -> Stream:
    """Return a picture compressed as JPEG: a photograph would take ten times the room without."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
    return Stream(_entries(image, "DCTDecode"), file.getvalue())
