"""The structure tree of a tagged PDF: what each piece of a page is, in reading order (ISO 32000-1, 14.7 and 14.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from reports.pdf.file import File


@dataclass(eq=False, slots=True)
class Element:
    """A node of the tree: a standard structure type, what else is said of it, and what it holds in reading order.

    ``extra`` is written into the element's dictionary as it is, such as ``/Alt (…)`` or ``/A <</O /Table …>>``. Numbers
    are those of objects; ``page`` is the page of its first content, ``kids`` what it holds as it is written.
    """

    kind: str
    tree: Tree
    number: int
    parent: int
    extra: str = ""
    page: int = 0
    kids: list[str] = field(default_factory=list)

    def add(self, kind: str, extra: str = "") -> Element:
        """Return a new element at the end of this one."""
        tree = self.tree
        number = next(tree.numbers)
        self.kids.append(f"{number} 0 R")
        made = Element(kind, tree, number, self.number, extra)
        tree.elements.append(made)
        return made


class Tree:
    """The tree of a document, and the other way round: whose each mark of a page and each link is."""

    def __init__(self, numbers: Iterator[int] | None = None) -> None:
        self.numbers = numbers or count(1)
        self.number = next(self.numbers)
        self.root = Element("Document", self, next(self.numbers), self.number)
        self.elements = [self.root]
        self.pages: list[int] = []
        self.marks: list[list[int]] = []  # numbers of elements, by page, by mark
        self.links: list[int] = []

    def open(self, page: int) -> None:
        """Start a page, given the number of its object; marks come on it from now on."""
        self.pages.append(page)
        self.marks.append([])

    def mark(self, element: Element) -> int:
        """Return the number of a new mark on the open page for an element's content."""
        owners, page = self.marks[-1], self.pages[-1]
        mark = len(owners)
        owners.append(element.number)
        if not element.page:
            element.page = page
        element.kids.append(str(mark) if element.page == page else f"<</Type/MCR/Pg {page} 0 R/MCID {mark}>>")
        return mark

    def link(self, element: Element, note: int) -> int:
        """Let a link's annotation on the open page belong to an element, and return its place among all links."""
        self.links.append(element.number)
        element.kids.append(f"<</Type/OBJR/Pg {self.pages[-1]} 0 R/Obj {note} 0 R>>")
        return len(self.links) - 1

    def write(self, file: File) -> None:
        """Write the tree and its elements, which are then let go: they and the tree hold each other."""
        for each in self.elements:
            page = f"/Pg {each.page} 0 R" if each.page else ""
            held = f"/K [{' '.join(each.kids)}]" if each.kids else ""  # an empty cell holds nothing
            file.put(each.number, f"<</S/{each.kind}/P {each.parent} 0 R{page}{each.extra}{held}>>")
        nums = [f"{page} [{' '.join([f'{owner} 0 R' for owner in owners])}]" for page, owners in enumerate(self.marks)]
        nums += [f"{len(self.pages) + place} {owner} 0 R" for place, owner in enumerate(self.links)]
        file.put(
            self.number,
            f"<</Type/StructTreeRoot/K {self.root.number} 0 R/ParentTree <</Nums [{' '.join(nums)}]>>"
            f"/ParentTreeNextKey {len(self.pages) + len(self.links)}>>",
        )
        self.elements.clear()
