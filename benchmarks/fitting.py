"""How a figure grows with the size of the data."""

from collections.abc import Sequence
from math import log


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """The power of the size by which a figure grows: the slope of a line through the logarithms.

    1 is linear, 0 is no growth. Least squares; at least two different sizes.
    """
    xs, ys = [log(size) for size in sizes], [log(figure) for figure in figures]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    pairs = list(zip(xs, ys, strict=True))
    over = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return over / sum((x - mean_x) ** 2 for x in xs)
