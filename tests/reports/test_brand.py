"""BRAND.toml: what is taken, what is refused with what to write instead, and what becomes of it on paper."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.errors import InputError
from reports.brand import Brand, parse_brand, read_brand
from reports.tokens import load_tokens
from tests.reports.test_brand_logo import PNG
from tests.reports.test_tokens import contrast

EXAMPLE = Path(__file__).parents[2] / "examples" / "brand" / "BRAND.toml"
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><path d="M0 0h8v4z"/></svg>'


def refused(data: dict[str, Any], logos: dict[str, bytes] | None = None) -> list[str]:
    with pytest.raises(InputError) as found:
        parse_brand(data, logos)
    return [str(problem) for problem in found.value.problems]


def file_problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as found:
        read_brand(path)
    return [str(problem) for problem in found.value.problems]


def test_everything_may_be_left_out() -> None:
    assert parse_brand({}) == parse_brand({"seller": {}, "text": {"next_steps": []}}) == Brand()
    assert (
        parse_brand({"seller": {"name": " "}, "colours": {"accent": ""}, "text": {"disclaimer": " \n\n "}}) == Brand()
    )


def test_the_example_is_read_whole_and_survives_the_way_to_another_process() -> None:
    brand = read_brand(EXAMPLE)
    assert (brand.seller, brand.prepared_by, brand.email) == ("Alliance Analytics", "Dana Reyes", "dana@example.com")
    assert brand.seller_logo is not None
    assert brand.client_logo is not None
    assert (brand.seller_logo.mimetype, brand.client_logo.mimetype) == ("image/svg+xml", "image/png")
    assert [len(brand.disclaimer), len(brand.next_steps)] == [2, 3]
    assert "\n" not in "".join(brand.disclaimer)
    assert brand.disclaimer[0].endswith("published studies, each of which is named.")
    copy = pickle.loads(pickle.dumps(brand))  # noqa: S301 - our own
    assert copy == brand
    assert hash(copy) == hash(brand)


def test_every_problem_is_told_at_once_with_the_nearest_key() -> None:
    found = refused(
        {
            "selller": {},
            "name": "x",
            "seller": {"nmae": "x", "accent": "#123456", "phone": 5550100, "email": "dana", "product": "a\nb"},
            "colours": {"accent": "teal"},
            "logos": {"seller": "logo.svg"},
            "text": {"next_steps": 3, "disclaimer": ["fine", 7]},
        }
    )
    starts = [
        "selller is not a known table. Did you mean seller?",
        "name is not a known table. It belongs into [seller].",
        "seller.nmae is not a known key. Did you mean name? Keys of [seller]: name, product,",
        "seller.accent is not a known key. It belongs into [colours].",
        "logos.seller names 'logo.svg', whose content was not given.",
        'seller.phone is 5550100; it is text, in "quotes".',
        "seller.product has a line break in it; write it on one line",
        "seller.email is 'dana'; write it such as dana@example.com.",
        "colours.accent is 'teal'; write a colour in six hex digits, such as #0b5f5a.",
        'text.disclaimer.2 is 7; it is text, in "quotes".',
        "text.next_steps is 3; it is text, or a list of texts.",
    ]
    assert len(found) == len(starts)
    for start in starts:
        assert any(problem.startswith(start) for problem in found), start
    assert all("\n" not in problem for problem in found)


@pytest.mark.parametrize("wrong", [[], "x", 3, None])
def test_what_is_no_table_is_no_brand(wrong: Any) -> None:
    assert len(refused(wrong)) == 1
    assert refused({"seller": wrong})[0].startswith("seller is ")


@pytest.mark.parametrize("key", ["name", "product", "prepared_by"])
@pytest.mark.parametrize(("sign", "told"), [("\x00", "U+0000"), ("\x1b", "U+001B"), ("\u2028", "line break")])
def test_control_characters_are_refused(key: str, sign: str, told: str) -> None:
    assert told in refused({"seller": {key: f"a{sign}b"}})[0]


def test_hostile_names_are_kept_as_they_are() -> None:
    for name in ('O\'Hara & "Söhne" <b>', "😀 👩\u200d👩", "עמותת שחר", "x" * 100):
        assert parse_brand({"seller": {"name": name}}).seller == name
    assert refused({"seller": {"name": "x" * 101}}) == ["seller.name is 101 characters long; at most 100."]


def test_long_texts_are_refused_part_by_part() -> None:
    found = refused({"text": {"disclaimer": ["x" * 1501] + ["y"] * 6, "next_steps": ["z" * 241] + ["z"] * 8}})
    assert found == [
        "text.disclaimer has 7 parts; at most 6.",
        "text.disclaimer.1 is 1501 characters long; at most 1500.",
        "text.next_steps has 9 parts; at most 8.",
        "text.next_steps.1 is 241 characters long; at most 240.",
    ]


@pytest.mark.parametrize("email", ["dana@example.com", "d.o'hara+x@mail.example.co.uk", "dana@müller.example"])
def test_addresses_that_are_taken(email: str) -> None:
    assert parse_brand({"seller": {"email": email}}).email == email


@pytest.mark.parametrize(
    "email", ["dana", "dana@example", "a@b@c.example", "Dana <dana@example.com>", "mailto:a@b.example", "a b@c.example"]
)
def test_addresses_that_are_not(email: str) -> None:
    assert refused({"seller": {"email": email}})[0].startswith("seller.email is ")


@pytest.mark.parametrize(
    "website",
    ["https://example.com", "http://a.example/x?y=1#z", "https://sub.example.com:8443/", "https://müller.example"],
)
def test_websites_that_are_taken(website: str) -> None:
    assert parse_brand({"seller": {"website": website}}).website == website


@pytest.mark.parametrize(
    ("website", "told"),
    [
        ("example.com", "write it with its scheme: 'https://example.com'"),
        ("www.example.com/page", "'https://www.example.com/page'"),
        ("javascript:alert(1)", "it starts with https:// or http://"),
        ("ftp://example.com", "it starts with https:// or http://"),
        ("file:///etc/hosts", "it starts with https:// or http://"),
        ("mailto:dana@example.com", "it starts with https:// or http://"),
        ("https://", "write it such as https://example.com"),
        ("https://example", "write it such as"),
        ("https://user@example.com", "write it such as"),
        ("https://example.com/a b", "write it such as"),
        ("https://example.com:port", "write it such as"),
        ('https://example.com/"x', "write it such as"),
    ],
)
def test_websites_that_are_not(website: str, told: str) -> None:
    (problem,) = refused({"seller": {"website": website}})
    assert told in problem


@pytest.mark.parametrize("phone", ["+1 555 0100", "(030) 123-45 / 6", "+44 20 7946 0000 ext. 12", "555.0100 x9"])
def test_numbers_to_call(phone: str) -> None:
    assert parse_brand({"seller": {"phone": phone}}).phone == phone
    assert refused({"seller": {"phone": "call me"}}) == ["seller.phone is 'call me'; write it such as +1 555 0100."]


def test_a_colour_that_cannot_be_read_is_told_with_its_contrast_and_what_would_do() -> None:
    """By the formula of WCAG 2.2: grey #777777 has the linear value ((119/255 + 0.055) / 1.055)^2.4 = 0.1845.

    On white that is 1.05 / 0.2345 = 4.48; on our paper #fbfaf6 (0.2126 × 0.9647 + 0.7152 × 0.9560 + 0.0722 × 0.9216 =
    0.9554) it is 1.0054 / 0.2345 = 4.29. Nearest tone towards black: 1.0054 / 4.5 - 0.05 = 0.1734, which is #737373.
    """
    assert refused({"colours": {"accent": "#777"}}) == [
        "colours.accent is #777777, which has a contrast of 4.28 to 1 on paper, enough for marks but not for text "
        "(text needs 4.5, marks 3.0); write #737373, the nearest tone that has it."
    ]
    assert parse_brand({"colours": {"accent": "#737373"}}).accent == "#737373"


@given(number=st.integers(0, 0xFFFFFF))
def test_a_colour_is_taken_or_another_is_named_that_is(number: int) -> None:
    colour, light = f"#{number:06x}", load_tokens().light
    enough = min(contrast(colour, light["paper"]), contrast(colour, light["surface"])) >= 4.5
    if enough:
        assert parse_brand({"colours": {"accent": colour}}).accent == colour
    else:
        (problem,) = refused({"colours": {"accent": colour}})
        better = problem.partition("; write ")[2].partition(",")[0]
        assert parse_brand({"colours": {"accent": better}}).accent == better


def test_a_plain_brand_has_our_colours() -> None:
    palette, light = Brand().palette(), load_tokens().light
    assert {role: palette[role] for role in light} == dict(light)
    assert (palette["brand"], palette["on_brand"], palette["brand_edge"]) == (
        light["kept"],
        light["on_kept"],
        light["kept"],
    )
    assert Brand().notes == ()


@given(number=st.integers(0, 0xFFFFFF))
def test_paper_can_be_read_in_any_brand(number: int) -> None:
    brand, light = Brand(accent=f"#{number:06x}"), load_tokens().light
    palette = brand.palette()
    assert palette.keys() == Brand().palette().keys()
    pairs = (
        ("kept", "paper"), ("kept", "surface"), ("focus", "paper"), ("brand_edge", "paper"),
        ("on_brand", "brand"), ("on_kept", "kept"), ("ink", "band_inner"), ("ink", "band_outer"),
    )  # fmt: skip
    for text, behind in pairs:
        assert contrast(palette[text], palette[behind]) >= 4.5, text
    assert contrast(palette["uncertainty"], palette["paper"]) >= 3.0
    assert contrast(palette["kept"], palette["band_inner"]) >= 3.0
    for role in ("lost", "cost", "ink", "paper", "own_paper", "warning"):
        assert palette[role] == light[role]


@pytest.mark.parametrize(
    ("accent", "told"),
    [
        ("#b0512f", "close to the clay of what is lost (#b0512f). It is"),
        ("#6b6b1f", "close to the clay of what is lost (#b0512f) to eyes with protanopia"),
        ("#566779", "close to the slate of costs (#566779)"),
    ],
)
def test_a_colour_that_means_something_else_here_is_noted_and_what_happens(accent: str, told: str) -> None:
    """Clay and slate are our own tones; olive is what clay becomes without red cones."""
    brand = parse_brand({"colours": {"accent": accent}})
    (note,) = brand.notes
    assert told in note
    assert "stay in our teal" in note
    assert brand.palette()["kept"] == load_tokens().light["kept"]
    assert brand.palette()["brand"] == accent


def test_a_colour_of_its_own_is_used_throughout_without_a_note() -> None:
    brand = read_brand(EXAMPLE)
    assert brand.notes == ()
    assert brand.palette()["kept"] == brand.palette()["brand"] == "#1f4e9c"


def test_the_attachment_is_plain_data_and_gives_the_texts_back() -> None:
    brand = read_brand(EXAMPLE)
    data = brand.attachment()
    text = json.dumps(data)
    assert data["seller"]["name"] == "Alliance Analytics"
    assert brand.seller_logo is not None
    assert data["logos"]["seller"] == brand.seller_logo.fingerprint
    assert len(text) < 3_000  # no picture in it
    back = Brand.from_attachment(json.loads(text))
    assert (back.seller, back.disclaimer, back.next_steps) == (brand.seller, brand.disclaimer, brand.next_steps)
    assert back.logos == {}
    assert back.attachment() == {key: table for key, table in data.items() if key != "logos"}
    assert Brand.from_attachment(Brand().attachment()) == Brand()


@pytest.mark.parametrize("hostile", [{}, [], {"schema": "x"}, {"schema": "rapport.brand/1", "seller": {"name": 3}}])
def test_an_attachment_of_somebody_else_is_refused(hostile: Any) -> None:
    with pytest.raises(InputError):
        Brand.from_attachment(hostile)


def test_logos_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "ours.svg").write_bytes(SQUARE)
    file = tmp_path / "BRAND.toml"
    file.write_text('[logos]\nseller = "art/ours.svg"\n', encoding="utf-8-sig")
    logo = read_brand(file).seller_logo
    assert logo is not None
    assert logo.data == SQUARE


def test_what_is_wrong_with_the_files_is_told_with_the_rest(tmp_path: Path) -> None:
    (tmp_path / "cut.png").write_bytes(PNG[:-9])
    file = tmp_path / "BRAND.toml"
    file.write_text('[seller]\nemial = "x"\n[logos]\nseller = "nowhere.svg"\nclient = "cut.png"\n')
    found = file_problems(file)
    assert len(found) == 3
    text = "\n".join(found)
    assert "seller.emial is not a known key. Did you mean email?" in text
    assert (
        "logos.seller names 'nowhere.svg': No such file or directory; write the path of a PNG, JPEG or SVG file."
        in text
    )
    assert "logos.client names 'cut.png', which is no whole PNG, JPEG, WebP or SVG file; export the logo again." in text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'[seller]\nname = "a"\nname = "b"\n', "line 3"),
        (b"[seller\n", "line 1"),
        (b"\xff\xfe[seller]", "UTF-8"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "far too long"),
        (b"#" * 200_001, "more than 200 kB"),
    ],
)
def test_a_broken_file_is_told_with_line_and_reason(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "BRAND.toml"
    file.write_bytes(content)
    (problem,) = file_problems(file)
    assert told in problem


def test_a_folder_or_nothing_is_no_brand(tmp_path: Path) -> None:
    assert file_problems(tmp_path) == ["cannot be read: Is a directory; write the path of a BRAND.toml."]
    assert "No such file or directory" in file_problems(tmp_path / "x")[0]
