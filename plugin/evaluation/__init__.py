"""How good predictions are, judged only on people the predictor has not seen."""
