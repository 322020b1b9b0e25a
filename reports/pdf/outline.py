"""The outline of a document: bookmarks in two levels."""

from __future__ import annotations

from dataclasses import dataclass, field

from reports.pdf.file import text_string
from reports.pdf.sheet import Bookmark, Sheet


@dataclass
class Node:
    """A bookmark with those below it, and the number of its object."""

    mark: Bookmark | None
    number: int
    kids: list[Node] = field(default_factory=list)

    @property
    def below(self) -> int:
        """Return how many bookmarks are below it, at any depth."""
        return len(self.kids) + sum(kid.below for kid in self.kids)


def outline(sheet: Sheet) -> int:
    """Write the sheet's bookmarks and return the number of their root; 0 where there are none."""
    if not sheet.bookmarks:
        return 0
    root = Node(None, next(sheet.file.numbers))
    open_nodes = [root]
    for mark in sheet.bookmarks:
        node = Node(mark, next(sheet.file.numbers))
        del open_nodes[mark.level + 1 :]
        open_nodes[-1].kids.append(node)
        open_nodes.append(node)
    sheet.file.put(root.number, f"<<{_held(root)}>>")
    _write(root, sheet)
    return root.number


def _held(node: Node) -> str:
    if not node.kids:
        return ""
    return f"/First {node.kids[0].number} 0 R/Last {node.kids[-1].number} 0 R/Count {node.below}"


def _write(parent: Node, sheet: Sheet) -> None:
    for place, node in enumerate(parent.kids):
        if node.mark is None:
            continue
        page, y = sheet.places[node.mark.place]
        entries = [f"/Title {text_string(node.mark.title)}/Parent {parent.number} 0 R"]
        entries.append(f"/Dest [{page} 0 R /XYZ 0 {y:.2f} 0]{_held(node)}")
        if place > 0:
            entries.append(f"/Prev {parent.kids[place - 1].number} 0 R")
        if place < len(parent.kids) - 1:
            entries.append(f"/Next {parent.kids[place + 1].number} 0 R")
        sheet.file.put(node.number, f"<<{''.join(entries)}>>")
        _write(node, sheet)
