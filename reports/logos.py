"""The logos at the head of a page: the seller's to the left, the client's to the right."""

from __future__ import annotations

from calculator.language import gettext as _
from reports.brand import Brand, draw_logo
from reports.brand.logo import Logo
from reports.pdf.blocks import Whole
from reports.pdf.file import text_string
from reports.pdf.sheet import Sheet
from reports.pdf.tags import Element
from reports.theme import STEP

WIDE, HIGH = 150.0, 48.0  # points, at most


class Logos(Whole):
    """One line for both; it takes its room also where there are none, so that texts stand where they stand."""

    after = 2 * STEP

    def __init__(self, brand: Brand) -> None:
        self.brand = brand

    def height(self, width: float) -> float:
        """Return how high it is."""
        return HIGH

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw those there are."""
        for logo, name, right in (
            (self.brand.seller_logo, self.brand.seller, False),
            (self.brand.client_logo, _("the client"), True),
        ):
            if logo is not None:
                self._one(sheet, logo, name, x, top, width if right else 0.0, parent)

    def _one(self, sheet: Sheet, logo: Logo, name: str, x: float, top: float, width: float, parent: Element) -> None:
        element = parent.add("Figure")
        bottom = sheet.high - top - HIGH
        with sheet.tagged(element):
            left = x + width - WIDE if width else x
            wide, high = draw_logo(sheet, logo, left, bottom, WIDE, HIGH)
        box = f"{left:.2f} {bottom:.2f} {left + wide:.2f} {bottom + high:.2f}"
        alt = text_string(_("Logo of %(name)s", name=name or _("the seller")))
        element.extra = f"/Alt {alt}/A <</O /Layout /Placement /Block /BBox [{box}]>>"
