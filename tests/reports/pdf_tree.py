"""What a tagged PDF holds, read by pikepdf alone: the tree of its elements, and the marks on its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

PAINTING = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "BI", "INLINE IMAGE"}
CELLS = ("TH", "TD")
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "pdfuaid": "http://www.aiim.org/pdfua/ns/id/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


@dataclass
class Node:
    """An element: its type, its dictionary, the elements below it, its marks as (page, number), and its links."""

    kind: str
    entry: Any
    parent: Node | None
    kids: list[Node] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    links: list[Any] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        yield self
        for kid in self.kids:
            yield from kid.walk()


@dataclass
class Stretch:
    """A marked stretch of a page's content, the stretches inside it left out."""

    tag: str
    mark: int | None
    artifact: bool


@dataclass
class Page:
    """What is marked on a page, and what is wrong with it."""

    marks: list[int] = field(default_factory=list)
    tags: dict[int, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    painted: int = 0


def tree(pdf: pikepdf.Pdf) -> Node:
    """Return the tree below the root."""
    pages = {page.objgen: number for number, page in enumerate(each.obj for each in pdf.pages)}
    root = pdf.Root.StructTreeRoot
    assert root.Type == "/StructTreeRoot"
    (top,) = _listed(root.K)
    return _node(top, None, pages)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def _node(entry: Any, parent: Node | None, pages: dict[tuple[int, int], int]) -> Node:
    made = Node(str(entry.S)[1:], entry, parent)
    for kid in _listed(entry.K) if "/K" in entry else []:
        if isinstance(kid, int):
            made.marks.append((pages[entry.Pg.objgen], kid))
        elif "/MCID" in kid:
            made.marks.append((pages[kid.Pg.objgen], int(kid.MCID)))
        elif kid.get("/Type") == "/OBJR":
            made.links.append(kid.Obj)
            assert kid.Obj.objgen in {note.objgen for note in annotations(kid.Pg)}, "a link on another page"
        else:
            assert kid.P.objgen == entry.objgen, "a kid that knows another parent"
            made.kids.append(_node(kid, made, pages))
    return made


def annotations(page: Any) -> list[Any]:
    """Return a page's annotations."""
    return list(page.get("/Annots", []))


def content(page: pikepdf.Page) -> Page:
    """Return the marks of a page, and a fault for what is painted outside of them or marked wrongly."""
    found, stack, in_text = Page(), [], False
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BMC", "BDC"):
            tag, given = str(operands[0])[1:], operands[1] if name == "BDC" else {}
            mark = int(given["/MCID"]) if "/MCID" in given else None
            inside = [each for each, _text in stack]
            if mark is not None:
                if any(each.mark is not None or each.artifact for each in inside):
                    found.faults.append(f"mark {mark} inside of another stretch")
                found.marks.append(mark)
                found.tags[mark] = tag
            if tag == "Artifact" and any(each.mark is not None for each in inside):
                found.faults.append("an artifact inside of the text")
            stack.append((Stretch(tag, mark, tag == "Artifact"), in_text))
        elif name == "EMC":
            if not stack:
                found.faults.append("an end without a beginning")
            elif stack.pop()[1] != in_text:
                found.faults.append("a stretch that begins inside of a text object and ends outside, or the reverse")
        elif name in ("BT", "ET"):
            if in_text != (name == "ET"):
                found.faults.append(f"{name} in the wrong place")
            in_text = name == "BT"
        elif name in PAINTING:
            found.painted += 1
            if not any(each.mark is not None or each.artifact for each, _text in stack):
                found.faults.append(f"{name} outside of every mark")
    if stack or in_text:
        found.faults.append("not closed at the end of the page")
    return found


def owners(pdf: pikepdf.Pdf) -> dict[int, Any]:
    """Return the parent tree as it is stored: for a page its elements by mark, for a link its element."""
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    keys = [int(key) for key in numbers[::2]]
    assert keys == sorted(set(keys)), "keys of the parent tree are out of order"
    assert int(pdf.Root.StructTreeRoot.ParentTreeNextKey) > max(keys)
    return dict(zip(keys, numbers[1::2], strict=True))


def attribute(node: Node, owner: str, key: str) -> Any:
    """Return an attribute of an element, or None."""
    for each in _listed(node.entry.get("/A", pikepdf.Array())):
        if str(each.O) == f"/{owner}" and f"/{key}" in each:
            return each[f"/{key}"]
    return None


def said(page: pikepdf.Page) -> str:
    """Return what software reads aloud from a page: its marked text, told by the writer where that differs."""
    fonts = {name: letters(font) for name, font in page.Resources.Font.items()}
    text: list[str] = []
    stack: list[str | None] = []
    font: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BMC", "BDC"):
            told = operands[1].get("/ActualText") if name == "BDC" else None
            hidden = stack and stack[-1] == ""
            stack.append("" if hidden or str(operands[0]) == "/Artifact" or told is not None else None)
            text += [" "] if name == "BDC" and "/MCID" in operands[1] else []
            text += [str(told)] if told is not None and not hidden else []
        elif name == "EMC":
            stack.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name == "Tj" and stack and stack[-1] is None:
            text.append("".join(font[code] for code in bytes(operands[0])))
    return "".join(text)


def letters(font: Any) -> dict[int, str]:
    """Return the letters that a font's codes draw, as its ToUnicode says; reportlab writes one line a code."""
    lines = re.findall(
        rb"(?m)^<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>$", font.ToUnicode.read_bytes().partition(b"beginbfchar")[2]
    )
    return {int(code, 16): bytes.fromhex(to.decode()).decode("utf-16-be") for code, to in lines}
