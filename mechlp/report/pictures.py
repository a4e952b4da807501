"""Pictures of answers about mechanisms: what they do, what they are worth, what binds, and against which prior they are made."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..answer.answer import Answer
from ..answer.box import BoxAnswer
from ..answer.interim import InterimAnswer
from ..environment.model import Environment
from ..exact.decimals import about
from ..exact.numbers import Rationals, text
from ..mechanism.menu import menu
from ..mechanism.recommendations import recommendations
from ..proof.continuum import Comparison
from .drawing import PANELS, Axis, Plane, line, panels, titled
from .exported import expected
from .plot import COLOURS, HATCHES, picture
from .points import edges
from .tables import lottery

#: More rules have no readable panels.
RULES = 3
#: Points along each axis where a menu's contracts are shaded.
SHADES = 160


# -- the prior ---------------------------------------------------------------------------------------------
def _no_worst_case(answer: Answer) -> str:
    if answer.worst_case is None or answer.status == "unbounded":
        return "a worst-case prior takes a set of priors in beliefs.designer, and an optimum"
    return "a worst-case prior is drawn for one or two agents" if answer.design.environment.n > 2 else ""


@picture("worst-case", "the worst-case prior, on what the mechanism does", Answer, why_not=_no_worst_case)
def draw_worst_case(canvas: Any, answer: Answer) -> str:
    """Nature's prior, as areas, on what the mechanism does: shades show the chance of another than the first outcome."""
    assert answer.worst_case is not None
    environment = answer.design.environment
    prior, axes = answer.worst_case.distribution(answer.design), canvas.subplots()
    chance = 1 - answer.rules[0].allocation[0]
    first, *others = environment.outcomes
    said = f"chance of {others[0]}" if len(others) == 1 else f"chance that {first} is not the outcome"
    if environment.n == 1:
        axis = Axis.of(environment.agents[0])
        wide = 0.7 * min(b - a for a, b in itertools.pairwise(axis.places)) if prior.size > 1 else 1
        axes.bar(
            axis.places,
            prior.float,
            width=wide,
            color="#9ecae1",
            edgecolor="#333333",
            label="worst-case prior",
        )
        line(axes, 5, axis, chance.fractions(), said)
        axes.set(ylabel="probability")
        axes.legend(loc="best", fontsize="small")
    else:
        plane = Plane.of(environment)
        assert plane is not None
        mesh = plane.heat(axes, chance.fractions(), written=False, cmap="Blues", vmin=0, vmax=1.4)
        canvas.colorbar(mesh, ax=axes, label=said, boundaries=np.linspace(0, 1, 51), ticks=[0, 0.5, 1])
        x, y = np.array(plane.across.places), np.array(plane.up.places)
        weight = prior.float
        i, j = np.nonzero(weight > 0)
        look = {"color": "#d55e00", "alpha": 0.75, "edgecolors": "black", "linewidths": 0.6}
        axes.scatter(x[i], y[j], s=1200 * weight[i, j], **look)
        canvas.supxlabel("dots: worst-case prior, area = probability", fontsize="small")
    kind, value = answer.design.wants.kind, about(answer.value or Fraction(0))
    return f"{titled(environment)}: guaranteed {kind} {value}"


# -- recommendations ---------------------------------------------------------------------------------------
def _no_actions(answer: Answer) -> str:
    environment = answer.design.environment
    if not answer.rules or environment.actions is None or environment.beliefs is None:
        return "recommended actions take an environment with actions and beliefs, and a mechanism"
    return ""


