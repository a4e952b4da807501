"""The rows of one family, written into an array that is already there."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
#: Rows are first written from a pattern that is this many times smaller, in runs of so many entries.
FEW, RUN = 8, 512
#: Parts up to this width are written column by column: then the inner loop runs over rows.
NARROW = 4


def varying(source: Array, rows: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """An array that broadcasts to ``rows + axes``, over the axes of rows on which it varies; the rest of its axes flat.

    The other axes of rows have length one.  Nothing is broadcast that stays as it is: many families are tiny.
    """
    source = source.reshape((1,) * (len(rows) + len(axes) - source.ndim) + source.shape)
    same = tuple(slice(0, 1) if step == 0 else slice(None) for step in source.strides[: len(rows)])
    small = source[same] if 0 in source.strides[: len(rows)] else source
    if small.shape[len(rows) :] != axes:
        small = np.broadcast_to(small, small.shape[: len(rows)] + axes)
    return small.reshape(*small.shape[: len(rows)], math.prod(axes))


def fill(target: Array, parts: Sequence[Array], write: Callable[[int, Array, Array], None]) -> None:
    """Write parts side by side into rows ``(*rows, width)``; ``write(k, cells, out)`` writes some cells of part k.

    What varies over few of the rows is put together first, once and small, as whole rows, so that the long copy runs
    over consecutive memory; the rest is written over it.
    """
    if not target.size:
        return
    stops = accumulate(p.shape[-1] for p in parts)
    places = [slice(stop - p.shape[-1], stop) for p, stop in zip(parts, stops, strict=True)]
    few = _few(parts, target.shape)
    if few:
        shape = _longer(
            tuple(max(parts[k].shape[a] for k in few) for a in range(target.ndim - 1)), target.shape
        )
        pattern = np.zeros((*shape, target.shape[-1]), target.dtype)
        for k in few:
            write(k, parts[k], pattern[..., places[k]])
        np.copyto(target, pattern)
    for k, part in enumerate(parts):
        out = target[..., places[k]]
        if k in few:
            continue
        if part.shape[-1] > NARROW:
            write(k, part, out)
            continue
        for column in range(part.shape[-1]):
            write(k, part[..., column], out[..., column])


def _few(parts: Sequence[Array], target: tuple[int, ...]) -> list[int]:
    """The parts that together vary over few rows, when they make up most of a row."""
    groups: list[tuple[tuple[int, ...], list[int]]] = []
    for k, part in enumerate(parts):
        for n, (shape, members) in enumerate(groups):
            both = tuple(map(max, shape, part.shape))
            if _small(both, target):
                groups[n] = both, [*members, k]
                break
        else:
            if _small(part.shape[:-1], target):
                groups.append((part.shape[:-1], [k]))
    covered, few = max(((sum(parts[k].shape[-1] for k in g), g) for _, g in groups), default=(0, []))
    return few if 2 * covered >= target[-1] else []


def _longer(shape: tuple[int, ...], target: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a pattern, with its last axes repeated until what is copied at a time is long."""
    run = target[-1]
    for axis in reversed(range(len(shape))):
        longer = (*shape[:axis], target[axis], *shape[axis + 1 :])
        if run >= RUN or not _small(longer, target):
            break
        shape, run = longer, run * target[axis]
    return shape


def _small(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    return math.prod(shape) * FEW <= math.prod(target[:-1])
