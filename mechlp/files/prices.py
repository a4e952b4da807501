"""The part of a problem file about trade at prices (`outcomes: prices`)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..environment.formulas import Number
from ..environment.model import Agent, outer
from ..environment.trade import trade_at_prices
from ..exact.enclosed import MOST_BITS, Enclosed
from ..exact.numbers import Rationals, rational, text, where
from ..exact.numbers import power as raised_to
from ..question.design import Design
from ..question.prices import drawn_chances, kind_of, tabulated
from ..question.prices import price_design as asked
from .context import GENERAL
from .priors import read_prior
from .schema import PricesSpec
from .types import read_types

if TYPE_CHECKING:
    from .context import Context

#: What says something about trade at prices.
TAKEN = GENERAL | {
    "outcomes", "prices", "trade", "payoffs", "precision", "beliefs", "require", "objective", "given_mechanism",
    "coalitions", "map",
}  # fmt: skip


def price_design(builder: Context) -> Design | None:
    """The design, or None with every mistake reported to the builder."""
    file, spec = builder.file, builder.file.prices
    if spec is None:
        builder.report((), "`outcomes: prices` needs `prices: {grid: ...}`")
        return None
    builder.only(TAKEN, "outcomes: prices", "there is trade at a price; there are no transfers")
    if file.beliefs is not None and (left := sorted(file.beliefs.given - {"prior", "normalise"})):
        builder.report(("beliefs", file.beliefs.keys[left[0]].name), "with `outcomes: prices` only a prior counts")
    if "alpha" in file.require.given or file.require.slack is not None:
        builder.report(("require",), "with `outcomes: prices` these are ic, ir and bb, without slack")
    for name, only in (("ic", "ex-post"), ("ir", "ex-post"), ("bb", "ex-post-weak")):
        if getattr(file.require, name) not in (None, only):
            builder.report(("require", name), f"with `outcomes: prices` this is {only}")
    if builder.problems:
        return None
    with builder.at("precision"):
        builder.bits = builder.whole(file.precision, "precision", MOST_BITS)
    with builder.at():
        seller, buyer = _traders(builder)
        shape = (seller.size, buyer.size)
        prices = Rationals.of([0])
        with builder.at("prices", "grid"):
            prices = Rationals.of([rational(p) for p in read_types(builder, spec.grid)])
        prior = outer([Rationals.of([Fraction(1, a.size)] * a.size) for a in (seller, buyer)])
        if file.beliefs is not None and file.beliefs.prior is not None:
            with builder.at("beliefs", "prior"):
                prior = read_prior(builder, file.beliefs.prior, "prior") or prior
                prior = prior if builder.agents[0] is seller else prior.moveaxis(1, 0)
        kind, distribution = _mechanism(builder, spec, prices)
        if builder.problems:
            return None
        ends = None
        if kind == "simple-from" and file.objective.named == "undominated":
            at, low, high = _of_distribution(builder, spec, (seller, buyer), prices, distribution)
            if bool(np.all(low == high)):
                kind, distribution = "profiles", (at, low)
            else:
                known = dict(zip(prices.texts(), distribution.fractions(), strict=True))
                ends = tabulated(at, low, prices)[1], tabulated(at, high, prices)[1]
                prices = tabulated(at, low, prices)[0]
                distribution = Rationals.of([known.get(p, Fraction(0)) for p in prices.texts()])
        if spec.always_trade is not None and kind != "chosen":
            builder.report(
                ("prices", "always-trade"), "goes with `mechanism: chosen`: any other trades where it says"
            )
        if builder.problems:
            return None
        if kind == "profiles":
            with builder.at("prices", "mechanism"):
                prices, distribution = tabulated(distribution[0], distribution[1], prices)
            kind = "table"
        surplus = _surplus(builder, 0, seller, prices), _surplus(builder, 1, buyer, prices)
        weights = [Rationals.of(1), Rationals.of(1)]
        for name, value in spec.weights.items():
            with builder.at("prices", "weights", name):
                weights[_place(name, (seller, buyer))] = _on_grid(
                    builder.table(value, builder.shape), builder.agents[0] is seller
                ).broadcast_to(shape)
        powers = _powers(builder, spec, (seller, buyer))
        if builder.problems:
            return None
        environment = trade_at_prices(
            (seller, buyer),
            prices,
            surplus,
            powers,
            prior,
            file.title,
            builder.parameters,
            bits=builder.bits,
            always=spec.always_trade is not None,
        )
        named = file.objective.named
        if "objective" not in file.given:
            named = "surplus" if distribution is None else "feasibility"
        return asked(environment, str(named), kind, distribution, weights if spec.weights else None, ends)
    return None


def given_at_prices(design: Design) -> tuple[Rationals, Rationals] | None:
    """The posted price or lottery over prices that a question is about, as a mechanism to be examined."""
    table = design.wants.allocation if design.wants.kind == "undominated" else design.allocation
    if not isinstance(table, Rationals):
        return None
    return table, Rationals.zeros((design.environment.n, *design.environment.shape))


def _traders(builder: Context) -> tuple[Agent, Agent]:
    names = ("seller", "buyer")
    if builder.file.trade is not None:
        names = (builder.file.trade.seller, builder.file.trade.buyer)
    found = [next((a for a in builder.agents if a.name == n), None) for n in names]
    if len(builder.agents) != 2 or None in found or found[0] is found[1]:
        raise ValueError(
            "`outcomes: prices` takes two agents, `seller` and `buyer`, or `trade: {seller: NAME, buyer: NAME}`"
        )
    return found[0], found[1]  # type: ignore[return-value]


def _place(name: str, agents: tuple[Agent, Agent]) -> int:
    for k, agent in enumerate(agents):
        if agent.name == name:
            return k
    raise ValueError(f"no agent is named {name!r}; known: {agents[0].name}, {agents[1].name}")


def _on_grid(array: Rationals, in_order: bool) -> Rationals:
    """An array over the file's type grid, laid out seller first."""
    array = array.reshape((1,) * (2 - array.ndim) + array.shape)
    return array if in_order else array.moveaxis(1, 0)