@picture(
    "recommendations", "what each type is recommended, and what it then believes", Answer, why_not=_no_actions
)
def draw_recommendations(canvas: Any, answer: Answer) -> str:
    """One bar a type with the chances of what it hears; then one bar a recommendation with the beliefs it induces."""
    environment = answer.design.environment
    assert environment.actions is not None
    heard = list(recommendations(answer.rules[0]))
    told: dict[str, list[tuple[str, Fraction]]] = {}
    beliefs: dict[str, list[tuple[str, Fraction]]] = {}
    for one in heard:
        agent, action = environment.agents[one.agent], environment.actions.names[one.agent][one.action]
        who = agent.name if agent.size == 1 else f"{agent.name} {agent.types[one.type]}"
        told.setdefault(who, []).append((action, one.chance))
        for k, chances in one.types.items():
            other = environment.agents[k]
            if other.size > 1:
                bar = f"{who}, {action}: {other.name}"
                beliefs[bar] = list(zip(other.types, chances, strict=True))
    every = [(told, "chance of hearing"), *([(beliefs, "belief after hearing")] if beliefs else [])]
    canvas.set_size_inches(7.0, 1.8 + 0.42 * sum(len(bars) for bars, _ in every))
    rows = canvas.subplots(len(every), 1, squeeze=False, height_ratios=[len(b) + 1 for b, _ in every]).ravel()
    for axes, (bars, label) in zip(rows, every, strict=True):
        _stacked(axes, bars, label)
    return titled(environment)


def _stacked(axes: Any, bars: dict[str, list[tuple[str, Fraction]]], label: str) -> None:
    """Shares of one as bars, each kind with a colour and a hatch."""
    names = list(dict.fromkeys(name for parts in bars.values() for name, _ in parts))
    for row, parts in enumerate(bars.values()):
        left = Fraction(0)
        for name, share in parts:
            k = names.index(name)
            look = {
                "color": COLOURS[k % len(COLOURS)],
                "hatch": HATCHES[k % len(HATCHES)],
                "edgecolor": "white",
            }
            axes.barh(row, float(share), left=float(left), height=0.7, **look)
            if share > Fraction(1, 12):
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2, "alpha": 0.85}
                where = (float(left + share / 2), row)
                axes.text(
                    *where, f"{name} {text(share)}", ha="center", va="center", fontsize="x-small", bbox=box
                )
            left += share
    axes.set_yticks(range(len(bars)), list(bars))
    axes.set(xlim=(0, 1), xlabel=label)
    axes.invert_yaxis()


# -- what the mechanism does -------------------------------------------------------------------------------
def _no_rules(answer: Answer) -> str:
    return "" if answer.rules else "there is no mechanism to draw"


def _no_menu(answer: Answer) -> str:
    if len(answer.rules) != 1 or answer.design.environment.n != 1 or answer.design.transfers == "none":
        return "a menu takes one agent, and transfers"
    agent = answer.design.environment.agents[0]
    if len(agent.coordinates) not in (0, 2):
        return "a menu is drawn over one or two dimensions of types"
    return "" if agent.coordinates or agent.values is not None else "a menu takes types that are numbers"


@picture("menu", "what a buyer can have, at what price, and which types take it", Answer, why_not=_no_menu)
def draw_menu(canvas: Any, answer: Answer) -> str:
    """A staircase over one dimension of types, a map over two."""
    rule, environment = answer.rules[0], answer.design.environment
    agent, entries = environment.agents[0], menu(answer.rules[0], 0)
    said = [f"{lottery(e.lottery, environment)} for {text(e.price)}" for e in entries]
    axes = canvas.subplots()
    if len(agent.coordinates) == 2:
        _menu_map(canvas, axes, Plane.of_coordinates(agent), [e.types for e in entries], said)
        return titled(environment)
    axis, paid = Axis.of(agent), (-rule.transfers[0]).float
    axes.step(axis.places, paid, where="post", color="#777777", linewidth=1)
    for k, (entry, label) in enumerate(zip(entries, said, strict=True)):
        own = list(entry.types)
        look = {"color": COLOURS[k % len(COLOURS)], "marker": "os^DvPX"[k % 7], "linestyle": "none"}
        axes.plot([axis.places[j] for j in own], [float(entry.price)] * len(own), label=label, **look)
    axis.put(axes.xaxis)
    axes.set(ylabel=f"price that {agent.name} pays")
    canvas.legend(loc="outside right upper", fontsize="small", title="menu")
    return titled(environment)


