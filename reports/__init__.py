"""A finished result on page and paper: design tokens, charts, and the proposal as a PDF. It computes no figure."""