def _surplus(builder: Context, k: int, agent: Agent, prices: Rationals) -> Number:
    """What trade at each price is worth before risk aversion: a formula in the own type and `price`."""
    formula = f"price - {agent.name}" if k == 0 else f"{agent.name} - price"
    for outcome, payoffs in builder.file.payoffs.items():
        if outcome != "trade":
            builder.report(("payoffs", outcome), "with `outcomes: prices` the outcome is `trade`")
        for name in payoffs:
            if name not in [a.name for a in builder.agents]:
                builder.report(("payoffs", outcome, name), f"no agent is named {name!r}")
        formula = payoffs.get(agent.name, formula)
    shape = (agent.size, 1, len(prices)) if k == 0 else (1, agent.size, len(prices))
    with builder.at("payoffs", "trade", agent.name):
        if isinstance(formula, list):  # types x prices
            table = builder.table(formula, (agent.size, len(prices)))
            return table.reshape(shape)
        if not isinstance(formula, str):
            raise ValueError("expected a formula in the own type and `price`")
        own = builder.names[agent.name]
        names: dict[str, Any] = {n: v for n, v in builder.names.items() if n in builder.parameters}
        if isinstance(own, Rationals):
            own = own.reshape((-1, 1, 1) if k == 0 else (1, -1, 1))
        names |= {agent.name: own, "price": prices}
        value = Enclosed.of(builder.enclosed(formula, names))
        return Enclosed(value.low.broadcast_to(shape), value.high.broadcast_to(shape)).known()
    return Rationals.zeros(shape)


def _powers(builder: Context, spec: PricesSpec, agents: tuple[Agent, Agent]) -> tuple[Fraction, Fraction]:
    powers = [Fraction(1), Fraction(1)]
    with builder.at("prices", "power"):
        given = spec.power
        if isinstance(given, str):
            return (builder.constant(given),) * 2
        if not isinstance(given, dict):
            raise ValueError("expected one number, or agent -> number")
        for name, value in given.items():
            powers[_place(name, agents)] = builder.constant(value)
    return powers[0], powers[1]


def _mechanism(builder: Context, spec: PricesSpec, prices: Rationals) -> tuple[str, Any]:
    """Its kind, and what it is given by: a distribution over the prices, or price and chance at each profile."""
    asked = spec.mechanism
    kinds = ("named", "posted", "lottery", "simple_from", "price", "chance")
    given = [k for k in kinds if getattr(asked, k) is not None]
    with builder.at("prices", "mechanism"):
        if given == ["price", "chance"]:
            in_order = [a.name for a in builder.agents] == [a.name for a in _traders(builder)]
            if isinstance(asked.chance, str) and isinstance(builder.payoff(asked.chance, builder.shape), Enclosed):
                raise ValueError(
                    f"the chance {asked.chance} is irrational at some of these types: take others (then `mechlp "
                    "continuum` decides about the formula for all types), or give the distribution over prices behind it, "
                    "as {simple-from: {1/4: 1/2, 3/4: 1/2}}"
                )
            sides = [_on_grid(builder.table(getattr(asked, k), builder.shape), in_order) for k in given]
            shape = builder.shape if in_order else builder.shape[::-1]
            return "profiles", [side.broadcast_to(shape) for side in sides]
        if len(given) != 1 or given[0] in ("price", "chance"):
            raise ValueError(
                "give exactly one of chosen, simple, {posted: }, {lottery: }, {simple-from: } or {price: , chance: }"
            )
        if asked.named is not None:
            return str(asked.named), None
        if asked.posted is not None:
            return "posted", _distribution(builder, {asked.posted: "1"}, prices)
        kind = "lottery" if asked.lottery is not None else "simple-from"
        return kind, _distribution(builder, getattr(asked, given[0]), prices)
    return "chosen", None


