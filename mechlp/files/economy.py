"""Exchange economies: `outcomes: economy`, goods that agents own, and what bundles are worth to types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..environment.model import Environment
from ..exact.numbers import Rationals, stack
from ..question.economy import ECONOMY_CHECKS, Exchange
from ..question.implementation import CHECKS
from ..question.premises import InvalidDesign
from .context import GENERAL, Context
from .mistakes import Wrong, brief, near

CONSTANT = "constant"
#: What an economy is made of.
TAKEN = GENERAL | {"outcomes", "economy", "coalitions"}
#: What of ``coalitions`` it takes: the reader says of ``patterns`` why not.
ASKED = frozenset({"named", "checks", "patterns"})


def read_economy(context: Context) -> Exchange | None:
    """The question that a file asks about an economy; mistakes are reported."""
    spec = context.file.economy
    if spec is None:
        context.report(("economy",), "outcomes: economy needs goods, endowments and utilities under economy")
        return None
    if not context.only(TAKEN, "outcomes: economy", "types hold every belief possible, and coalitions.checks says what is asked"):
        return None
    goods = tuple(spec.goods)
    if len(set(goods)) < len(goods) or not goods:
        context.report(("economy", "goods"), "expected a list of goods, none twice")
        return None
    zero = Rationals.of(0)
    endowments = context.for_all(
        "economy",
        spec.endowments,
        lambda own, i: Rationals.of([context.constant(v) for v in _by_good(own, goods, "0")]),
        "the endowments of {} are missing",
        "endowments",
    )
    utilities = context.for_all(
        "economy",
        spec.utilities,
        lambda forms, i: stack([_form(context, form, goods, i) for form in forms]),
        "the utilities of {} are missing",
        "utilities",
    )
    consumption: list[Rationals] | None = None
    if spec.consumption is not None:
        consumption = context.for_all(
            "economy",
            spec.consumption,
            lambda own, i: stack(
                [
                    context.table(v, context.shape).broadcast_to(context.shape)
                    for v in _by_good(own, goods, "0")
                ]
            ),
            "the consumption of {} is missing",
            "consumption",
        )
    if context.problems or endowments is None or utilities is None:
        return None
    shape = (1, *context.shape)
    environment = Environment(
        tuple(context.agents),
        ("consumption",),
        tuple(zero.broadcast_to(shape) for _ in context.agents),
        title=context.file.title,
        parameters=context.parameters,
    )
    asked = context.file.coalitions
    default = ("maximin-core",) if consumption is not None else ("maximin-value-exists",)
    checks = tuple((asked.checks if asked is not None else None) or default)
    for check in checks:
        if check in CHECKS:
            context.report(
                ("coalitions", "checks"),
                f"{check} is about finitely many outcomes; of an economy one asks {', '.join(ECONOMY_CHECKS)}",
            )
            return None
    if asked is not None and (left := asked.given - ASKED or (asked.named == "singletons" and {"named"})):
        names = ", ".join(sorted(asked.keys[name].name for name in left))
        context.report(("coalitions",), f"{names}: in an economy all coalitions can form, and checks alone are asked")
        return None
    if asked is not None and asked.patterns is not None:
        context.report(
            ("coalitions", "patterns"),
            "core and value are about all coalitions, whatever the pattern",
        )
        return None
    with context.at("economy"):
        try:
            given = None if consumption is None else stack(consumption)
            return Exchange(environment, goods, stack(endowments), tuple(utilities), given, checks)
        except InvalidDesign as error:
            raise ValueError(str(error).removeprefix("economy: ")) from None
    return None


def _by_good(given: Any, goods: tuple[str, ...], missing: str) -> list[Any]:
    """What is said of each good, in order."""
    if not isinstance(given, Mapping):
        raise Wrong((), f"expected good -> number, found {brief(given)}")
    for name in given:
        if name not in (*goods, CONSTANT):
            raise Wrong((name,), f"no good is named {name!r}{near(name, goods)}")
    return [given.get(good, missing) for good in goods]


def _form(context: Context, form: Mapping[str, Any], goods: tuple[str, ...], agent: int) -> Rationals:
    """``(|T_i|, L + 1)``: coefficients by type, the constant last."""
    parts = [*_by_good(form, goods, "0"), form.get(CONSTANT, "0")]
    columns = [context.own(part, agent) for part in parts]
    return Rationals(np.stack([c.integers(_common(columns)) for c in columns], axis=1), _common(columns))


def _common(columns: list[Rationals]) -> int:
    return int(np.lcm.reduce([int(c.denominator) for c in columns]))


def document_of_economy(question: Exchange) -> dict[str, Any]:
    """The economy as a document that reads back to the same question."""
    if question.document is not None:
        return dict(question.document)
    agents = question.environment.agents
    names = [*question.goods, CONSTANT]
    body: dict[str, Any] = {
        "goods": list(question.goods),
        "endowments": {
            a.name: dict(zip(question.goods, own.texts(), strict=True))
            for a, own in zip(agents, question.endowments, strict=True)
        },
        "utilities": {
            a.name: [
                {name: form[:, c].texts() for c, name in enumerate(names)} for form in question.utilities[i]
            ]
            for i, a in enumerate(agents)
        },
    }
    if question.consumption is not None:
        body["consumption"] = {
            a.name: dict(zip(question.goods, own.texts(), strict=True))
            for a, own in zip(agents, question.consumption, strict=True)
        }
    return {
        "title": question.environment.title,
        "agents": {a.name: {"types": list(a.types)} for a in agents},
        "outcomes": "economy",
        "economy": body,
        "coalitions": {"named": "all", "checks": list(question.checks)},
    }


__all__ = ["document_of_economy", "read_economy"]
