"""Pictures of what answers are worth to types: interim payoffs, rents, and the lies that pay as much as truth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..answer.answer import Answer
from ..environment.model import Environment
from ..mechanism.audit import requirements
from ..mechanism.payoffs import interim_payoffs
from ..proof.efficiency import Efficiency
from ..proof.multipliers import nonzero
from .drawing import PANELS, Axis, line, panels, titled
from .plot import COLOURS, picture

#: Agents of more types have no readable graph of lies.
GRAPHED = 24


def _no_payoffs(answer: Answer) -> str:
    known = answer.rules and (answer.design.environment.beliefs is not None or answer.design.worst_state)
    return "" if known else "interim payoffs take a mechanism, and beliefs"


@picture(
    "payoffs", "interim payoffs by type, and the rents above the outside option", Answer, why_not=_no_payoffs
)
def draw_payoffs(canvas: Any, answer: Answer) -> str:
    """A panel an agent; what lies between the payoff and the outside option is her rent."""
    environment = answer.design.environment
    payoffs, agents = interim_payoffs(answer.design, answer.rules), environment.agents[:PANELS]
    for axes, (i, agent) in zip(panels(canvas, len(agents)), enumerate(agents), strict=True):
        axis, outside = Axis.of(agent), _outside(environment, i)
        line(axes, 0, axis, payoffs[i], "payoff")
        if outside is not None:
            line(axes, 1, axis, outside, "outside option")
            if None not in payoffs[i] and agent.size > 1:
                ends = [float(v) for v in payoffs[i] if v is not None], [float(v) for v in outside]
                axes.fill_between(axis.places, *ends, alpha=0.2, color=COLOURS[0], lw=0, label="rent")
        axes.set_title(agent.name, fontsize="small")
        axes.legend(fontsize="x-small")
    return f"{titled(environment)}: interim payoffs"


def _outside(environment: Environment, agent: int) -> list[Fraction] | None:
    """An outside option that depends on nobody else's type."""
    rows = environment.outside[agent].broadcast_to(environment.shape).moveaxis(agent, 0)
    rows = rows.reshape(environment.agents[agent].size, -1)
    return rows[:, 0].fractions() if bool(np.all(rows == rows[:, :1])) else None


@picture("payoffs", "the payoffs examined, and those that dominate them", Efficiency)
def draw_efficiency(canvas: Any, found: Efficiency) -> str:
    """A panel an agent."""
    environment, best = found.design.environment, found.dominating
    agents = environment.agents[:PANELS]
    for axes, (i, agent) in zip(panels(canvas, len(agents)), enumerate(agents), strict=True):
        line(axes, 0, Axis.of(agent), found.payoffs[i].fractions(), "examined")
        if best is not None:
            line(axes, 1, Axis.of(agent), best.interim_payoff(i), "dominated by")
        axes.set_title(agent.name, fontsize="small")
        axes.legend(fontsize="x-small")
    return f"{titled(environment)}: interim payoffs"


#: Letters of a type's name that a circle holds; longer ones are in boxes.
CIRCLED = 4


def _no_graph(answer: Answer) -> str:
    agents = answer.design.environment.agents
    if answer.design.ic == "none" or not (answer.rules or _weighted(answer)):
        return "the graph of lies takes IC, and a mechanism or a proof by one list of multipliers"
    if max(a.size for a in agents) > GRAPHED:
        return f"the graph of lies is drawn for agents of at most {GRAPHED} types"
    return "" if any(a.size > 1 for a in agents) else "nobody has two types"


@picture(
    "binding",
    "the lies that pay exactly as much as truth, and those that a proof uses",
    Answer,
    why_not=_no_graph,
)
def draw_binding(canvas: Any, answer: Answer) -> str:
    """An arrow from each type to each report that leaves it just as well off."""
    environment = answer.design.environment
    lies, weighted = _binding(answer), _weighted(answer)
    for i, own, report in weighted:
        lies.setdefault(i, set()).add((own, report))
    agents = [i for i, agent in enumerate(environment.agents) if agent.size > 1][:PANELS]
    rows = panels(canvas, len(agents), wide=4.2)
    canvas.set_size_inches(canvas.get_size_inches()[0], 0.7 + 1.7 * -(-len(agents) // 3))
    for axes, i in zip(rows, agents, strict=True):
        agent, size = environment.agents[i], environment.agents[i].size
        names = [name.replace(", ", "\n") for name in agent.types]
        longest = max(len(part) for name in names for part in name.split("\n"))
        boxed, apart = longest > CIRCLED, 9 + 2.5 * max(0, longest - CIRCLED)
        for own, report in sorted(lies.get(i, ())):
            thick = (i, own, report) in weighted
            bend = 0.45 if abs(own - report) == 1 else 0.3
            look = {
                "arrowstyle": "-|>", "connectionstyle": f"arc3,rad={bend}", "shrinkA": apart, "shrinkB": apart,
                "color": COLOURS[5] if thick else "#555555", "lw": 2.2 if thick else 0.9,
                "linestyle": "-" if thick else "--",
            }  # fmt: skip
            axes.annotate("", (report, 0), (own, 0), arrowprops=look)
        if not boxed:
            axes.plot(range(size), [0] * size, "o", color="white", markeredgecolor="black", markersize=13)
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "black"} if boxed else None
        for k, name in enumerate(names):
            look = {"ha": "center", "va": "center", "fontsize": "x-small" if size < 14 else 4}
            axes.annotate(name, (k, 0), bbox=box, **look)
        reach = max(0.6, 0.2 * size)
        axes.set(xlim=(-0.7, size - 0.3), ylim=(-reach, reach))
        axes.set_axis_off()
        axes.set_title(agent.name, fontsize="small")
    equal = "an arrow from a type to a report that is worth as much as truth; thick: with a multiplier in the proof"
    said = (
        equal
        if answer.rules
        else "an arrow from a type to each of its lies that the proof of impossibility uses"
    )
    canvas.supxlabel(said, fontsize="x-small")
    return f"{titled(environment)}: {'binding IC' if answer.rules else 'lies in the proof'}"


def _binding(answer: Answer) -> dict[int, set[tuple[int, int]]]:
    """For each agent the (type, report) that hold with equality, somewhere."""
    out: dict[int, set[tuple[int, int]]] = {}
    if not answer.rules:
        return out
    for _, _, slack, _, about_ in requirements(answer.rules, answer.design):
        if about_ is None or not about_.key.startswith("IC ") or about_.types is None:
            continue
        for cell in np.argwhere(slack.numerator == 0):
            own, report = int(about_.types[cell[1]]), int(cell[2]) + (about_.first or 0)
            if own != report:
                out.setdefault(about_.agent, set()).add((own, report))
    return out


def _weighted(answer: Answer) -> set[tuple[int, int, int]]:
    y = None if answer.proof is None else answer.proof.multipliers
    if y is None:
        return set()
    return {
        (i, int(cell[1]), int(cell[2]))
        for i, part in enumerate(y.ic)
        if part is not None
        for cell in nonzero(part)
    }