def _menu_map(
    canvas: Any, axes: Any, plane: Plane, takers: Sequence[tuple[int, ...]], said: list[str]
) -> None:
    from matplotlib.patches import Patch, Rectangle

    x, y = edges(list(plane.across.places)), edges(list(plane.up.places))
    handles = []
    for k, (types, label) in enumerate(zip(takers, said, strict=True)):
        look: Any = {
            "facecolor": COLOURS[k % len(COLOURS)],
            "hatch": HATCHES[k % len(HATCHES)],
            "edgecolor": "white",
        }
        for a, b in (plane.place[s] for s in types):
            axes.add_patch(Rectangle((x[a], y[b]), x[a + 1] - x[a], y[b + 1] - y[b], **look))
        handles.append(Patch(**look, label=label))
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    plane.put(axes)
    canvas.legend(handles=handles[:14], loc="outside lower center", fontsize="small", title="menu")


def _no_trade(answer: Answer) -> str:
    found = answer.rules or answer.simple is not None
    return "" if answer.design.environment.prices is not None and found else "this takes trade at prices"


@picture(
    "trade", "the chance of trade, and the mean price, at every pair of types", Answer, why_not=_no_trade
)
def draw_trade(canvas: Any, answer: Answer) -> str:
    """Two maps over the types of the traders."""
    environment = answer.design.environment
    prices, plane = environment.prices, Plane.of(environment)
    assert prices is not None and plane is not None
    if answer.simple is not None:
        cells = list(np.ndindex(*environment.shape))
        chance = [Fraction(answer.simple.chance(cell)) for cell in cells]
        mean = [Fraction(str(answer.simple.price[c])) if chance[k] else None for k, c in enumerate(cells)]
    else:
        _, paid = prices.marginals(answer.rules[0].allocation)
        chance = paid.sum(axis=2).fractions()
        total = (paid * prices.grid).sum(axis=2).fractions()
        mean = [t / c if c else None for t, c in zip(total, chance, strict=True)]
    first, second = panels(canvas, 2, wide=4.2)
    _shade(canvas, first, plane, chance, "chance of trade", vmin=0, vmax=1, cmap="Blues")
    _shade(canvas, second, plane, mean, "mean price that is paid", cmap="cividis")
    return titled(environment)


def _shade(
    canvas: Any, axes: Any, plane: Plane, values: Sequence[Fraction | None], label: str, **look: Any
) -> None:
    canvas.colorbar(plane.heat(axes, values, **look), ax=axes, shrink=0.85)
    axes.set_title(label, fontsize="small")


def _no_grid(answer: Answer) -> str:
    environment = answer.design.environment
    if environment.prices is not None:
        return "with trade at prices the picture is called trade"
    if _no_rules(answer):
        return _no_rules(answer)
    if environment.n > 2 or len(environment.agents[0].coordinates) > 2:
        return "types have more than two dimensions: the picture called interim shows what each type expects"
    return ""


def _no_transfers(answer: Answer) -> str:
    return "there are no transfers" if answer.design.transfers == "none" else _no_grid(answer)


@picture("allocation", "the chance of each outcome by types", Answer, why_not=_no_grid)
def draw_allocation(canvas: Any, answer: Answer) -> str:
    """A map for each outcome that is ever used, or a line for each over one agent's types."""
    rules, environment = answer.rules[:RULES], answer.design.environment
    same = all(rule.allocation.same(rules[0].allocation) for rule in rules)
    shown = []
    for k, rule in enumerate(rules[:1] if same else rules):
        for a, outcome in enumerate(environment.outcomes):
            if bool(np.any(rule.allocation[a] != 0)):
                shown.append((outcome if same else f"{outcome}, rule {k + 1}", rule.allocation[a]))
    _over_types(canvas, environment, shown[:PANELS], "chance", vmin=0, vmax=1, cmap="Blues")
    return titled(environment) + _left(len(shown))


