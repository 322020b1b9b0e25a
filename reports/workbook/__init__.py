"""The model as a spreadsheet: live formulas over named input cells, with the engine's figures as what they last were.

The rules that hold on every sheet: a figure is a formula that leads to input cells and to nothing else; only functions
that Excel 2010 and LibreOffice both know, no macros and no array formulas; one name is one cell.
"""
