"""Scrambled Sobol points, one independent scramble for each input.

scipy has these too and is what the tests compare with. They are made here for two reasons: importing ``scipy.stats``
takes longer than the whole of ``rapport estimate`` may, and a library scrambles all dimensions with one stream, so that
adding an input would redraw every other. Here dimension d depends on (seed, d) alone: a small change of input gives a
small change of result.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from calculator.arrays import FloatArray
from calculator.directions import JOE_KUO

IntArray = npt.NDArray[np.uint32]

BITS = 32


def direction_numbers(dimension: int) -> IntArray:
    """Return the 32 direction numbers of one dimension of the plain Sobol sequence, as 32-bit fractions.

    Recurrence of Bratley P, Fox BL (1988), Algorithm 659, ACM Trans. Math. Softw. 14(1):88-100.

    >>> [int(v) >> 29 for v in direction_numbers(0)[:3]]
    [4, 2, 1]
    """
    if dimension == 0:
        return np.array([1 << (BITS - 1 - j) for j in range(BITS)], dtype=np.uint32)
    polynomial, start = JOE_KUO[dimension - 1]
    degree = polynomial.bit_length() - 1
    m = list(start)
    for j in range(degree, BITS):
        new = m[j - degree] ^ (m[j - degree] << degree)
        for k in range(1, degree):
            if polynomial >> (degree - k) & 1:
                new ^= m[j - k] << k
        m.append(new)
    return np.array([m[j] << (BITS - 1 - j) for j in range(BITS)], dtype=np.uint32)


@lru_cache(maxsize=1024)
def _scrambled(seed: int, dimension: int) -> tuple[IntArray, np.uint32]:
    """Return direction numbers after a random lower-triangular matrix (Matousek 1998), and a random digital shift."""
    random = np.random.default_rng([seed, dimension])
    below = random.integers(0, 2**32, size=BITS, dtype=np.uint32)
    shift = random.integers(0, 2**32, dtype=np.uint32)
    plain = direction_numbers(dimension)
    scrambled = np.zeros(BITS, dtype=np.uint32)
    for row in range(BITS):  # row 0 is the highest bit; it may depend on itself alone, row 1 on rows 0 and 1, ...
        own = np.uint32(1 << (BITS - 1 - row))
        mask = (below[row] & ~np.uint32((1 << (BITS - row)) - 1)) | own
        parity = np.bitwise_count(plain & mask).astype(np.uint32) & np.uint32(1)
        scrambled |= parity << np.uint32(BITS - 1 - row)
    return scrambled, shift


def sobol_points(seed: int, dimensions: Sequence[int], start: int, count: int) -> FloatArray:
    """Return points ``start`` to ``start + count`` of the scrambled sequence.

    Args:
        seed: Fixes the scramble; 0 is a seed like any other.
        dimensions: Which dimensions to return, each from 0 to 127.
        start: First point; a multiple of ``count`` rounded up to a power of two.
        count: How many points.

    Returns:
        Values strictly between 0 and 1, shape (len(dimensions), count).
    """
    doublings = max(count - 1, 0).bit_length()
    if start % (1 << doublings):
        raise ValueError("start must be a multiple of the block length")
    points = np.empty((len(dimensions), 1 << doublings), dtype=np.uint32)
    for row, dimension in enumerate(dimensions):
        vectors, first = _scrambled(seed, dimension)
        for bit in range(BITS):
            if start >> bit & 1:
                first = first ^ vectors[bit]
        points[row, 0] = first
        for j in range(doublings):
            np.bitwise_xor(points[row, : 1 << j], vectors[j], out=points[row, 1 << j : 2 << j])
    fractions = points[:, :count].astype(np.float64)
    fractions += 0.5
    fractions *= 2.0**-BITS
    return fractions
