"""Convex sets in the plane: half-planes and points describe the same set."""

from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from mechlp.exact.planar import clipped, dot, facets, is_vertex, spanning

NUMBER = st.integers(-4, 4).map(F)
VECTOR = st.tuples(NUMBER, NUMBER)
RAYS = st.lists(VECTOR.filter(any), max_size=3)


def members(points, rays):
    """Some points of conv(points) + cone(rays)."""
    weights = [[F(k == j) for k in range(len(points))] for j in range(len(points))]
    weights.append([F(1, len(points))] * len(points))
    for w in weights:
        base = tuple(sum(a * p[c] for a, p in zip(w, points)) for c in (0, 1))
        yield base
        for r in rays:
            yield base[0] + 3 * r[0], base[1] + 3 * r[1]


@given(st.lists(VECTOR, min_size=1, max_size=7), RAYS)
def test_half_planes_contain_the_set_and_touch_it(points, rays):
    borders = facets(points, rays)
    for p in members(points, rays):
        assert all(dot(n, p) <= bound for n, bound in borders)
    for n, bound in borders:
        assert any(dot(n, p) == bound for p in points)


@given(st.lists(VECTOR, min_size=1, max_size=7))
def test_what_the_half_planes_leave_is_spanned_by_the_points(points):
    low, high = (F(-9), F(-9)), (F(9), F(9))
    left = clipped(facets(points), low, high)
    assert set(left) <= set(points) and {p for p in points if is_vertex(p, facets(points))} == set(left)


@given(st.lists(VECTOR, min_size=1, max_size=6), RAYS)
def test_fewer_points_span_the_same(points, rays):
    keep, keep_rays = spanning(points, rays)
    assert facets([points[k] for k in keep], [rays[k] for k in keep_rays]) == facets(points, rays)


def test_shapes():
    o, e = (F(0), F(0)), (F(1), F(0))
    assert len(facets([o])) == 4 and is_vertex(o, facets([o]))
    assert len(facets([o, e])) == 4  # a segment: its line from both sides, and its ends
    half_line = facets([o], [e])
    assert sorted(n for n, _ in half_line) == [(-1, 0), (0, -1), (0, 1)]
    assert facets([o], [e, (F(-1), F(0)), (F(0), F(1)), (F(0), F(-1))]) == []  # the plane
    strip = facets([o, (F(0), F(2))], [e, (F(-1), F(0))])
    assert strip == [((0, -1), 0), ((0, 1), 2)] and not is_vertex(o, strip)