@picture("transfers", "what each agent receives by types", Answer, why_not=_no_transfers)
def draw_transfers(canvas: Any, answer: Answer) -> str:
    """A map for each agent (and rule), or a line over one agent's types."""
    environment, many = answer.design.environment, len(answer.rules) > 1
    shown = [
        (f"t({agent.name}){f', rule {k + 1}' if many else ''}", rule.transfers[i])
        for k, rule in enumerate(answer.rules[:RULES])
        for i, agent in enumerate(environment.agents)
    ]
    across = environment.n if many and environment.n > 1 else 3
    _over_types(canvas, environment, shown[:PANELS], "transfer", across, cmap="cividis")
    return titled(environment) + _left(len(shown), len(answer.rules))


def _left(count: int, rules: int = 0) -> str:
    more = count > PANELS or rules > RULES
    return "; not all are shown" if more else ""


def _over_types(
    canvas: Any,
    environment: Environment,
    shown: Sequence[tuple[str, Rationals]],
    what: str,
    across: int = 3,
    **look: Any,
) -> None:
    plane = Plane.of(environment)
    if plane is None:
        axes, axis = canvas.subplots(), Axis.of(environment.agents[0])
        for k, (name, values) in enumerate(shown):
            line(axes, k, axis, values.fractions(), name)
        axes.set(ylabel=what)
        canvas.legend(loc="outside right upper", fontsize="small")
        return
    cells = [values.fractions() for _, values in shown]
    every = [v for own in cells for v in own]
    ends = {"vmin": float(min(every)), "vmax": float(max(every)), **look} if every else look
    rows = panels(canvas, len(shown), across=across)
    for axes, (name, _), own in zip(rows, shown, cells, strict=True):
        mesh = plane.heat(axes, own, **ends)
        axes.set_title(name, fontsize="small")
    canvas.colorbar(mesh, ax=rows, label=what, shrink=0.85)


def _no_beliefs(answer: Answer) -> str:
    if len(answer.rules) != 1 or answer.design.environment.beliefs is None or answer.design.environment.n < 2:
        return "what types expect takes one mechanism, beliefs, and at least two agents"
    return "with trade at prices the picture is called trade" if answer.design.environment.prices else ""


@picture("interim", "the outcomes and transfers that each type expects", Answer, why_not=_no_beliefs)
def draw_interim(canvas: Any, answer: Answer) -> str:
    """A panel an agent: expected chances of outcomes, and the expected transfer."""
    rule, environment = answer.rules[0], answer.design.environment
    agents = environment.agents[:PANELS]
    for axes, (i, agent) in zip(panels(canvas, len(agents), wide=3.8), enumerate(agents), strict=True):
        rows = [expected(rule, i, k) for k in range(agent.size)]
        names = ["transfer", *environment.outcomes]
        columns = zip(*rows, strict=True)
        paid = answer.design.transfers != "none"
        used = [(n, c) for n, c in zip(names, columns, strict=True) if (paid if n == "transfer" else any(c))]
        for k, (name, column) in enumerate(used[: len(COLOURS)]):
            line(axes, k, Axis.of(agent), column, name)
        axes.set_title(f"{agent.name}, in expectation", fontsize="small")
        axes.legend(fontsize="x-small")
    return titled(environment)


# -- other kinds of answers ------------------------------------------------------------------------------------
def _chances(answer: InterimAnswer) -> list[tuple[str, Rationals]]:
    """The expected chance of each grade."""
    grades = answer.design.environment.grades
    names = ["chance of winning"] if len(grades) == 1 else [f"chance of {grade}" for grade in grades]
    return [(name, row) for name, row in zip(names, answer.rule.chances, strict=True)]


