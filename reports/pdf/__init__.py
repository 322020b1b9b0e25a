"""Tagged PDF on reportlab's fonts, pictures and pages: text, tables and figures that software can read too."""
