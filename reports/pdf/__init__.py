"""Tagged PDF, written by hand but for the subsets of typefaces: what is drawn can be read by software too."""
