"""Exact regions of parameters: as a sentence, a page, LaTeX and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType

from ..exact.numbers import text
from ..exact.planar import HalfPlane, Vector, area, corners, cut, dimension, facets, middle
from ..proof.faces import inside
from ..proof.pieces import measure
from ..proof.region import Part, Region
from .inequalities import LATEX, WORDS, combination, inequalities
from .no_problem import no_problem
from .plot import VERDICTS, picture, spoken
from .sets import FRONTIER, draw_regions
from .tables import GRID, MAX_ROWS, number, plain
from .tex import in_text

#: More sets than these are counted, not written out.
WRITTEN = 6
#: Of more sets it is not looked for fewer with the same union.
WIDENED = 40
#: What is said of points and lines on which no mechanism exists, though one does beside them.
WITHOUT = "impossible there alone"
#: The height of the picture of one parameter, which has none.
FLAT = Fraction(1)


def merged(polygons: Sequence[tuple[Vector, ...]]) -> list[tuple[Vector, ...]]:
    """Sets that lie in another left out; intervals that touch, and areas that make up a convex one, joined."""
    if all(p[1] == 0 for polygon in polygons for p in polygon):
        joined: list[tuple[Vector, ...]] = []
        for low, high in sorted((min(p), max(p)) for p in polygons):
            if joined and low <= joined[-1][-1]:
                joined[-1] = (joined[-1][0], max(high, joined[-1][-1]))
            else:
                joined.append((low, high))
        return [tuple(dict.fromkeys(ends)) for ends in joined]
    out: list[tuple[Vector, ...]] = []
    for polygon in sorted(polygons, key=len, reverse=True):
        if not any(all(inside(p, other) for p in polygon) for other in out):
            out.append(polygon)
    return _joined(out)


def _joined(polygons: list[tuple[Vector, ...]]) -> list[tuple[Vector, ...]]:
    """Areas without common points inside, two of them joined while they make up a convex one."""
    for k, one in enumerate(polygons):
        for other in polygons[:k]:
            hull = tuple(corners([*one, *other]))
            if min(dimension(one), dimension(other)) == 2 and area(hull) == area(one) + area(other):
                return _joined([hull, *(p for p in polygons if p not in (one, other))])
    return polygons


def widened(polygons: Sequence[tuple[Vector, ...]], box: Sequence[Vector]) -> list[tuple[Vector, ...]]:
    """The same union, of areas that have no common points inside, by fewer sets with fewer borders: each area gives up a border
    where it stays in the union without it.  Of very many as they are."""
    areas = sorted((p for p in polygons if dimension(p) == 2), key=area, reverse=True)
    if not 1 < len(areas) <= WIDENED:
        return list(polygons)
    out: list[tuple[Vector, ...]] = []
    for own in areas:
        if _in_one(own, out):
            continue
        sides = facets(own)
        for side in list(sides):
            rest = [other for other in sides if other != side]
            wider = _clipped(box, rest)
            if sum(area(_clipped(wider, facets(p))) for p in areas) == area(wider):
                sides = rest
        own = tuple(_clipped(box, sides))
        out = [own, *(p for p in out if not _in_one(p, [own]))]
    return out[::-1] + [p for p in polygons if dimension(p) < 2 and not _in_one(p, out)]


def _clipped(polygon: Sequence[Vector], sides: Sequence[HalfPlane]) -> list[Vector]:
    left = list(polygon)
    for normal, bound in sides:
        left = cut(left, normal, bound)
    return left


def _in_one(polygon: Sequence[Vector], others: Sequence[tuple[Vector, ...]]) -> bool:
    return any(all(inside(p, other) for p in polygon) for other in others)


def _union(region: Region, polygons: Sequence[tuple[Vector, ...]], signs: dict[str, str]) -> str:
    box, names = region.family.corners, region.family.names
    said = [inequalities(p, names, box, signs) for p in polygons]
    if len(said) > 1:
        said = [f"({s})" if signs["and"] in s else s for s in said]
    return signs["or"].join(said)


def _left_out(region: Region) -> list[tuple[Vector, ...]]:
    """Segments and points on which no mechanism exists, though one does all around."""
    size, possible = len(region.family.over), [p for part in region.parts for p in part.polygons("possible")]
    found = [p for part in region.parts if part.face.dimension == size for p in part.polygons("impossible")]
    beside = [p for p in found if dimension(p) < size]
    return merged(
        [p for p in beside if any(all(inside(c, other) for c in p) for other in possible if other != p)]
    )


def _total(polygons: Sequence[tuple[Vector, ...]]) -> Fraction:
    return sum(map(measure, polygons), Fraction(0))


def sentence(region: Region, signs: dict[str, str] = WORDS) -> str:
    """What is proved, for every point of the box: ``possible iff B <= a, or a = 0``."""
    size = "area" if len(region.family.over) == 2 else "length"
    by = {
        s: [p for part in region.parts for p in part.polygons(s)]
        for s in ("possible", "impossible", "undecided")
    }
    math = "" if signs is WORDS else "$"
    if region.exact and len(sets := widened(merged(by["possible"]), region.family.corners)) <= WRITTEN:
        if not sets:
            return "impossible everywhere"
        said = _union(region, sets, signs)
        without = [
            inequalities(p, region.family.names, region.family.corners, signs) for p in _left_out(region)
        ]
        if without and not said and not any(signs["and"] in w for w in without):
            said, without = signs["and"].join(w.replace("=", signs["!="]) for w in without), []
        beyond = f", except where {math}{signs['or'].join(without)}{math}" if without else ""
        return (f"possible iff {math}{said}{math}" if said else "possible everywhere") + beyond
    own = len(region.family.over)
    parts = {s: [p for p in ps if len(p) > own] for s, ps in by.items()}
    whole = measure(region.family.corners)
    counts = ", ".join(f"{s} on {number(_total(ps))}" for s, ps in parts.items() if ps)
    return f"of the {size} {text(whole)}: {counts}"


def ranges(region: Region) -> str:
    """``a from 0 to 2, B from 0 to 2``."""
    return ", ".join(f"{r.name} from {text(r.low)} to {text(r.high)}" for r in region.family.over)


def region_page(region: Region) -> RenderableType:
    """The sentence; then each part with the multipliers of its cuts and the corners that mechanisms serve."""
    lines: list[RenderableType] = [
        plain(region.title, "bold"),
        plain(f"  {ranges(region)}: {sentence(region)}"),
        plain(f"  proved at every point. {GRID}" if region.exact else f"  {_open(region)}. {GRID}", "dim"),
    ]
    for part in region.parts:
        lines += _part(region, part)
    return Group(*lines)


def _open(region: Region) -> str:
    if region.undecided:
        left = f"undecided: {number(region.undecided)} of {text(measure(region.family.corners))}"
        if why := no_problem(region.family):
            return f"{left}; {why}"
        left += "; more --pieces leave less"
        return f"{left}, `mechlp threshold` finds exact ends" if len(region.family.over) == 1 else left
    return "undecided on borders only"


def _part(region: Region, part: Part) -> Iterator[RenderableType]:
    family = region.family
    where = " - ".join(f"({', '.join(map(text, p[: len(family.over)]))})" for p in part.face.corners)
    if part.pieces:
        counts = {s: len(part.polygons(s)) for s in ("possible", "impossible", "undecided")}
        said = ", ".join(f"{n} {s}" for s, n in counts.items() if n)
        yield plain(
            f"{where}: {said} ({len(part.pieces)} pieces)" if len(part.pieces) > 1 else f"{where}: {said}"
        )
        return
    if not part.mechanisms and not part.cuts:
        yield plain(f"{where}: possible, as beside it")
        return
    yield plain(f"{where}, one rule:")
    if part.corners:
        served = ", ".join(f"({', '.join(map(text, p[: len(family.over)]))})" for p in part.corners)
        yield plain(f"  a mechanism at each of {served}, and so at every point between them")
    design = family.at(middle(part.face.corners))
    if part.cuts and (said := _named(region, part)):
        yield plain(f"  ({said})", "dim")
    for (constant, normal), y in zip(part.lines, part.cuts, strict=True):
        yield plain(
            f"  none where {combination(constant, normal, family.names)} < 0, which these multipliers add up to:"
        )
        entries = list(y.rows(design))
        for entry in entries[:MAX_ROWS]:
            yield plain(f"    {text(entry.value):>8}  {entry.name(design)}")
        if len(entries) > MAX_ROWS:
            yield plain(f"    ... {len(entries) - MAX_ROWS} more in the saved answer")


def _named(region: Region, part: Part) -> str:
    """At which point types have the names that proofs use, where their names depend on the parameters."""
    at, other = (region.family.at(p) for p in (middle(part.face.corners), part.face.corners[0]))
    moving = any(
        a.types != b.types for a, b in zip(at.environment.agents, other.environment.agents, strict=True)
    )
    return f"types are named as at {region.family.place(middle(part.face.corners))}" if moving else ""


def region_latex(region: Region) -> str:
    """A proposition, and its proof by multipliers."""
    family = region.family
    box = r",\ ".join(
        rf"{_number(r.low)} \le {combination(Fraction(0), (Fraction(1), Fraction(0)), [r.name], LATEX)} \le {_number(r.high)}"
        for r in family.over
    )
    said = sentence(region, LATEX)
    claim = {
        "impossible everywhere": "no mechanism exists",
        "possible everywhere": "a mechanism exists",
    }.get(said, said.replace("possible iff", "a mechanism exists if and only if"))
    lines = [
        r"\begin{proposition}",
        f"For ${box}$: {claim}.",
        r"\end{proposition}",
        r"\begin{proof}",
    ]
    for part in region.parts:
        if part.corners:
            at = ", ".join(f"$({', '.join(map(_number, p[: len(family.over)]))})$" for p in part.corners)
            lines.append(
                rf"Mechanisms exist at {at}; the allocation is the same, and transfers are averaged between them."
            )
        design = family.at(middle(part.face.corners))
        if part.cuts and (named := _named(region, part)):
            lines.append(f"Below, {named}.")
        for (constant, normal), y in zip(part.lines, part.cuts, strict=True):
            rows = [rf"{_number(e.value)} & \text{{{in_text(e.name(design))}}} \\" for e in y.rows(design)]
            lines += [
                "The requirements, with these multipliers, add up to",
                rf"\[ {combination(constant, normal, family.names, LATEX)} \ge 0. \]",
                r"\[ \begin{array}{rl}",
                *rows,
                r"\end{array} \]",
            ]
        if part.pieces:
            count = len(part.pieces)
            said = "One piece is" if count == 1 else f"{count} pieces are"
            lines.append(f"{said} decided in the certificate.")
    return "\n".join([*lines, r"\end{proof}"])


def _number(value: Fraction) -> str:
    return combination(value, (Fraction(0), Fraction(0)), [], LATEX)


@picture("region", "where a mechanism exists over one or two parameters, with exact borders", Region)
def draw_region(canvas: Any, region: Region) -> str:
    """The region with its exact borders."""
    flat = len(region.family.over) == 1
    size = len(region.family.over)
    polygons = {s: [] for s in ("impossible", "possible", "undecided")}  # type: dict[str, list[tuple[Vector, ...]]]
    for part in region.parts:
        for s, own in polygons.items():  # what is said of lines beside areas is drawn by itself
            own += [p for p in part.polygons(s) if dimension(p) == size or part.face.dimension < size]
    polygons[WITHOUT] = _left_out(region)
    shown = {s: [_tall(p) if flat else p for p in own] for s, own in polygons.items() if own}
    axes, labels = (
        canvas.subplots(),
        (spoken(region.family.names[0]), "" if flat else spoken(region.family.names[1])),
    )
    looks = {**VERDICTS, WITHOUT: (FRONTIER, "")}
    colours, hatches = ({s: look[k] for s, look in looks.items()} for k in (0, 1))
    draw_regions(axes, shown, labels, ({}, {}), colours, hatches)
    if flat:
        axes.set_yticks([])
        canvas.set_size_inches(6.4, 2.6)
    return f"{region.title}: {sentence(region)}"


def _tall(interval: Sequence[Vector]) -> tuple[Vector, ...]:
    return tuple((x, y) for x, _ in interval for y in (Fraction(0), FLAT))


__all__ = ["merged", "region_latex", "region_page", "sentence", "widened"]
