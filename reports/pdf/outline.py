"""The outline of a document: bookmarks in two levels, as reportlab's own is slow to build and hard to steer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFName

from reports.pdf.file import Late, number_of
from reports.pdf.sheet import Bookmark, Sheet
from reports.pdf.tags import text_string


@dataclass
class Node:
    """A bookmark with those below it."""

    mark: Bookmark | None
    kids: list[Node] = field(default_factory=list)
    reference: Any = None


def outline(sheet: Sheet) -> None:
    """Hang the sheet's bookmarks into the document's catalogue and let readers show them."""
    root = Node(None)
    open_nodes = [root]
    for mark in sheet.bookmarks:
        node = Node(mark)
        del open_nodes[mark.level + 1 :]
        open_nodes[-1].kids.append(node)
        open_nodes.append(node)
    catalogue = sheet.canvas._doc.Catalog
    if not root.kids:
        catalogue.Outlines = None
        return
    _register(root, None, sheet)
    catalogue.Outlines = root.reference
    catalogue.PageMode = PDFName("UseOutlines")


def _register(node: Node, parent: Node | None, sheet: Sheet) -> None:
    document = sheet.canvas._doc

    def text() -> str:
        entries = []
        if node.kids:
            first, last = (number_of(document, kid.reference) for kid in (node.kids[0], node.kids[-1]))
            entries.append(f"/First {first} 0 R/Last {last} 0 R/Count {len(node.kids)}")
        if node.mark and parent:
            place = parent.kids.index(node)
            page, y = sheet.places[node.mark.place]
            entries.append(f"/Title {text_string(node.mark.title)}/Parent {number_of(document, parent.reference)} 0 R")
            entries.append(f"/Dest [{sheet.page_number(page)} 0 R /XYZ 0 {y:.2f} 0]")
            if place > 0:
                entries.append(f"/Prev {number_of(document, parent.kids[place - 1].reference)} 0 R")
            if place < len(parent.kids) - 1:
                entries.append(f"/Next {number_of(document, parent.kids[place + 1].reference)} 0 R")
        else:
            total = len(node.kids) + sum(len(kid.kids) for kid in node.kids)
            entries[0] = entries[0].replace(f"/Count {len(node.kids)}", f"/Count {total}")
        return f"<<{''.join(entries)}>>"

    node.reference = document.Reference(Late(text))
    for kid in node.kids:
        _register(kid, node, sheet)