@picture("interim-rule", "what each type of a bidder expects to win and to pay", InterimAnswer)
def draw_interim_rule(canvas: Any, answer: InterimAnswer) -> str:
    """Maps over two dimensions of types, or lines over one."""
    environment = answer.design.environment
    agent, chances = environment.agent, _chances(answer)
    title = f"{environment.title or 'untitled'}: {environment.copies} bidders"
    if len(agent.coordinates) == 2:
        plane = Plane.of_coordinates(agent)
        rows = panels(canvas, min(len(chances), PANELS - 1) + 1)
        for axes, (name, row) in zip(rows, chances, strict=False):
            _shade(canvas, axes, plane, row.fractions(), name, vmin=0, vmax=1, cmap="Blues")
        _shade(
            canvas, rows[-1], plane, (-answer.rule.transfers).fractions(), "expected payment", cmap="cividis"
        )
        return title
    first, second = panels(canvas, 2, wide=4.0)
    for k, (name, row) in enumerate(chances[: len(COLOURS)]):
        line(first, k, Axis.of(agent), row.fractions(), name)
    line(second, 0, Axis.of(agent), (-answer.rule.transfers).fractions(), "expected payment")
    line(second, 1, Axis.of(agent), answer.rule.payoffs.fractions(), "expected payoff")
    for axes in (first, second):
        axes.legend(fontsize="x-small")
    return title


@picture("contracts", "which contract of the menu each type takes, and what she pays", BoxAnswer)
def draw_contracts(canvas: Any, answer: BoxAnswer) -> str:
    """Maps over two dimensions of types; else the contracts by price."""
    box, menu = answer.design.environment, answer.menu
    chances, prices = menu.chances.float * float(answer.factor), menu.prices.float * float(answer.factor)
    chances, prices = np.vstack([chances, chances[:0].sum(axis=0)]), np.append(prices, 0)
    names = [f"chance of {axis.name}" for axis in box.axes]
    if len(box.axes) == 2:
        low, high = (
            [float(end) for end in ends] for ends in zip(*((a.low, a.high) for a in box.axes), strict=True)
        )
        first, second = (
            a + (np.arange(SHADES) + 0.5) / SHADES * (b - a) for a, b in zip(low, high, strict=True)
        )
        payoff = (
            np.multiply.outer(first, chances[:, 0])[:, None] + np.multiply.outer(second, chances[:, 1])[None]
        )
        taken = (payoff - prices).argmax(axis=-1)
        shades = [*zip(names, chances.T, ("Blues", "Blues"), strict=True), ("payment", prices, "cividis")]
        for axes, (name, of, colours) in zip(panels(canvas, 3), shades, strict=True):
            image = axes.imshow(
                of[taken].T,
                origin="lower",
                extent=(low[0], high[0], low[1], high[1]),
                cmap=colours,
                aspect="auto",
            )
            canvas.colorbar(image, ax=axes, shrink=0.85)
            axes.set(xlabel=box.axes[0].name, ylabel=box.axes[1].name)
            axes.set_title(name, fontsize="small")
    else:
        (axes,) = panels(canvas, 1, wide=6.0)
        order = np.argsort(prices, kind="stable")
        for k, name in enumerate(names[: len(COLOURS)]):
            axes.plot(prices[order], chances[order, k], "o-", color=COLOURS[k], label=name, markersize=3)
        axes.set(xlabel="price", ylabel="chance")
        axes.legend(fontsize="x-small")
    return f"{box.title or 'untitled'}: the menu"


@picture(
    "ends", "what the best simple mechanism and the best of all are worth, between certified ends", Comparison
)
def draw_ends(canvas: Any, found: Comparison) -> str:
    """Two intervals."""
    canvas.set_size_inches(6.4, 2.6)
    axes = canvas.subplots()
    both = {
        "best simple": found.simple,
        "best of all": (found.general[0], min(found.general[1], 2 * found.general[0])),
    }
    for row, (low, high) in enumerate(both.values()):
        axes.plot([float(low), float(high)], [row, row], "|-", color=COLOURS[row], lw=3, markersize=14)
    span = float(found.simple[1] - found.simple[0]) + abs(float(found.gap))
    middle = float(found.simple[1] + found.general[0]) / 2
    axes.set(xlim=(middle - 3 * span, middle + 3 * span), ylim=(-0.6, 1.6), xlabel="expected welfare")
    axes.set_yticks(range(2), list(both))
    return f"Welfare on the continuum, power {text(found.power)}"
