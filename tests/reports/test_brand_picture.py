"""Logos on paper: drawn as they are, at any size, once a document, or refused with what stands in the way."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from reports.brand import Brand, draw_logo, fitted, read_brand
from reports.brand.logo import MOST_BYTES_ON_PAPER, Logo, paper_logo
from reports.brand.picture import picture
from reports.brand.svg_path import path
from reports.pdf.sheet import Sheet
from tests.reports.test_brand_logo import JPEG, PNG, WEBP, chunk

EXAMPLE = Path(__file__).parents[2] / "examples" / "brand" / "BRAND.toml"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">'


def svg(inside: str, head: str = HEAD) -> bytes:
    return f"{head}{inside}</svg>".encode()


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(ValueError, match=r"^, ") as found:
        paper_logo(data)
    text = str(found.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def document(*logos: Logo, times: int = 1) -> bytes:
    sheet = Sheet((300, 300), Brand().palette())
    for _ in range(times):
        sheet.open()
        for place, logo in enumerate(logos):
            draw_logo(sheet, logo, 10, 10 + 80 * place, 200, 70)
        sheet.close()
    root = sheet.file.add(f"<</Type/Catalog/Pages {sheet.finish()} 0 R>>")
    return sheet.file.finished(root, sheet.file.add("<<>>"))


def drawn(data: bytes) -> tuple[pikepdf.Dictionary, bytes]:
    """The dictionary and the content of the only picture in a document."""
    with pikepdf.open(io.BytesIO(document(paper_logo(data)))) as pdf:
        (found,) = pdf.pages[0].Resources.XObject.values()
        return pikepdf.Dictionary(dict(found.items())), found.read_bytes()


def operators(data: bytes) -> list[str]:
    """What a drawing paints, an operator a line, without the brackets around each element."""
    lines = drawn(data)[1].decode().split("\n")
    return [line for line in lines if line not in ("q", "Q")]


def dots(data: bytes) -> tuple[Image.Image, Image.Image | None]:
    """The picture in a document, and its mask, as a reader unpacks them."""
    with pikepdf.open(io.BytesIO(document(paper_logo(data)))) as pdf:
        (found,) = pdf.pages[0].Resources.XObject.values()
        main = pikepdf.PdfImage(found).as_pil_image()
        mask = pikepdf.PdfImage(found.SMask).as_pil_image() if "/SMask" in found else None
        return main, mask


def test_both_example_logos_stand_in_a_document_without_a_fault_and_without_a_font() -> None:
    brand = read_brand(EXAMPLE)
    data = document(*brand.logos.values())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert pdf.check_pdf_syntax() == []
            kinds = [str(each.Subtype) for each in pdf.pages[0].Resources.XObject.values()]
            assert all("/Font" not in each.get("/Resources", {}) for each in pdf.pages[0].Resources.XObject.values())
    assert sorted(kinds) == ["/Form", "/Image"]
    assert b"Helvetica" not in data


def test_the_same_logo_gives_the_same_bytes_and_stands_in_a_document_once() -> None:
    brand = read_brand(EXAMPLE)
    once, again = document(*brand.logos.values()), document(*read_brand(EXAMPLE).logos.values())
    assert once == again
    many = document(*brand.logos.values(), times=20)
    assert many.count(b"/Subtype /Image") == 2  # the picture and its mask
    assert many.count(b"/Subtype /Form") == 1
    names = set(re.findall(rb"/([\w.]+) Do", zlib_decoded(many)))
    assert names == {f"logo.{logo.fingerprint}".encode() for logo in brand.logos.values()}


def zlib_decoded(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return b"\n".join(page.Contents.read_bytes() for page in pdf.pages)


def test_a_logo_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = svg('<path d="M0 0h7.1234v9z"/>')  # no other test has it
    logo = paper_logo(data)
    monkeypatch.setattr("reports.brand.svg.vector", None)  # would fail if it were called again
    document(logo, Logo(data, logo.mimetype), times=3)


@pytest.mark.parametrize(
    ("box", "size"),
    [((200, 70), (140, 70)), ((100, 70), (100, 50)), ((10, 70), (10, 5))],
)
def test_proportions_are_kept(box: tuple[float, float], size: tuple[float, float]) -> None:
    logo = paper_logo(svg('<path d="M0 0h100v50z"/>'))  # twice as wide as tall
    assert fitted(logo, *box) == pytest.approx(size)


def test_dots_are_never_drawn_larger_than_300_an_inch() -> None:
    """600 by 300 dots at 300 an inch are 2 by 1 inches: 144 by 72 points."""
    logo = paper_logo(saved(Image.new("RGB", (600, 300), "navy")))
    assert fitted(logo, 1000, 1000) == pytest.approx((144, 72))
    assert fitted(logo, 72, 1000) == pytest.approx((72, 36))
    sheet = Sheet((300, 300), Brand().palette())
    sheet.open()
    assert draw_logo(sheet, logo, 0, 0, 1000, 36) == pytest.approx((72, 36))


def test_a_drawing_fills_the_unit_square_upside_up() -> None:
    """Matrix of the viewBox 10 20 100 50: x' = (x - 10) / 100, y' = 1 - (y - 20) / 50."""
    found, _ = drawn(svg('<path d="M0 0h9v9z"/>', HEAD.replace("0 0 100 50", "10 20 100 50")))
    assert [float(value) for value in found.BBox] == [10, 20, 110, 70]
    assert [float(value) for value in found.Matrix] == pytest.approx([0.01, 0, 0, -0.02, -0.1, 1.4])


@pytest.mark.parametrize(
    ("head", "wide"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="10">', 3),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="1in" height="36pt">', 2),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%" viewBox="0,0,40,10">', 4),
        ('<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 50 10"><s:rect width="9" height="9"/>', 5),
    ],
)
def test_its_size_is_that_of_the_viewbox_or_of_width_and_height(head: str, wide: float) -> None:
    data = svg('<rect xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>', head)
    data = data.replace(b"</svg>", b"</s:svg>") if head.startswith("<s:") else data
    width, height = fitted(paper_logo(data), 1000, 10)
    assert width / height == pytest.approx(wide)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("M1 2L3 4", "1 2 m 3 4 l"),
        ("m1 2 3 4-1-1z", "1 2 m 4 6 l 3 5 l h"),
        ("M1,2H5v3V0h-1", "1 2 m 5 2 l 5 5 l 5 0 l 4 0 l"),
        ("M0 0C1 2 3 4 5 6S9 9 10 10", "0 0 m 1 2 3 4 5 6 c 7 8 9 9 10 10 c"),  # (5,6) mirrors (3,4) to (7,8)
        ("M0 0Q3 6 6 0", "0 0 m 2 4 4 4 6 0 c"),  # a quadratic raised: two thirds of the way to its handle
        ("M0 0Q3 6 6 0T12 0", "0 0 m 2 4 4 4 6 0 c 8 -4 10 -4 12 0 c"),
        ("M0 0zl5 5", "0 0 m h 0 0 m 5 5 l"),
        ("M.5.5-1e1 .5", "0.5 0.5 m -10 0.5 l"),
        ("M0 0A0 5 0 0 1 3 4", "0 0 m 3 4 l"),
    ],
)
def test_path_data_is_read_as_the_standard_says(given: str, meant: str) -> None:
    assert path(given).operators() == meant


def test_an_arc_is_a_part_of_its_ellipse() -> None:
    """From (10, 0) to (0, 10) round the origin: through (7.07, 7.07); flags may stand without blanks."""
    outline = path("M10 0A10 10 0 0110 10M0 0")
    assert path("M10 0a10 10 0 01-10 10").segments[1][1][-2:] == pytest.approx((0, 10))
    assert outline.segments[1][1][-2:] == pytest.approx((10, 10))
    quarter = path("M10 0A10 10 0 0 1 0 10").segments[1][1]
    middle = [(start + 3 * one + 3 * two + end) / 8 for start, one, two, end in
              ((10, quarter[0], quarter[2], quarter[4]), (0, quarter[1], quarter[3], quarter[5]))]  # fmt: skip
    assert middle == pytest.approx([50**0.5, 50**0.5], abs=0.003)
    assert path("M0 10A10 10 0 1 1 20 10A10 10 0 1 1 0 10").bounds() == pytest.approx((0, 0, 20, 20), abs=0.01)


@given(rx=st.floats(1, 50), ry=st.floats(1, 50), turn=st.integers(-180, 180), large=st.booleans(), sweep=st.booleans(),
       x=st.floats(-90, 90), y=st.floats(-90, 90))  # fmt: skip
@example(rx=1.0, ry=1.0, turn=0, large=False, sweep=False, x=0.0, y=1e-200)
@example(rx=50.0, ry=1.0, turn=0, large=True, sweep=True, x=1e-7, y=0.0)
def test_an_arc_ends_where_it_should(
    rx: float, ry: float, turn: int, large: bool, sweep: bool, x: float, y: float
) -> None:
    outline = path(f"M0 0A{rx} {ry} {turn} {large:d} {sweep:d} {x} {y}")
    if max(abs(x), abs(y)) > 1e-6:
        assert outline.segments[-1][1][-2:] == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize(
    ("inside", "lines"),
    [
        ('<rect x="1" y="2" width="3" height="4" fill="red"/>', ["1 0 0 rg", "1 2 m 4 2 l 4 6 l 1 6 l h f"]),
        ('<path fill-rule="evenodd" d="M0 0h2v2z"/>', ["0 0 0 rg", "0 0 m 2 0 l 2 2 l h f*"]),
        ('<g fill="#0000ff"><path style="fill:#00ff00" d="M0 0h2v2z"/></g>', ["0 1 0 rg", "0 0 m 2 0 l 2 2 l h f"]),
        (
            "<style>.a{fill:#f00}#b.a{fill:#00f}</style><path class='c a' id='b' fill='lime' d='M0 0h2v2z'/>",
            ["0 0 1 rg", "0 0 m 2 0 l 2 2 l h f"],
        ),
        (
            '<line x2="5" y2="5" stroke="black" stroke-width="2" stroke-linecap="round" stroke-dasharray="3 1"/>',
            ["0 0 0 RG 2 w 1 J 0 j 4 M [3 1] 0 d", "0 0 m 5 5 l S"],
        ),
        (
            '<g transform="translate(5 6) scale(2)"><polygon points="0,0 1,0 1,1"/></g>',
            ["2 0 0 2 5 6 cm", "0 0 0 rg", "0 0 m 1 0 l 1 1 l h f"],
        ),
        (
            '<defs><path id="p" d="M0 0h2v2z"/></defs><use xlink:href="#p" x="3" fill="red"/>',
            ["1 0 0 1 3 0 cm", "1 0 0 rg", "0 0 m 2 0 l 2 2 l h f"],
        ),
        (
            '<clipPath id="c"><path transform="translate(1)" d="M0 0h2v2z"/></clipPath><g style="clip-path:url(#c)">'
            '<path d="M0 0h9v9z"/></g>',
            ["1 0 m 3 0 l 3 2 l h W n", "0 0 0 rg", "0 0 m 9 0 l 9 9 l h f"],
        ),
    ],
)
def test_shapes_become_operators(inside: str, lines: list[str]) -> None:
    assert operators(svg(inside)) == lines


def test_opacity_multiplies_down_to_the_shape() -> None:
    found, content = drawn(svg('<g opacity=".5"><path d="M0 0h2v2z" fill="#f00" fill-opacity="50%"/></g>'))
    (name,) = found.Resources.ExtGState
    assert float(found.Resources.ExtGState[name].ca) == pytest.approx(0.25)
    assert f"{name} gs".encode() in content


def test_a_gradient_is_one_of_pdf() -> None:
    """From x 0 to 1 of the box of the shape, which is 20 wide and 10 tall at (5, 6)."""
    stops = (
        '<stop offset="0" stop-color="red"/><stop offset="50%" stop-color="#fff"/><stop offset="1" stop-color="blue"/>'
    )
    found, content = drawn(
        svg(f'<linearGradient id="g">{stops}</linearGradient><path fill="url(#g)" d="M5 6h20v10H5z"/>')
    )
    (shading,) = found.Resources.Shading.values()
    assert (int(shading.ShadingType), [float(x) for x in shading.Coords]) == (2, [0, 0, 1, 0])
    assert [float(x) for x in shading.Function.Bounds] == [0.5]
    assert [[float(x) for x in part.C0] for part in shading.Function.Functions] == [[1, 0, 0], [1, 1, 1]]
    assert b"W n 20 0 0 10 5 6 cm /s0 sh" in content


REFUSED = {
    "<text>Harbor</text>": "convert text to paths",
    '<image href="data:image/png;base64,AAAA" width="9" height="9"/>': "a picture made of dots; save the logo as PNG",
    '<path d="M0 0h9v9z" filter="url(#f)"/>': "a filter",
    '<g style="mask:url(#m)"><path d="M0 0h9v9z"/></g>': "a mask",
    '<path d="M0 0h9v9z" style="mix-blend-mode:multiply"/>': "a blend mode",
    '<path d="M0 0h9v9z" marker-end="url(#m)"/>': "markers",
    '<pattern id="p"/><path fill="url(#p)" d="M0 0h9v9z"/>': "a pattern to paint with",
    '<g opacity=".5"><path d="M0 0h9v9z"/><path d="M0 0h9v9z"/></g>': "a group of shapes that can be seen through",
    '<linearGradient id="g"><stop/><stop stop-opacity="0"/></linearGradient><path fill="url(#g)" d="M0 0h9"/>': "fades",
    '<linearGradient id="g"><stop/><stop/></linearGradient><path stroke="url(#g)" d="M0 0h9v9z"/>': "with a gradient",
    '<path fill="teel" d="M0 0h9v9z"/>': "a colour 'teel'",
    '<path d="M0 0 L 3"/>': "path data that cannot be read",
    '<path d="L 3 3"/>': "does not start with a move",
    '<path d="M0 0h1e999"/>': "a number that is too large",
    '<rect width="2em" height="2"/>': "a length '2em'",
    '<rect width="nan" height="2"/>': "a length 'nan'",
    '<path d="M0 0h9v9z" transform="spin(3)"/>': "a transform 'spin(3)'",
    '<style>g > path {fill: red}</style><path d="M0 0h9v9z"/>': "a style rule for 'g > path'",
    '<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>': "another svg within",
    '<use href="#nowhere"/>': "not there",
    '<g id="a"><use href="#a"/></g>': "uses itself",
    '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>': "uses itself",
    "<g/>": "nothing in it that can be seen",
    '<path d="M0 0h9v9z" fill="none"/>': "nothing in it that can be seen",
    '<path d="M0 0h9v9z" transform="scale(0)"/>': "nothing in it that can be seen",
    '<script/><path d="M0 0h9v9z"/>': "an element 'script'",
    '<use href="other.svg#a"/>': "outside",
    "<g>" * 60 + '<path d="M0 0h9v9z"/>' + "</g>" * 60: "so many elements",
    '<path d="M0 0h9v9z"/>' * 5_001: "so many elements",
    f'<path d="M0 0{"l1 1" * 90_000}"/>': "so much detail",
    '<path fill="#fff" d="M0 0h9v9z"/>': "cannot be seen on paper",
}


@pytest.mark.parametrize("inside", REFUSED, ids=lambda text: text[:30])
def test_what_is_not_drawn_is_refused_and_never_left_out(inside: str) -> None:
    assert REFUSED[inside] in refused(svg(inside))


def test_uses_of_uses_do_not_grow_without_end() -> None:
    rows = "".join(f'<g id="g{row}">{f"""<use href="#g{row + 1}"/>""" * 10}</g>' for row in range(12))
    assert "so many elements" in refused(svg(f'{rows}<path id="g12" d="M0 0h9v9z"/>'))


@pytest.mark.parametrize("head", ["<svg xmlns='http://www.w3.org/2000/svg'>", HEAD.replace("100 50", "0 50")])
def test_a_drawing_without_a_size_is_refused(head: str) -> None:
    assert "no size; give its root a viewBox" in refused(svg('<path d="M0 0h9v9z"/>', head))


def test_notes_of_drawing_programs_and_what_is_hidden_are_no_hindrance() -> None:
    inside = (
        '<title>x</title><metadata><r:RDF xmlns:r="urn:r"><text/></r:RDF></metadata><i:view xmlns:i="urn:i"/>'
        '<defs><text>unused</text><filter id="f"/></defs><g display="none"><text>hidden</text></g>'
        '<symbol id="s"><text>unused</text></symbol><g><symbol><text>unused</text></symbol></g>'
        '<style>@media print {path {fill: red}} a:hover {fill: red}</style><path d="M0 0h9v9z"/>'
    )
    assert operators(svg(inside)) == ["0 0 0 rg", "0 0 m 9 0 l 9 9 l h f"]


@given(data=st.data())
def test_a_damaged_svg_is_drawn_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray((EXAMPLE.parent / "alliance_analytics.svg").read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 2))
        whole[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from([b"", b"9", b"-", b'"', b"e", b"%"])
        )
    try:
        logo = paper_logo(bytes(whole))
    except ValueError as refusal:
        assert str(refusal).startswith(", ")  # noqa: PT017 - either is right
        return
    content = zlib.decompress(picture(logo).main.data)
    assert not re.search(rb"nan|inf|\de[+-]?\d", content)


CHANNELS = [  # one colour in each kind that files come in
    (Image.new("RGB", (4, 2), (10, 20, 200)), (10, 20, 200)),
    (Image.new("RGBA", (4, 2), (10, 20, 200, 255)), (10, 20, 200)),
    (Image.new("L", (4, 2), 90), (90, 90, 90)),
    (Image.new("1", (4, 2), 0), (0, 0, 0)),
    (Image.new("RGB", (4, 2), (10, 20, 200)).quantize(4), (10, 20, 200)),
    (Image.new("I;16", (4, 2), 90 * 257), (90, 90, 90)),
]


@pytest.mark.parametrize(("image", "colour"), CHANNELS, ids=lambda each: getattr(each, "mode", ""))
def test_a_picture_of_any_kind_keeps_its_colour(image: Image.Image, colour: tuple[int, int, int]) -> None:
    main, mask = dots(saved(image))
    assert main.convert("RGB").getpixel((1, 1)) == colour
    assert mask is None


def test_transparency_is_a_soft_mask() -> None:
    image = Image.new("RGBA", (2, 1), (200, 0, 0, 255))
    image.putpixel((1, 0), (200, 0, 0, 64))
    main, mask = dots(saved(image))
    assert mask is not None
    assert [mask.getpixel((x, 0)) for x in (0, 1)] == [255, 64]
    assert main.convert("RGB").getpixel((1, 0)) == (200, 0, 0)


def test_what_a_camera_wrote_stays_behind_but_its_turn_counts() -> None:
    """EXIF orientation 6: the row that is left in the file is the top of what was seen."""
    image = Image.new("RGB", (20, 10), "white")
    image.paste((255, 0, 0), (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "SECRET-PLACE"
    data = saved(image, "JPEG", exif=exif, comment=b"SECRET-NOTE", quality=95)
    assert b"SECRET-PLACE" in data
    main, _ = dots(data)
    assert main.size == (10, 20)
    top, bottom = main.getpixel((5, 3)), main.getpixel((5, 16))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[1] < 60 < 200 < bottom[1]
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "SECRET-NAME", zip=False)
    for each in (data, saved(image, pnginfo=texts, exif=exif)):
        assert b"SECRET" in each
        logo = paper_logo(each)
        assert b"SECRET" not in document(logo) + picture(logo).main.data


def test_cmyk_becomes_what_a_screen_shows() -> None:
    main, _ = dots(saved(Image.new("CMYK", (8, 8), (255, 255, 0, 0)), "JPEG", quality=100))
    assert main.mode == "RGB"
    assert main.getpixel((4, 4)) == pytest.approx((0, 0, 255), abs=4)


def test_a_large_picture_is_made_smaller() -> None:
    logo = paper_logo(saved(Image.new("RGB", (3000, 900), "navy")))
    assert (picture(logo).width, picture(logo).height) == (1500, 450)


def bomb(wide: int, tall: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, tall, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def test_a_small_file_may_not_fill_the_memory() -> None:
    assert "a picture of 6000 by 6000 dots; make it smaller" in refused(bomb(6000, 6000))
    assert "make it smaller" in refused(bomb(60_000, 60_000))
    texts = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(70_000_000)))
    assert "damaged" in refused(PNG[:33] + texts + PNG[33:])


def test_what_is_cut_off_or_damaged_is_refused() -> None:
    data = saved(Image.radial_gradient("L"))
    assert "no whole PNG" in refused(data[: len(data) // 2])
    assert "damaged or cut off" in refused(data[: len(data) // 2] + data[-12:])
    assert "damaged or cut off" in refused(JPEG)
    assert "no whole PNG" in refused(b"GIF89a")
    assert "a WebP picture; save it as PNG or SVG" in refused(WEBP)
    assert "more than 2000 kB" in refused(PNG + bytes(MOST_BYTES_ON_PAPER))


@given(data=st.data())
def test_a_damaged_picture_is_drawn_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(
        saved(Image.linear_gradient("L").resize((40, 40)).convert("RGB"), data.draw(st.sampled_from(["PNG", "JPEG"])))
    )
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        paper_logo(bytes(whole))
    except ValueError as refusal:
        assert str(refusal).startswith(", ")  # noqa: PT017 - either is right


def test_a_white_logo_is_refused() -> None:
    for data in (
        saved(Image.new("RGBA", (9, 9), (255, 255, 255, 255))),
        saved(Image.new("RGBA", (9, 9), (0, 0, 0, 20))),
        svg('<path fill="#fafafa" d="M0 0h9v9z"/>'),
    ):
        assert "name the logo's dark version" in refused(data)
