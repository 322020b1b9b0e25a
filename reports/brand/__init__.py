"""Whose proposal it is: names, logos, one colour and a few texts, checked, and made fit for paper."""

from reports.brand.brand import Brand
from reports.brand.file import read_brand
from reports.brand.logo import Logo
from reports.brand.parse import parse_brand
from reports.brand.picture import draw_logo, fitted

__all__ = ["Brand", "Logo", "draw_logo", "fitted", "parse_brand", "read_brand"]
