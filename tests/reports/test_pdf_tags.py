"""What a proposal tells software that reads it aloud: PDF/UA-1 as far as its structure can be read."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest

from assumptions import Library
from calculator.language import ENGLISH, Language, speaking
from reports import build_proposal
from reports.brand import read_brand
from tests.reports.pdf_tree import CELLS, NAMESPACES, Node, annotations, attribute, content, letters, owners, tree

BRAND = read_brand(Path(__file__).parents[2] / "examples" / "brand" / "BRAND.toml")  # with two logos
DOCUMENTS: dict[str, tuple[str, Language, dict[str, Any]]] = {
    "full": ("paying", ENGLISH, {}),
    "full Letter": (
        "losing",
        ENGLISH,
        {"page_size": "Letter", "prepared_for": "عيادة الأمل", "brand": BRAND, "prepared_by": "Tom 😀"},
    ),
    "short": ("paying", ENGLISH, {"form": "short"}),
    "short Letter": ("losing", Language("es", "MX"), {"form": "short", "page_size": "Letter"}),
}
CONTENT_OF_LISTS = {"L": {"LI"}, "LI": {"Lbl", "LBody"}, "Table": {"TR"}, "TR": set(CELLS)}
INSIDE_TEXT = {"Link", "Span"}  # what may stand within a line
TEXT = {"P", "H1", "H2", "H3", "Lbl", "LBody", *CELLS}


@pytest.fixture(scope="module", params=DOCUMENTS)
def pdf(request: pytest.FixtureRequest, library: Library) -> Iterator[pikepdf.Pdf]:
    of, language, options = DOCUMENTS[request.param]
    with speaking(language):
        data = build_proposal(request.getfixturevalue(of), library, **options)
    with pikepdf.open(io.BytesIO(data)) as opened:
        opened.language = language.tag
        yield opened


@pytest.fixture
def elements(pdf: pikepdf.Pdf) -> list[Node]:
    return list(tree(pdf).walk())


def test_the_document_says_what_it_is(pdf: pikepdf.Pdf) -> None:
    root = pdf.Root
    assert root.MarkInfo.Marked is True
    assert root.ViewerPreferences.DisplayDocTitle is True
    assert str(root.Lang) == pdf.language
    packet = ElementTree.fromstring(root.Metadata.read_bytes())  # noqa: S314 - our own output
    assert packet.findtext(".//pdfuaid:part", None, NAMESPACES) == "1"
    assert packet.findtext(".//dc:title//rdf:li", None, NAMESPACES) == str(pdf.docinfo["/Title"])
    assert packet.findtext(".//dc:creator//rdf:li", None, NAMESPACES) == str(pdf.docinfo["/Author"])
    assert packet.findtext(".//dc:language//rdf:li", None, NAMESPACES) == pdf.language


def test_all_that_is_painted_is_text_or_said_not_to_be(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        found = content(page)
        assert found.faults == []
        assert found.painted >= 3
        assert found.marks == list(range(len(found.marks))), "marks are numbered from 0, each once"
        for name, form in page.Resources.get("/XObject", {}).items():
            assert "/StructParents" not in form, name


def test_marks_and_elements_know_each_other(pdf: pikepdf.Pdf, elements: list[Node]) -> None:
    stored, seen = owners(pdf), Counter()
    held = {(page, mark): node for node in elements for page, mark in node.marks}
    assert sum(len(node.marks) for node in elements) == len(held), "a mark that belongs to two elements"
    for number, page in enumerate(pdf.pages):
        marked = content(page)
        seen[number] = len(marked.marks)
        assert page.StructParents == number
        assert [entry.objgen for entry in stored[number]] == [held[number, mark].entry.objgen for mark in marked.marks]
        assert [held[number, mark].kind for mark in marked.marks] == [marked.tags[mark] for mark in marked.marks]
    assert Counter(page for page, _mark in held) == seen
    links = {node.links[0].StructParent: node for node in elements if node.links}
    assert links.keys() == stored.keys() - set(range(len(pdf.pages)))
    assert all(stored[key].objgen == node.entry.objgen for key, node in links.items())


def test_the_marks_of_a_page_are_read_in_the_order_they_are_drawn(pdf: pikepdf.Pdf, elements: list[Node]) -> None:
    for number in range(len(pdf.pages)):
        order = [
            mark for node in elements for page, mark in node.marks if page == number and node.kind not in INSIDE_TEXT
        ]
        assert order == sorted(order)


def test_every_link_is_told_and_leads_somewhere(pdf: pikepdf.Pdf, elements: list[Node]) -> None:
    known = {node.links[0].objgen for node in elements if node.links}
    pages = {page.obj.objgen: page for page in pdf.pages}
    seen = set()
    for page in pdf.pages:
        assert page.Tabs == "/S"
        for note in annotations(page):
            seen.add(note.objgen)
            assert note.Subtype == "/Link"
            assert str(note.Contents).strip()
            left, low, right, high = map(float, note.Rect)
            assert 0 <= left < right <= page.mediabox[2]
            assert 0 <= low < high <= page.mediabox[3]
            if "/Dest" in note:
                aim, _kind, _left, top, _zoom = note.Dest
                assert 0 < float(top) <= float(pages[aim.objgen].mediabox[3])
            else:
                assert str(note.A.URI).partition(":")[0] in ("https", "http", "mailto")
    assert seen == known
    for node in elements:
        assert (node.kind == "Link") == bool(node.links)
        assert len(node.links) <= 1
        assert node.kind != "Link" or node.marks, "a link without its words"


def test_headings_start_at_one_and_skip_no_level(elements: list[Node]) -> None:
    levels = [int(node.kind[1:]) for node in elements if node.kind[:1] == "H"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


def test_tables_are_whole_and_their_headers_say_of_what(elements: list[Node]) -> None:
    tables = [node for node in elements if node.kind == "Table"]
    for table in tables:
        head, *rows = table.kids
        assert len(rows) >= 1
        assert len({len(row.kids) for row in table.kids}) == 1
        scopes = [[attribute(cell, "Table", "Scope") for cell in row.kids] for row in table.kids]
        assert all(
            found == ("/Column" if cell.kind == "TH" else None)
            for cell, found in zip(head.kids, scopes[0], strict=True)
        )
        for row, found in zip(rows, scopes[1:], strict=True):
            assert [cell.kind for cell in row.kids] == ["TH", *["TD"] * (len(row.kids) - 1)]
            assert found == ["/Row", *[None] * (len(row.kids) - 1)]
    for node in elements:
        above = node.parent.kind if node.parent else ""
        assert node.kind != "TR" or above == "Table"
        assert node.kind not in CELLS or above == "TR"
        assert node.kind != "TH" or node.marks or node.kids, "a header cell that says nothing"


def test_figures_are_told_in_words_and_have_a_place(pdf: pikepdf.Pdf, elements: list[Node]) -> None:
    figures = [node for node in elements if node.kind == "Figure"]
    assert len(figures) >= 2
    for node in figures:
        assert len(str(node.entry.Alt)) >= 15
        ((page, _mark),) = node.marks
        left, low, right, high = map(float, attribute(node, "Layout", "BBox"))
        assert 0 <= left < right <= float(pdf.pages[page].mediabox[2])
        assert 0 <= low < high <= float(pdf.pages[page].mediabox[3])


def test_lists_have_labels_and_bodies(elements: list[Node]) -> None:
    for node in elements:
        if node.kind == "L":
            signs = attribute(node, "List", "ListNumbering")
            assert signs in ("/Decimal", "/Disc")
            assert node.kids
        if node.kind == "LI":
            assert [kid.kind for kid in node.kids] == ["Lbl", "LBody"]


def test_elements_stand_where_they_may_and_none_is_empty(elements: list[Node]) -> None:
    """An empty cell keeps a table whole; anything else that holds nothing would only be noise."""
    for node in elements:
        below = {kid.kind for kid in node.kids}
        assert below <= CONTENT_OF_LISTS.get(node.kind, below)
        assert node.kind not in TEXT or below <= INSIDE_TEXT
        assert node.marks or node.kids or node.kind == "TD", node.kind
        assert "/K" not in node.entry or not isinstance(node.entry.K, pikepdf.Array) or len(node.entry.K)
        assert node.kind in CONTENT_OF_LISTS.keys() | TEXT | INSIDE_TEXT | {"Document", "Figure", "Sect"}


def test_typefaces_are_embedded_and_say_which_letters_they_draw(pdf: pikepdf.Pdf) -> None:
    fonts = {font.objgen: font for page in pdf.pages for font in page.Resources.Font.values()}
    assert len(fonts) >= 2
    for font in fonts.values():
        assert "/FontFile2" in font.FontDescriptor
        told = letters(font)
        assert set(map(chr, range(0x21, 0x7F))) <= set(told.values()) or len(told) < 128
        assert all(len(sign) == 1 for sign in told.values()), told


def test_bookmarks_lead_to_pages(pdf: pikepdf.Pdf) -> None:
    pages = {page.obj.objgen for page in pdf.pages}
    with pdf.open_outline() as outline:
        entries = list(outline.root)
    assert entries
    assert pdf.Root.PageMode == "/UseOutlines"
    assert pdf.Root.Outlines.Count == sum(1 + len(entry.children) for entry in entries)
    for entry in entries:
        assert entry.title.strip()
        assert entry.destination[0].objgen in pages


def test_the_attached_file_says_what_it_is_to_the_document(pdf: pikepdf.Pdf) -> None:
    name, file = pdf.Root.Names.EmbeddedFiles.Names
    assert str(name) == str(file.F) == str(file.UF) == "rapport.json"
    assert file.AFRelationship == "/Data"
    assert str(file.Desc).strip()
    assert file.EF.F.Subtype == "/application/json"
    assert file.EF.F.Params.Size == len(file.EF.F.read_bytes())


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (b"1 0 0 rg 0 0 9 9 re f", "f outside of every mark"),
        (b"/P <</MCID 0>> BDC BT EMC ET", "a stretch that begins"),
        (b"/P <</MCID 0>> BDC", "not closed"),
        (b"/Artifact BMC /P <</MCID 0>> BDC EMC EMC", "mark 0 inside of another"),
        (b"/P <</MCID 0>> BDC /Artifact BMC EMC EMC", "an artifact inside"),
        (b"EMC", "an end without a beginning"),
    ],
)
def test_the_reader_of_these_tests_sees_faults(code: bytes, fault: str) -> None:
    made = pikepdf.new()
    page = made.add_blank_page()
    page.Contents = made.make_stream(code)
    assert any(each.startswith(fault) for each in content(page).faults)