def _of_distribution(
    builder: Context, spec: PricesSpec, traders: tuple[Agent, Agent], prices: Rationals, chances: Rationals
) -> tuple[Rationals, Rationals, Rationals]:
    """Price at each profile of the simple mechanism of a distribution, and ends of the chance of trade."""
    power = _powers(builder, spec, traders)[0]
    seller, buyer = (agent.values for agent in traders)
    with builder.at("prices", "mechanism"):
        if seller is None or buyer is None or builder.file.payoffs:
            raise ValueError(
                "undominated: the simple mechanism of a distribution takes payoffs price - seller and buyer - price"
            )
        inside = (prices >= seller.reshape(-1, 1, 1)) & (prices <= buyer.reshape(1, -1, 1))
        held = Rationals(inside.astype(np.int64)) * chances
        mass, moment = held.sum(axis=2), (held * prices).sum(axis=2)
        price = moment / where(mass > 0, mass, 1)
        return price, *raised_to(mass, power)
    return prices, prices, prices  # a mistake was reported


def _distribution(builder: Context, given: Any, prices: Rationals) -> Rationals:
    """Probabilities of the prices of the grid."""
    known = prices.fractions()
    if given == "uniform":
        return Rationals(np.ones(len(known), dtype=np.int64), len(known))
    if not isinstance(given, Mapping):
        raise ValueError("expected uniform, or price -> probability, as in {1/4: 1/2, 3/4: 1/2}")
    chances = dict.fromkeys(known, Fraction(0))
    for price, chance in given.items():
        at = builder.constant(price)
        if at not in chances:
            raise ValueError(f"the price {text(at)} is not in prices.grid")
        chances[at] += builder.constant(chance)
    return Rationals.of(list(chances.values()))


def document_of_prices(design: Design) -> dict[str, Any]:
    """A question about trade at prices as a document of tables."""
    environment, wants = design.environment, design.wants
    prices, kind = environment.prices, kind_of(design)
    if prices is None or prices.surplus is None:
        raise ValueError(
            "irrational payoffs at prices are written as formulas: read the question from a file"
        )
    names = [a.name for a in environment.agents]
    axes = ((0, 2), (1, 2))
    worth = {
        name: s.broadcast_to(
            tuple(n if k in axis else 1 for k, n in enumerate((*environment.shape, len(prices.grid))))
        )
        .reshape(-1, len(prices.grid))
        .texts()
        for name, s, axis in zip(names, prices.surplus, axes, strict=True)
    }
    section: dict[str, Any] = {
        **(
            {"always-trade": "true"}
            if environment.possible is not None and not environment.possible[0].all()
            else {}
        ),
        "grid": prices.grid.texts(),
        "power": {name: text(power) for name, power in zip(names, prices.powers, strict=True)},
    }
    if wants.weights is not None:
        section["weights"] = {
            name: w.broadcast_to(environment.shape).texts()
            for name, w in zip(names, wants.weights, strict=True)
        }
    if kind in ("simple", "chosen"):
        section["mechanism"] = kind
    elif design.distribution is not None:
        section["mechanism"] = {
            "simple-from": dict(zip(prices.grid.texts(), design.distribution.texts(), strict=True))
        }
    else:
        table = wants.allocation if wants.kind == "undominated" else design.allocation
        assert isinstance(table, Rationals)
        if kind == "table":
            section["mechanism"] = _profiles(prices.marginals(table)[1], prices.grid)
        chances = drawn_chances(prices, table)  # a price is drawn, and traded at where nobody loses
        left = 1 - chances.sum()
        cells = chances.fractions()
        cells[int(np.argmin(prices.support.any(axis=(0, 1))))] += left
        if kind != "table":
            section["mechanism"] = {"lottery": dict(zip(prices.grid.texts(), map(text, cells), strict=True))}
    assert environment.designer is not None
    return {
        "title": environment.title,
        "agents": {a.name: {"types": list(a.types)} for a in environment.agents},
        "trade": {"seller": names[0], "buyer": names[1]},
        "outcomes": "prices",
        "prices": section,
        "payoffs": {"trade": worth},
        "beliefs": {"prior": {"table": environment.designer.texts()}},
        "objective": wants.kind,
    }


def _profiles(chances: Rationals, grid: Rationals) -> dict[str, Any]:
    """Price and chance at each profile of a simple mechanism, ``(m, n, P)``.  Raises ValueError where two prices are drawn."""
    if bool(np.any((chances > 0).sum(axis=2) > 1)):
        raise ValueError(
            "a mechanism that draws among several prices by profile is written by the file it is read from"
        )
    used = Rationals((chances > 0).astype(np.int64))
    return {"price": (used * grid).sum(axis=2).texts(), "chance": chances.sum(axis=2).texts()}
