"""The page of an answer about trade at prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..answer.answer import Answer
from ..environment.model import Environment
from ..environment.prices import Prices
from ..exact.decimals import about, rounded_down, rounded_up
from ..exact.numbers import Rationals, text
from ..mechanism.mechanism import Mechanism
from ..mechanism.simple import SimpleMechanism, distribution_in_words
from ..proof.continuum import Comparison
from ..question.prices import kind_of
from .cases import in_words
from .rates import binding_parts
from .tables import GRID, MAX_ROWS, ends, gap, number, plain, sides, table

#: Types and prices listed in a line or a table of a question.
SHOWN = 12
CAVEATS = (
    GRID,
    "On a finite grid even risk-neutral traders may do better than every posted price, which they cannot on an interval "
    "(Theorem 10, Corollary 12): read the risk-neutral control first.",
)


def price_page(answer: Answer, *, full: bool = False) -> RenderableType:
    """The answer for a person."""
    design, environment = answer.design, answer.design.environment
    prices, kind = known(environment), kind_of(design)
    powers = ", ".join(f"{a.name} {text(p)}" for a, p in zip(environment.agents, prices.powers, strict=True))
    sizes = " x ".join(map(str, environment.shape))
    asked = {
        "surplus": f"the most expected welfare of a {'simple ' if kind == 'simple' else ''}mechanism",
        "feasibility": "does the given mechanism meet the requirements?",
        "undominated": "does any mechanism dominate the given one (ex-post constrained efficiency)?",
    }[design.wants.kind]
    head = (
        "incentive compatibility (IC) ex post, with a veto; individual rationality (IR) ex post; no side payments\n"
        f"{sizes} types, {len(prices.grid)} prices; utility = surplus ** power: {powers}; mechanism {kind}; "
        f"wanted: {asked}"
    )
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold"), plain(head, "dim"), Text()]
    parts += [_verdict(answer)]
    if answer.welfare is not None:
        low, high = answer.welfare
        parts += [
            plain(
                f"Expected welfare of the given mechanism: {number(low) if low == high else ends(low, high)}."
            )
        ]
    parts += [plain(line) for line in _control(answer)]
    parts += [plain(f"Note: {note}.") for note in answer.notes]
    if answer.status == "infeasible" and answer.proof is not None:
        parts += [Text(), *map(plain, in_words(answer, full=full))]
    if answer.mechanism is not None:
        parts += [Text(), _lotteries(answer.mechanism, 10**9 if full else MAX_ROWS)]
    if answer.rates is not None:
        parts += binding_parts(answer, 10**9 if full else MAX_ROWS)
    if answer.simple is not None:
        parts += [Text(), *_simple(answer.simple, 10**9 if full else MAX_ROWS)]
    parts += [Text(), *map(plain, _footer(answer))]
    return Group(*parts)


def traders_page(environment: Environment, description: str = "", source: str = "") -> RenderableType:
    """Traders, types, prices and what a trade is worth, in words and numbers."""
    parts: list[RenderableType] = [plain(environment.title or "untitled", "bold")]
    parts += [plain(description.strip())] if description else []
    parts += [plain(f"Source: {source.strip()}", "dim")] if source else []
    prices = known(environment)
    agents = table("trader", "types", "utility", title="Traders")
    for agent, power in zip(environment.agents, prices.powers, strict=True):
        types = _listed(agent.types)
        agents.add_row(agent.name, types, "surplus" if power == 1 else f"surplus ** {text(power)}")
    parts += [agents, plain(f"Prices: {_listed(prices.grid.texts())}")]
    for k, agent in enumerate(environment.agents if prices.surplus is not None else ()):
        shown = table(agent.name, *prices.grid[:SHOWN].texts(), title=f"Surplus of the {agent.name}")
        cells = prices.surplus[k].reshape(agent.size, -1)  # type: ignore[index]
        for own in range(min(agent.size, MAX_ROWS)):
            shown.add_row(agent.types[own], *map(text, cells[own, :SHOWN].fractions()))
        parts.append(shown)
    if environment.parameters:
        parts.append(
            plain("Parameters: " + ", ".join(f"{k} = {text(v)}" for k, v in environment.parameters.items()))
        )
    m, n = environment.shape
    gains = int(np.sum(prices.support.any(axis=2)))
    parts.append(
        plain(f"{m * n:,} type profiles, {gains:,} at which some price leaves neither trader a loss.")
    )
    return Group(*parts)


def known(environment: Environment) -> Prices:
    """What the outcomes are."""
    assert environment.prices is not None
    return environment.prices


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f", ... ({len(names)})" if len(names) > SHOWN else "")


def _verdict(answer: Answer) -> Text:
    value, bound, (low, high) = answer.value, answer.bound, sides()
    said = {
        "optimal": f"OPTIMAL: expected welfare {number(value)}",
        "bracket": f"OPTIMAL UP TO {gap(value, bound)}: expected welfare {ends(value, bound)}",
        "feasible": "FEASIBLE: the mechanism is ex-post incentive compatible and individually rational",
        "infeasible": f"NOT INCENTIVE COMPATIBLE: {_worst(answer)}"
        if answer.proof is None
        else "IMPOSSIBLE: no mechanism meets the requirements, by the multipliers below",
        "undominated": "UNDOMINATED: no mechanism leaves all at least as well off and gains anything",
        "dominated": f"DOMINATED by the mechanism below: nobody is worse off, and expected welfare gains "
        f"{'-' if value is None else low(value)} (nothing gains more than {'-' if bound is None else high(bound)})",
        "undecided": f"UNDECIDED: best found {'-' if value is None else low(value)}, proved bound "
        f"{'-' if bound is None else high(bound)}",
    }[answer.status]
    colour = {"infeasible": "red", "dominated": "red", "undecided": "yellow"}.get(answer.status, "green")
    return plain(f"{said}  [{'certified' if answer.certified else 'NOT CERTIFIED'}]", f"bold {colour}")


def _worst(answer: Answer) -> str:
    broken = answer.audit.worst if answer.audit is not None else ()
    return "; ".join(f"{v.kind} {v.where} is violated by {_decimals(v.amount)}" for v in broken)


def _decimals(value: Fraction | None) -> str:
    return "-" if value is None else about(value, 10)


def _control(answer: Answer) -> Iterable[str]:
    if answer.posted is not None:
        value, (low, _) = answer.posted[1], sides()
        worth = _decimals(value) if answer.design.environment.exact else f"at least {low(value)}"
        yield f"The best posted price of the list is {text(answer.posted[0])}: expected welfare {worth}."
    control = answer.control
    if control is not None and control.status == "infeasible":
        yield "Risk-neutral control, same types and prices: impossible too."
    elif control is not None and control.design.wants.kind == "surplus" and control.posted is not None:
        slack = (control.value or Fraction(0)) - control.posted[1]
        yield (
            f"Risk-neutral control, same types and prices: {number(control.value)}, best posted price "
            f"{number(control.posted[1])}; what the grid alone adds: {number(slack)}."
        )
    elif control is not None:
        yield f"Risk-neutral control, same types and prices: {control.status}, gain {number(control.bound)}."
    elif (
        answer.design.wants.kind != "feasibility"
        and not known(answer.design.environment).neutral
        and (answer.design.environment.neutral is None)
    ):
        yield (
            "No risk-neutral control: trades are not losses where price - seller and buyer - price are; "
            "read nothing as an effect of risk aversion."
        )


def _lotteries(mechanism: Mechanism, limit: int) -> Table:
    environment, grid = mechanism.environment, known(mechanism.environment).grid
    received, paid = known(environment).marginals(mechanism.allocation)
    trade = paid.sum(axis=2)
    names = [a.name for a in environment.agents]
    shown = table(*names, "trade", "prices with their probabilities", title="Mechanism (profiles that trade)")
    profiles = np.argwhere(trade.numerator != 0).tolist()
    for i, j in profiles[:limit]:
        got, given = received[i, j], paid[i, j]
        lines = _prices(grid, given)
        if not got.same(given):
            lines = f"seller gets {_prices(grid, got)}; buyer pays {lines}"
        types = [environment.agents[0].types[i], environment.agents[1].types[j]]
        shown.add_row(*types, f"{float(trade[i, j]):.6g}", lines)
    if len(profiles) > limit:
        shown.add_row(f"... {len(profiles) - limit:,} more (--full)")
    return shown


def _prices(prices: Rationals, chances: Rationals) -> str:
    listed = [
        (p, c) for p, c in zip(prices.fractions(), chances.fractions(), strict=True) if c > Fraction(1, 10**6)
    ]
    return ", ".join(
        f"{text(p)}: {text(c) if c.denominator < 1000 else f'{float(c):.6f}'}" for p, c in listed
    )


def _simple(mechanism: SimpleMechanism, limit: int) -> list[RenderableType]:
    environment = mechanism.environment
    listed = table("price", "probability", title="The distribution F over prices")
    for price, chance in distribution_in_words(mechanism):
        listed.add_row(price, chance)
    names = [a.name for a in environment.agents]
    shown = table(*names, "price", "probability of trade", title="Mechanism (profiles that trade, rounded)")
    profiles = np.argwhere(np.asarray(mechanism.mass != 0, dtype=bool)).tolist()
    for i, j in profiles[:limit]:
        types = [environment.agents[0].types[i], environment.agents[1].types[j]]
        shown.add_row(*types, f"{float(mechanism.price[i, j]):.6g}", f"{mechanism.chance((i, j)):.6g}")
    if len(profiles) > limit:
        shown.add_row(f"... {len(profiles) - limit:,} more (--full)")
    return [listed, shown]


#: How a lower and an upper end are rounded.
BOTH = (rounded_down, rounded_up)


def comparison_table(found: Sequence[Comparison]) -> RenderableType:
    """The best simple mechanism beside the best of all, power by power."""
    shown = table(
        "power",
        "best simple: at least",
        "at most",
        "best of all: at least",
        "at most",
        "simple is beaten by at least",
        title="Expected welfare, types uniform on [0, 1] (certified in rational arithmetic)",
    )
    for c in found:
        at = [side(v, places=8) for pair in (c.simple, c.general) for side, v in zip(BOTH, pair, strict=True)]
        shown.add_row(text(c.power), *at, rounded_down(c.gap, figures=3) if c.gap > 0 else "(open)")
    notes = (
        "These are statements about the continuum.  Best of all, at most: trade whenever there is a surplus, split in halves.",
        "At power 1 the best of all is the posted price 1/2, worth 1/8 (Theorem 10).",
    )
    return Group(shown, *map(plain, notes))


def _footer(answer: Answer) -> Iterable[str]:
    if answer.audit is not None and answer.audit.passed:
        yield f"Audit from the definitions: {answer.audit}."
    yield from CAVEATS
    yield f"{answer.method + '; ' if answer.method else ''}{answer.timings.get('total', 0.0):.2f} s"
