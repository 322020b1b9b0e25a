"""The structure tree of a tagged PDF: what each piece of a page is, in reading order (ISO 32000-1, 14.7 and 14.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(eq=False, slots=True)
class Content:
    """A marked stretch of a page's content: the page's number from 0 and the mark's number on it."""

    page: int
    mark: int


@dataclass(eq=False, slots=True)
class Clickable:
    """A link's place on a page, as its number among all links of the document."""

    page: int
    link: int


@dataclass(eq=False, slots=True)
class Element:
    """A node of the tree: a standard structure type, what else is said of it, and what it holds in reading order.

    ``extra`` is written into the element's dictionary as it is, such as ``/Alt (…)`` or ``/A <</O /Table …>>``.
    """

    kind: str
    parent: Element | None = None
    extra: str = ""
    kids: list[Kid] = field(default_factory=list)

    def add(self, kind: str, extra: str = "") -> Element:
        """Return a new element at the end of this one."""
        made = Element(kind, self, extra)
        self.kids.append(made)
        return made

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, parents first."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.walk()


Kid: TypeAlias = Element | Content | Clickable


@dataclass(eq=False, slots=True)
class Tree:
    """The tree of a document, and the other way round: whose each mark of a page and each link is."""

    root: Element = field(default_factory=lambda: Element("Document"))
    marks: list[list[Element]] = field(default_factory=list)  # by page, by mark
    links: list[Element] = field(default_factory=list)

    def mark(self, element: Element, page: int) -> int:
        """Return the number of a new mark on a page for an element's content."""
        owners = self.marks[page]
        owners.append(element)
        element.kids.append(Content(page, len(owners) - 1))
        return len(owners) - 1

    def link(self, element: Element, page: int) -> int:
        """Return the number of a new link that belongs to an element."""
        self.links.append(element)
        element.kids.append(Clickable(page, len(self.links) - 1))
        return len(self.links) - 1

    def written(self, first: int, root: int, pages: list[int], links: list[int]) -> tuple[bytes, list[bytes]]:
        """Return the tree's root and its elements as PDF objects.

        Args:
            first: the object number of the first element; the others follow.
            root: the object number of the root.
            pages: object numbers of the pages.
            links: object numbers of the link annotations.
        """
        elements = list(self.root.walk())
        numbers = {id(element): first + place for place, element in enumerate(elements)}
        objects = [_element(element, numbers, root, pages, links) for element in elements]
        nums = [
            f"{page} [{' '.join(f'{numbers[id(owner)]} 0 R' for owner in owners)}]"
            for page, owners in enumerate(self.marks)
        ]
        nums += [f"{len(pages) + place} {numbers[id(owner)]} 0 R" for place, owner in enumerate(self.links)]
        text = (
            f"<</Type/StructTreeRoot/K {first} 0 R/ParentTree <</Nums [{' '.join(nums)}]>>"
            f"/ParentTreeNextKey {len(pages) + len(self.links)}>>"
        )
        return text.encode("latin-1"), objects


def _element(element: Element, numbers: dict[int, int], root: int, pages: list[int], links: list[int]) -> bytes:
    parent = root if element.parent is None else numbers[id(element.parent)]
    home = next((kid.page for kid in element.kids if isinstance(kid, Content)), None)
    kids = []
    for kid in element.kids:
        if isinstance(kid, Element):
            kids.append(f"{numbers[id(kid)]} 0 R")
        elif isinstance(kid, Clickable):
            kids.append(f"<</Type/OBJR/Pg {pages[kid.page]} 0 R/Obj {links[kid.link]} 0 R>>")
        elif kid.page == home:
            kids.append(str(kid.mark))
        else:
            kids.append(f"<</Type/MCR/Pg {pages[kid.page]} 0 R/MCID {kid.mark}>>")
    page = "" if home is None else f"/Pg {pages[home]} 0 R"
    held = f"/K [{' '.join(kids)}]" if kids else ""  # an empty cell holds nothing
    return f"<</S/{element.kind}/P {parent} 0 R{page}{element.extra}{held}>>".encode("latin-1")


def text_string(text: str) -> str:
    r"""Return text as a PDF string of any letters, for attributes.

    >>> text_string("Zoë")
    '<FEFF005A006F00EB>'
    """
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"
