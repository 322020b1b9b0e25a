"""The array types of the model: one row a draw; shape (1,) where a number is the same in every draw."""

from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

KEPT_BYTES = 24 * 2**20  # several arrays of a block of draws; glibc goes no higher than 32 MB


@cache
def keep_memory() -> None:
    """Have the C library keep the memory of freed arrays for the next ones, once a process.

    glibc gives each large array back to the system, which zeroes the memory of the next one page by page: a quarter
    of the time of an estimate. It goes on so until an array as large as that was freed once. Nothing is written to this
    one, so it takes no memory; where the C library is another, nothing happens.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)
