"""The array types of the model: one row a draw; shape (1,) where a number is the same in every draw."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
