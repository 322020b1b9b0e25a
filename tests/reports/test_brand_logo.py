"""A logo from a file: known by its content, whole, and harmless."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from reports.brand.logo import MOST_BYTES, read_logo


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file: length, kind, data, and the checksum of the last two (W3C PNG, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PNG += chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 18) + b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f\x00\x00\x00\x00\x00"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="url(#a)" d="M0 0h8v8z"/></svg>'


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", PNG[:-9], JPEG[:-2], WEBP[:-3], b"<html></html>", SVG[:-6], b"<svg/>", b"#!/bin/sh"],
)
def test_what_is_no_whole_picture_is_no_logo(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"logo\.png'"):
        read_logo(str(file))


def test_a_logo_has_a_size_and_a_place(tmp_path: Path) -> None:
    file = tmp_path / "logo.svg"
    file.write_bytes(SVG + b" " * (MOST_BYTES - len(SVG)))
    assert len(read_logo(str(file)).data) == MOST_BYTES
    file.write_bytes(SVG + b" " * (MOST_BYTES - len(SVG) + 1))
    with pytest.raises(ValueError, match="more than 200 kB"):
        read_logo(str(file))
    with pytest.raises(ValueError, match="Is a directory"):
        read_logo(str(tmp_path))
    with pytest.raises(ValueError, match="cannot be opened"):
        read_logo("a\0b")


XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
HARMFUL = {
    "<script>alert(1)</script>": "'script'",
    "<SCRIPT>alert(1)</SCRIPT>": "'SCRIPT'",
    "<foreignObject/>": "'foreignObject'",
    '<p xmlns="http://www.w3.org/1999/xhtml"/>': "'p'",
    '<path onload="alert(1)"/>': "'onload'",
    '<path ONCLICK="alert(1)"/>': "'onclick'",
    '<image href="https://x.example/a.png"/>': "outside",
    f'<use {XLINK} xlink:href="//x.example/a.svg#b"/>': "outside",
    '<a href="javascript:alert(1)"><path/></a>': "outside",
    '<image href="data:image/svg+xml,&lt;svg/>"/>': "outside",
    '<path fill="url(https://x.example/a)"/>': "outside",
    "<path style=\"fill: URL( 'https://x.example/a' )\"/>": "outside",
    '<path style="fill: u\\72l(https://x.example/a)"/>': "outside",
    "<style>@import 'https://x.example/a.css';</style>": "outside",
    "<style>a { fill: u<!-- -->rl(//x.example) }</style>": "outside",
    '<g xml:base="https://x.example/"/>': "outside",
    '<set attributeName="href" to="javascript:alert(1)"/>': "'set'",
    "<animate/>": "'animate'",
}


@pytest.mark.parametrize("inside", HARMFUL)
def test_an_svg_that_could_do_more_than_be_seen_is_refused(tmp_path: Path, inside: str) -> None:
    file = tmp_path / "logo.svg"
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><g/>{inside}</svg>')
    with pytest.raises(ValueError, match="export the logo again as plain SVG") as refused:
        read_logo(str(file))
    assert HARMFUL[inside] in str(refused.value)


@pytest.mark.parametrize(
    "before",
    ['<!DOCTYPE svg [<!ENTITY a "b">]>', '<?xml-stylesheet href="https://x.example/a.css"?>'],
)
def test_nor_may_what_stands_before_it(tmp_path: Path, before: str) -> None:
    file = tmp_path / "logo.svg"
    file.write_bytes(before.encode() + SVG)
    with pytest.raises(ValueError, match="an SVG with an"):
        read_logo(str(file))


def test_what_drawing_programs_leave_in_a_file_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "logo.svg"
    file.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg" '
        f'xmlns:i="http://www.inkscape.org/namespaces/inkscape" {XLINK} i:export-filename="C:\\logo.png">'
        '<style>.a { fill: #123; clip-path: url(#b); }</style><use xlink:href="#c" style="fill: url(#d)"/>'
        '<image href="data:image/png;base64,AAAA"/></svg>'
    )
    assert read_logo(str(file)).mimetype == "image/svg+xml"
