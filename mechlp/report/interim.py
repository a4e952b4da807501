"""Pages about interim payoffs: the frontier seen from two payoffs, efficiency with its weights, maps of verdicts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ..exact.numbers import Rationals, text
from ..exact.planar import Vector
from ..mechanism.mechanism import Mechanism
from ..proof.announcement import Announcement
from ..proof.comparison import Comparison
from ..proof.contours import Contours
from ..proof.efficiency import Efficiency
from ..proof.projection import Edge, Projection
from ..proof.robustness import Robustness
from ..study.verdicts import Map
from .plot import COLOURS, picture
from .sets import UNKNOWN, draw_regions
from .tables import GRID, number, plain, table


def place(vector: Vector) -> str:
    """``(1/2, 3)``"""
    return f"({text(vector[0])}, {text(vector[1])})"


def projection_page(found: Projection) -> RenderableType:
    """Vertices with how they are reached, borders with their weights, and what is on the frontier."""
    names = [axis.name for axis in found.axes]
    parts: list[RenderableType] = [
        plain(found.design.environment.title or "untitled", "bold"),
        plain(f"The interim payoffs {names[0]} and {names[1]} that mechanisms reach", "dim"),
        Text(),
    ]
    points = table(
        *names, "", title="Vertices" if found.vertices else "Points on the borders (there is no vertex)"
    )
    for where, _ in found.points:
        on = "efficient" if found.efficient(where) else ""
        points.add_row(number(where[0]), number(where[1]), on)
    parts.append(points)
    if found.rays:
        rays = table(*names, "a payment to", title="Directions in which the set goes on without end")
        for way, direction in found.rays:
            rays.add_row(text(way[0]), text(way[1]), _receivers(direction))
        parts.append(rays)
    if found.edges:
        borders = table("border", "", title="Borders, each proved by multipliers")
        for edge in found.edges:
            borders.add_row(_inequality(edge, names), "efficient frontier" if edge.efficient else "")
        parts.append(borders)
    if not any(edge.efficient for edge in found.edges):
        parts.append(plain(_no_frontier(found)))
    parts += [Text(), *map(plain, _about(found))]
    return Group(*parts)


def _receivers(direction: Mechanism) -> str:
    environment = direction.environment
    amounts = [direction.transfers[i] for i in range(environment.n)]
    if any(a.min() != a.max() for a in amounts):
        return "depends on types (see the saved answer)"
    return ", ".join(
        f"{agent.name} {text(a.max())}"
        for agent, a in zip(environment.agents, amounts, strict=True)
        if a.max()
    )


def _inequality(edge: Edge, names: Sequence[str]) -> str:
    terms = [(c, name) for c, name in zip(edge.normal, names, strict=True) if c]
    sign = "<="
    if all(c < 0 for c, _ in terms):
        terms, sign = [(-c, name) for c, name in terms], ">="
    bound = edge.bound if sign == "<=" else -edge.bound
    shown = " ".join(
        f"{'-' if c < 0 else '+' if k else ''}{'' if not k and c > 0 else ' ' if k else ''}"
        f"{'' if abs(c) == 1 else text(abs(c)) + ' '}{name}"
        for k, (c, name) in enumerate(terms)
    )
    return f"{shown} {sign} {number(bound)}"


def _no_frontier(found: Projection) -> str:
    if found.rays:
        return OPEN
    return "The best of both payoffs can be had at once: the frontier is a single point."


def _about(found: Projection) -> Iterator[str]:
    yield (
        f"The set is exactly what these {'vertices' if found.vertices else 'points'}"
        f"{' and directions' if found.rays else ''} span: each is reached by a mechanism, and nothing lies beyond the borders."
    )
    yield "The other types' payoffs are whatever they must be: the frontier is that of these two payoffs alone."
    yield GRID


def efficiency_page(found: Efficiency) -> RenderableType:
    """The verdict, what dominates, and the weights that prove it."""
    parts: list[RenderableType] = [plain(found.design.environment.title or "untitled", "bold"), Text()]
    parts += [plain(line, style) for line, style in _verdict(found)]
    report = found.audit
    if report is not None:
        parts.append(plain(f"Audit of the mechanism examined, from the definitions: {report}."))
    best = found.dominating
    shown = table(
        "agent", "type", "payoff", *(["dominated by"] if best else []), "weights", title="Interim payoffs"
    )
    weights = _weights(found)
    for i, agent in enumerate(found.design.environment.agents):
        other = best.interim_payoff(i) if best else ()
        for k, own in enumerate(agent.types):
            more = [number(other[k])] if best else []
            shown.add_row(
                agent.name, own, number(found.payoffs[i][k]), *more, text(weights[i][k]) if weights else "-"
            )
    parts.append(shown)
    if weights:
        parts.append(plain(WEIGHTS, "dim"))
    parts += [Text(), plain(GRID)]
    return Group(*parts)


def _weights(found: Efficiency) -> Sequence[Rationals]:
    """The weights that matter most for the verdict."""
    kinds = ("distance",) if found.reachable is False else ("strong", "weak") if found.weak else ("weak",)
    for kind in kinds:
        comparison = found.comparison(kind)
        if comparison is not None and comparison.weights:
            return comparison.weights
    return ()


def _verdict(found: Efficiency) -> Iterator[tuple[str, str]]:
    distance, weak, strong = (found.comparison(k) for k in ("distance", "weak", "strong"))
    if not found.decided:
        yield "UNDECIDED: a program was not decided in time  [not certified]", "bold yellow"
        return
    assert distance is not None and weak is not None
    if distance.status == "infeasible":
        yield "IMPOSSIBLE: no mechanism satisfies the requirements  [certified]", "bold red"
        return
    if not found.reachable:
        miss = number(distance.value)
        yield (
            f"OUT OF REACH: no mechanism gives these payoffs; the nearest misses one by {miss}  [certified]",
            "bold red",
        )
        yield _gap(weak), ""
        return
    if found.strong:
        yield "EFFICIENT: no mechanism is better for a type and worse for none  [certified]", "bold green"
    elif found.weak:
        yield "WEAKLY EFFICIENT: no mechanism is better for every type  [certified]", "bold green"
        if strong is not None:
            yield f"But some type can gain and none lose: {number(strong.value)} in all.", ""
    else:
        yield "INEFFICIENT: a mechanism is better for every type  [certified]", "bold red"
        yield _gap(weak), ""


def _gap(weak: Comparison) -> str:
    n = weak.design.environment.n
    if weak.status == "unbounded":
        return "Payoffs of all types can grow together without end: nothing is efficient. Ask for budget balance (bb)."
    assert weak.value is not None
    if weak.value <= 0:
        return f"No mechanism is better for every type: each must lose {number(-weak.value / n)} before one does."
    return f"Every type can gain {number(weak.value / n)} at once ({number(weak.value)} summed over the agents), and no more."


def map_page(found: Map, title: str) -> RenderableType:
    """A map of verdicts as a table: the second parameter downwards from its largest value."""
    first, second = found.names
    shown = table(f"{second} \\ {first}", *(text(v) for v in found.values[0]), title=title)
    for row in range(len(found.values[1]) - 1, -1, -1):
        cells = [found.verdicts[column][row] for column in range(len(found.values[0]))]
        shown.add_row(text(found.values[1][row]), *(LETTERS[v] for v in cells))
    legend = "; ".join(f"{LETTERS[v]} {v}" for v in LETTERS if any(v in column for column in found.verdicts))
    return Group(shown, plain(legend), plain(ELSEWHERE, "dim"))


GAP = "The gap is the largest sum of gains, one an agent and the same for all her types, over what can be reached."
WEIGHTS = "Weights: these payoffs times these weights, added up, are compared with the largest such sum of any mechanism."
OPEN = (
    "There is no efficient frontier: along the directions above, payments without end raise one of the payoffs and lower "
    "none of the two."
)
ELSEWHERE = "Each entry is certified at its own parameters; nothing is said of what lies between."
LETTERS = {
    "efficient": "e",
    "weakly efficient": "w",
    "inefficient": "i",
    "out of reach": "o",
    "outside the assumptions": ".",
    "undecided": "?",
}


@picture("verdicts", "where a mechanism is efficient, over two parameters", Map)
def draw_map(canvas: Any, found: Map) -> str:
    """A map of verdicts as a picture: each place is the middle of its cell."""
    across, up = (_borders(v) for v in found.values)
    cells: dict[str, list[list[Vector]]] = {name: [] for name in LETTERS}
    for a, column in enumerate(found.verdicts):
        for b, verdict in enumerate(column):
            cells[verdict].append([(across[k], up[j]) for k in (a, a + 1) for j in (b, b + 1)])
    colours = dict(zip(LETTERS, COLOURS, strict=False)) | {"outside the assumptions": UNKNOWN}
    draw_regions(canvas.subplots(), {name: c for name, c in cells.items() if c}, found.names, colours=colours)
    return "Efficiency of the mechanism"


def _borders(values: Sequence[Fraction]) -> list[Fraction]:
    """Halfway between neighbours, and the ends."""
    return [values[0], *((a + b) / 2 for a, b in itertools.pairwise(values)), values[-1]]


def revised_page(found: Robustness) -> RenderableType:
    """One pair of beliefs: what is compared, the gap, and what it shows."""
    pair = found.pairs[0]
    shown = table("agent", "type", "payoff", "weight", title="Payoffs under the revised beliefs")
    for i, agent in enumerate(found.design.environment.agents):
        for k, own in enumerate(agent.types):
            weight = text(pair.weak.weights[i][k]) if pair.weak.weights else "-"
            shown.add_row(agent.name, own, number(found.pieces[i][0][0, k]), weight)
    return Group(
        plain(found.design.environment.title or "untitled", "bold"),
        plain(f"Gap {number(found.gap)}: {found.in_words()}.", "bold"),
        shown,
        plain(GAP, "dim"),
    )


def contours_page(found: Contours) -> RenderableType:
    """Payoffs beside those of each belief, and the contours they belong to."""
    environment = found.reached.design.environment
    agent, yes = environment.agents[found.agent], {True: "yes", False: "no", None: "?"}
    heads = ("u' <= u", "u' < u", "u <= u'", "u < u'")
    shown = table("belief", *agent.types, *heads, title=f"What the mechanism gives {agent.name} (u'), and u")
    shown.add_row("u", *(number(found.payoffs[k]) for k in range(agent.size)), "", "", "", "")
    for other in found.others:
        payoffs = [number(other.payoffs[k]) for k in range(agent.size)]
        shown.add_row(other.name, *payoffs, *(yes[r] for r in found.relations(other)))
    said = [f"The payoffs can be reached: {yes[found.reachable]}."]
    for contour, belongs, proved in found.verdicts():
        sure = "proved" if proved else "over these beliefs only"
        said.append(f"In {contour} of the mechanism for {agent.name}: {yes[belongs]} ({sure}).")
    title = plain(environment.title or "untitled", "bold")
    return Group(title, shown, *map(plain, said))


def announcement_page(found: Announcement) -> RenderableType:
    """What is played after each announcement, the chances that lead to the payoffs, and where they belong."""
    environment = found.design.environment
    agent, several = environment.agents[found.agent], len(found.documents) > 1
    order = [found.agent, *(j for j in range(environment.n) if j != found.agent)]
    heads = [f"{environment.agents[j].name} {t}" for j in order for t in environment.agents[j].types]
    cells = lambda payoffs: [number(v) for j in order for v in payoffs[j].fractions()]  # noqa: E731
    shown = table(
        *(["mechanism"] if several else []),
        "announced",
        *heads,
        "can be made",
        "chance",
        title=f"What {agent.name} announces, and what all get then",
    )
    chances = None if found.chances is None else found.chances.fractions()
    shown.add_row(*([""] if several else []), "the payoffs", *cells(found.payoffs), "", "")
    for k, one in enumerate(found.said):
        chance = "-" if chances is None else text(chances[k])
        first = [found.documents[one.mechanism].get("title", f"file {one.mechanism + 1}")] if several else []
        can = "yes" if found.usable(one) else "no"
        shown.add_row(*first, one.revision.name, *cells(one.payoffs), can, chance)
    said = [
        "An announcement can be made if it gives no possible type more than the payoffs, and those that make it as much."
    ]
    yes = {True: "yes (proved)", False: "no (over these beliefs only)"}
    what = "one of these mechanisms" if several else "the mechanism"
    said.append(f"Payoffs after an announcement of {agent.name} and {what}, I: {yes[found.revealed]}.")
    if several:
        above = all(map(found.above, range(len(found.documents))))
        said.append(f"In the upper contour U of every mechanism: {yes[above]}.")
        said.append(f"Payoffs of the menu MM of {agent.name}: {yes[found.member]}.")
    return Group(plain(environment.title or "untitled", "bold"), shown, *map(plain, said))
