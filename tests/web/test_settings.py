"""The settings: what is taken, what is refused, and that every problem is told at once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from calculator import InputError
from tests.reports.test_tokens import DEUTERANOPIA, PROTANOPIA, contrast, lab, linear, seen
from web.app import create_app
from reports.brand.colours import brand_css, roles
from web.cli import main
from reports.brand.logo import MOST_BYTES, read_logo
from web.settings import environment, read_settings

SCHEMES = ("light", "dark")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file: length, kind, data, and the checksum of the last two (W3C PNG, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PNG += chunk(b"IDAT", zlib.compress(b"\x00\x80")) + chunk(b"IEND", b"")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 18) + b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f\x00\x00\x00\x00\x00"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="url(#a)" d="M0 0h8v8z"/></svg>'


def problems(**settings: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_settings({f"RAPPORT_{name}": text for name, text in settings.items()})
    return [str(problem) for problem in refused.value.problems]


def test_without_settings_nobody_else_may_frame_and_the_look_is_ours() -> None:
    for nothing in ({}, {"RAPPORT_EMBED_PARENTS": " ", "RAPPORT_EMBED_COLOR": ""}, {"TESTING": True}):
        settings = read_settings(nothing)
        assert settings.embed_parents == ()
        assert settings.public_url is settings.embed_color is settings.embed_logo is None
        assert settings.embed_name == ""


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("https://vendor.example", ("https://vendor.example",)),
        ("https://Vendor.Example/", ("https://vendor.example",)),
        ("https://a.example:443, https://b.example:8443", ("https://a.example", "https://b.example:8443")),
        ("https://a.example\nhttps://a.example ,", ("https://a.example",)),
        ("https://*.vendor.example", ("https://*.vendor.example",)),
        ("http://localhost:3000 http://127.0.0.1:80", ("http://localhost:3000", "http://127.0.0.1")),
        ("https://xn--mller-kva.example", ("https://xn--mller-kva.example",)),
    ],
)
def test_parents_are_origins(given: str, meant: tuple[str, ...]) -> None:
    assert read_settings({"RAPPORT_EMBED_PARENTS": given}).embed_parents == meant


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("*", "lets everybody in"),
        ("https://*", "lets everybody in"),
        ("https:", "lets everybody in"),
        ("'self'", "always allowed"),
        ("vendor.example", "scheme and host alone"),
        ("https://vendor.example/page", "without a path"),
        ("https://vendor.example?x", "without a path"),
        ("https://user@vendor.example", "scheme and host alone"),
        ("ftp://vendor.example", "scheme and host alone"),
        ("http://vendor.example", "write https://vendor.example"),
        ("https://*.example", "lets too many in"),
        ("http://*.vendor.example", "for this machine only"),
        ("https://a.*.example", "no name"),
        ("https://*.*.example", "no name"),
        ("https://-a.example", "no name"),
        ("https://a..example", "no name"),
        ("https://10.0.0.7", "by its number"),
        ("https://[::1]", "by its number"),
        ("http://[::1]:3000", "by its number"),
        ("https://vendor.example:70000", "from 1 to 65535"),
        ("https://müller.example", "ASCII"),
        ("https://vendor.example;script-src", "scheme and host alone"),
    ],
)
def test_what_is_no_origin_is_refused_with_what_to_write(given: str, told: str) -> None:
    (problem,) = problems(EMBED_PARENTS=given)
    assert problem.startswith("RAPPORT_EMBED_PARENTS has ")
    assert given[:10].strip("'") in problem
    assert told in problem


@given(text=st.text(max_size=60))
def test_no_parent_can_change_another_directive(text: str) -> None:
    try:
        parents = read_settings({"RAPPORT_EMBED_PARENTS": text}).embed_parents
    except InputError:
        return
    assert all(set(parent) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.:/*") for parent in parents)


def test_the_public_address_is_an_origin() -> None:
    for text, meant in (
        ("https://calc.example/", "https://calc.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://10.0.0.7", "https://10.0.0.7"),
    ):
        assert read_settings({"RAPPORT_PUBLIC_URL": text}).public_url == meant
    for wrong in ("calc.example", "http://calc.example", "https://calc.example/rapport", "https://*.calc.example"):
        assert len(problems(PUBLIC_URL=wrong)) == 1


def test_every_problem_is_told_at_once_one_a_line() -> None:
    found = problems(
        PUBLIC_URL="calc.example",
        EMBED_PARENTS="http://a.example https://fine.example *",
        EMBED_COLOR="teal",
        EMBED_COLOUR="#0b5f5a",
        EMBED_LOGO="/nowhere/logo.png",
        EMBED_NAME="two\nlines",
    )
    names = sorted(problem.split()[0].removeprefix("RAPPORT_") for problem in found)
    assert names == [
        "EMBED_COLOR", "EMBED_COLOUR", "EMBED_LOGO", "EMBED_NAME", "EMBED_PARENTS", "EMBED_PARENTS", "PUBLIC_URL",
    ]  # fmt: skip
    assert all("\n" not in problem for problem in found)
    text = "\n".join(found)
    assert "is RAPPORT_EMBED_COLOR meant?" in text
    assert "'teal'; write a colour in six hex digits, such as #0b5f5a." in text
    assert "'/nowhere/logo.png': No such file or directory" in text


def test_a_wrong_setting_stops_the_start_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_EMBED_COLOR", "teal")
    monkeypatch.setenv("RAPPORT_EMBED_PARENTS", "*")
    run = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert run.exit_code == 2
    assert [line.split()[0] for line in run.stderr.splitlines()] == ["RAPPORT_EMBED_PARENTS", "RAPPORT_EMBED_COLOR"]
    assert "ready" not in run.output


def test_the_environment_counts_only_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_EMBED_NAME", "Harbor Notes")
    monkeypatch.setenv("UNRELATED", "x")
    assert environment()["RAPPORT_EMBED_NAME"] == "Harbor Notes"
    assert "UNRELATED" not in environment()
    assert "Harbor Notes" not in create_app().test_client().get("/embed/demo").text
    assert "Harbor Notes" in create_app(environment()).test_client().get("/embed/demo").text


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp"), (SVG, "image/svg+xml")],
)
def test_a_logo_is_known_by_its_content_not_by_its_name(tmp_path: Path, data: bytes, kind: str) -> None:
    file = tmp_path / "logo.txt"
    file.write_bytes(data)
    logo = read_settings({"RAPPORT_EMBED_LOGO": file}).embed_logo
    assert logo is not None
    assert (logo.data, logo.mimetype) == (data, kind)


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


@pytest.mark.parametrize(("given", "meant"), [("#0B5F5A", "#0b5f5a"), ("0b5f5a", "#0b5f5a"), ("#fA0", "#ffaa00")])
def test_a_colour_is_hex_digits(given: str, meant: str) -> None:
    assert read_settings({"RAPPORT_EMBED_COLOR": given}).embed_color == meant


@pytest.mark.parametrize("wrong", ["teal", "#12345", "#1234567", "rgb(0,0,0)", "#0b5f5a;}", "##123"])
def test_anything_else_is_no_colour(wrong: str) -> None:
    assert len(problems(EMBED_COLOR=wrong)) == 1


def scheme(name: str) -> Mapping[str, str]:
    from reports.tokens import load_tokens

    return load_tokens().light if name == "light" else load_tokens().dark


@pytest.mark.parametrize("name", SCHEMES)
@given(colour=COLOURS)
def test_any_brand_colour_can_be_read(name: str, colour: str) -> None:
    """WCAG 2.2 AA: 4.5 for text, 3 for what must be seen; the same demands as on our own tokens."""
    tokens = scheme(name)
    found = roles(colour, tokens)
    used = {**tokens, **found}
    assert found["brand"] == colour
    assert contrast(used["on_brand"], used["brand"]) >= 4.5
    assert contrast(used["on_kept"], used["kept"]) >= 4.5
    for behind in ("paper", "surface"):
        assert contrast(used["focus"], used[behind]) >= 4.5
        assert contrast(used["kept"], used[behind]) >= 4.5
        assert contrast(used["uncertainty"], used[behind]) >= 3.0
        assert contrast(used["brand_edge"], used[behind]) >= 3.0
    assert contrast(used["kept"], used["band_inner"]) >= 3.0
    assert contrast(used["ink"], used["band_inner"]) >= 4.5
    assert contrast(used["ink"], used["band_outer"]) >= 4.5


@pytest.mark.parametrize("name", SCHEMES)
@given(colour=COLOURS)
def test_no_brand_colour_is_taken_for_loss(name: str, colour: str) -> None:
    tokens = scheme(name)
    kept = {**tokens, **roles(colour, tokens)}["kept"]
    pairs = [(lab(linear(kept)), lab(linear(tokens["lost"])))]
    pairs += [(lab(seen(kept, eyes)), lab(seen(tokens["lost"], eyes))) for eyes in (PROTANOPIA, DEUTERANOPIA)]
    for pair in pairs:
        assert sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 >= 23.0


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    """#1f4e9c on our paper has 7.6:1 by the formula of WCAG, so nothing needs to change in the light scheme."""
    assert contrast("#1f4e9c", scheme("light")["paper"]) > 7.0
    light = roles("#1f4e9c", scheme("light"))
    assert light["brand"] == light["focus"] == light["kept"] == "#1f4e9c"
    assert light["on_brand"] == "#ffffff"
    assert roles("#ffd400", scheme("light"))["on_brand"] == "#000000"


def test_a_red_brand_is_for_bar_and_button_alone_and_loss_and_cost_are_never_touched() -> None:
    red = brand_css("#c0392b")
    assert "--brand: #c0392b" in red
    assert "--kept" not in red
    assert "--focus" not in red  # a red ring around a field would say that something is wrong
    for css in (red, brand_css("#1f4e9c")):
        assert not any(f"--{role}" in css for role in ("lost", "cost", "warning", "paper", "ink", "own-paper"))


def test_the_css_of_a_brand_has_both_schemes_with_the_selectors_of_the_tokens() -> None:
    css = brand_css("#1f4e9c")
    assert css.count("--brand:") == 3
    for selector in (":root, [data-theme=light] {", ":root:not([data-theme]) {", "[data-theme=dark] {"):
        assert selector in css
