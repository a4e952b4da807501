"""Maximin core and value of an exchange economy (Guo 2018, section 3.6), from allocations, prices and weights.

With every belief held possible and private values a coalition loses nothing by consuming the same whatever the others' types:
if y blocks at t, so does y(t) everywhere.  So only what types are sure of counts.  For the same reason the characteristic
function of the value is that of complete information; for two agents with weights ``l`` the Shapley value says that
``l_1 (U_1 - c_1) = l_2 (U_2 - c_2)`` on the frontier (c: what endowments are worth): the Nash bargaining solution, which is
unique.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product
from math import factorial
from typing import Any

import numpy as np

from ...environment.coalitions import Coalition
from ...exact.numbers import Rationals, rational, text
from ...question.economy import Exchange
from ..invalid import InvalidCertificate
from .findings import Finding

Witness = Mapping[str, Any]
Cells = tuple[int, ...]
#: Type profiles that words list.
LISTED = 6


def own_worth(question: Exchange, i: int, k: int) -> Fraction:
    """What her endowment is worth to a type."""
    return question.worth(i, k, question.endowments[i])


def bundles(question: Exchange, data: Any, members: Coalition) -> Rationals:
    """Consumption of some agents, shape ``(members, L)``, that they can afford together.  Raises InvalidCertificate."""
    count = len(question.goods)
    if len(data) != len(members) or any(len(row) != count for row in data):
        raise InvalidCertificate("an allocation has a row for each member, and an entry for each good")
    found = Rationals.from_fractions([rational(c) for row in data for c in row], (len(members), count))
    have = question.endowments[np.array(members)].sum(axis=0)
    if bool(np.any(found < 0)) or bool(np.any(found.sum(axis=0) > have)):
        raise InvalidCertificate("an allocation that is negative, or more than the members have")
    return found


def dual_bound(
    question: Exchange,
    members: Coalition,
    types: Cells,
    prices: Sequence[Any],
    pieces: Sequence[Sequence[Any]],
) -> tuple[Fraction, list[Fraction]]:
    """The most of ``sum of weight * utility`` that members can afford, and the weights: ``pieces`` spread each weight over the
    forms of a utility, and no bundle is worth more than it costs at ``prices``.

    Raises
    ------
    InvalidCertificate
        Negative numbers, or a form that is worth more than it costs.
    """
    cost = [rational(p) for p in prices]
    spread = [[rational(m) for m in own] for own in pieces]
    if len(cost) != len(question.goods) or min(cost) < 0 or len(spread) != len(members):
        raise InvalidCertificate("prices: one for each good, none negative")
    have = question.endowments[np.array(members)].sum(axis=0).fractions()
    total = sum((p * e for p, e in zip(cost, have, strict=True)), Fraction(0))
    weights = []
    for i, k, own in zip(members, types, spread, strict=True):
        forms = question.utilities[i][:, k].tolist()
        if len(own) != len(forms) or min(own) < 0:
            raise InvalidCertificate("weights on the forms of a utility: one each, none negative")
        for good, price in enumerate(cost):
            if sum(m * form[good] for m, form in zip(own, forms, strict=True)) > price:
                raise InvalidCertificate("a good is worth more than its price")
        total += sum(m * form[-1] for m, form in zip(own, forms, strict=True))
        weights.append(sum(own, Fraction(0)))
    return total, weights


# -- individual rationality and the core --------------------------------------------------------------------
def rationality(question: Exchange) -> Finding:
    """Every type against her endowment."""
    environment = question.environment
    for i, size in enumerate(environment.shape):
        for k in range(size):
            have, get = own_worth(question, i, k), question.secured(i, k)
            if get < have:
                words = (
                    f"{environment.agents[i].name} of type {environment.type_label(i, k)} has {text(get)} in the worst case, and "
                    f"{text(have)} from her endowment"
                )
                return Finding("maximin-rationality", False, (words,), {"agent": i, "type": k})
    return Finding("maximin-rationality", True, ("no type prefers her endowment",), {})


def blocks(question: Exchange) -> Iterator[tuple[Coalition, Cells]]:
    """Every coalition of every type profile."""
    for own in question.pattern:
        yield from ((own, types) for types in product(*(range(question.environment.shape[i]) for i in own)))


def core(question: Exchange, witness: Witness) -> Finding:
    """Definition 3.6.1: an allocation with which a coalition blocks, or for each coalition prices at which none is affordable."""
    environment = question.environment
    if "coalition" in witness:
        own: Coalition = tuple(int(i) for i in witness["coalition"])
        types = tuple(int(k) for k in witness["types"])
        if (own, types) not in set(blocks(question)):
            raise InvalidCertificate("no such coalition of types")
        found = bundles(question, witness["consumption"], own)
        gains = [
            question.worth(i, k, found[m]) - question.secured(i, k)
            for m, (i, k) in enumerate(zip(own, types, strict=True))
        ]
        if min(gains) < 0 or max(gains) <= 0:
            raise InvalidCertificate("the allocation does not block")
        who = ", ".join(
            f"{environment.agents[i].name} of type {environment.type_label(i, k)} gains {text(g)}"
            for i, k, g in zip(own, types, gains, strict=True)
        )
        share = "; ".join(
            f"{environment.agents[i].name} {bundle_text(question, found[m])}" for m, i in enumerate(own)
        )
        words = (f"{{{', '.join(question.members(own))}}} blocks with its own endowments ({share}): {who}",)
        return Finding("maximin-core", False, words, dict(witness))
    count = 0
    for (own, types), saved in zip(blocks(question), witness["prices"], strict=True):
        most, weights = dual_bound(question, own, types, saved[0], saved[1])
        now = sum(
            (w * question.secured(i, k) for i, k, w in zip(own, types, weights, strict=True)), Fraction(0)
        )
        if min(weights) < 0 or most > now or (most == now and min(weights) == 0):
            raise InvalidCertificate("the prices do not show that a coalition cannot block")
        count += 1
    said = (
        f"at each of {count:,} coalitions of types prices exist at which nobody can afford more than the function gives",
        "so it is also ambiguous Pareto efficient, and no coalition gains by lying (Lemma 3.6.1)",
    )
    return Finding("maximin-core", True, said, dict(witness))


def bundle_text(question: Exchange, bundle: Rationals) -> str:
    """``1 apple, 1/2 pear``"""
    shown = [f"{text(x)} {good}" for x, good in zip(bundle.fractions(), question.goods, strict=True) if x]
    return ", ".join(shown) or "nothing"


# -- the value, two agents ----------------------------------------------------------------------------------
def nash(question: Exchange, types: Cells, saved: Any) -> tuple[list[Fraction], list[Fraction], Rationals]:
    """The value at a profile of two agents: utilities, weights and an allocation, from the definition.

    Raises
    ------
    InvalidCertificate
    """
    found = bundles(question, saved["consumption"], (0, 1))
    have = [own_worth(question, i, k) for i, k in enumerate(types)]
    utilities = [question.worth(i, k, found[i]) for i, k in enumerate(types)]
    most, weights = dual_bound(question, (0, 1), types, saved["prices"], saved["pieces"])
    if min(weights) <= 0 or most != sum(w * u for w, u in zip(weights, utilities, strict=True)):
        raise InvalidCertificate("value: the weights do not support the allocation")
    gains = [w * (u - c) for w, u, c in zip(weights, utilities, have, strict=True)]
    if gains[0] != gains[1] or gains[0] < 0:
        raise InvalidCertificate("value: the weighted gains differ")
    return utilities, weights, found


def profiles(question: Exchange) -> list[Cells]:
    """Every type profile."""
    return list(product(*map(range, question.environment.shape)))


def value_exists(question: Exchange, witness: Witness) -> Finding:
    """For two agents: the value at each profile is unique, so one function exists iff what a type has is the same everywhere."""
    environment = question.environment
    values = {}
    for types, saved in zip(profiles(question), witness["values"], strict=True):
        values[types] = nash(question, types, saved)
    said = [
        f"at ({environment.profile_label(types)}) weights {text(w[0])} : {text(w[1])}, utilities {text(u[0])} and {text(u[1])}"
        for types, (u, w, _) in list(values.items())[:LISTED]
    ]
    for i in range(2):
        for a, b in combinations(values, 2):
            if a[i] == b[i] and values[a][0][i] != values[b][0][i]:
                words = (
                    f"the value gives {environment.agents[i].name} of type {environment.type_label(i, a[i])} "
                    f"{text(values[a][0][i])} at ({environment.profile_label(a)}) and {text(values[b][0][i])} at "
                    f"({environment.profile_label(b)}), and the worst case of a type is one number: no function is a value"
                )
                return Finding("maximin-value-exists", False, (words, *said), dict(witness))
    words = "the value of each type is the same at all profiles: the allocations found make up the function"
    return Finding("maximin-value-exists", True, (words, *said), dict(witness))


# -- the value of a given function --------------------------------------------------------------------------
def value(question: Exchange, witness: Witness) -> Finding:
    """Definition 3.6.2 for a given function: weights at each profile, or a profile without."""
    environment = question.environment
    if "profile" in witness:
        types = tuple(int(k) for k in witness["profile"])
        if types not in profiles(question):
            raise InvalidCertificate("no such profile")
        if environment.n == 1:
            have, gets = own_worth(question, 0, types[0]), question.secured(0, types[0])
            if have == gets:
                raise InvalidCertificate("value: the function gives the value there")
            said = f"at ({environment.profile_label(types)}) the endowment is worth {text(have)}, and the function {text(gets)}"
            return Finding("maximin-value", False, (said,), dict(witness))
        if environment.n == 2:
            utilities = nash(question, types, witness["value"])[0]
            now = [question.secured(i, k) for i, k in enumerate(types)]
            if utilities == now:
                raise InvalidCertificate("value: the function gives the value there")
            said = (
                f"at ({environment.profile_label(types)}) the value is {text(utilities[0])} and {text(utilities[1])}, and the "
                f"function secures {text(now[0])} and {text(now[1])}"
            )
            return Finding("maximin-value", False, (said,), dict(witness))
        _no_weights(question, types, witness["orders"])
        said = f"at ({environment.profile_label(types)}) no weights make what the function secures the Shapley value"
        return Finding("maximin-value", False, (said,), dict(witness))
    for types, saved in zip(profiles(question), witness["weights"], strict=True):
        weights = [rational(w) for w in saved["weights"]]
        if len(weights) != environment.n or min(weights) <= 0:
            raise InvalidCertificate("value: positive weights, one an agent")
        known = {}
        for own, item in zip(question.pattern, saved["coalitions"], strict=True):
            known[own] = _characteristic(question, own, types, weights, item)
        for i, k in enumerate(types):
            if shapley(known, environment.n, i) != weights[i] * question.secured(i, k):
                raise InvalidCertificate("value: a weighted utility is not the Shapley value")
    words = f"at each of {len(profiles(question)):,} profiles weights exist under which everybody secures her Shapley value"
    return Finding("maximin-value", True, (words,), dict(witness))


def _characteristic(
    question: Exchange, own: Coalition, types: Cells, weights: Sequence[Fraction], item: Any
) -> Fraction:
    """The worth of a coalition under weights, attained by an allocation and bounded by prices."""
    there = tuple(types[i] for i in own)
    found = bundles(question, item["consumption"], own)
    reached = sum(
        (
            weights[i] * question.worth(i, k, found[m])
            for m, (i, k) in enumerate(zip(own, there, strict=True))
        ),
        Fraction(0),
    )
    most, spread = dual_bound(question, own, there, item["prices"], item["pieces"])
    if spread != [weights[i] for i in own] or most != reached:
        raise InvalidCertificate("value: the worth of a coalition is not what is claimed")
    return reached


def shapley(worths: Mapping[Coalition, Fraction], n: int, i: int) -> Fraction:
    """The Shapley value of an agent."""
    total = Fraction(0)
    for own, worth in worths.items():
        if i in own:
            without = worths.get(tuple(j for j in own if j != i), Fraction(0))
            share = Fraction(factorial(len(own) - 1) * factorial(n - len(own)), factorial(n))
            total += share * (worth - without)
    return total


def orders(question: Exchange) -> Iterator[tuple[Cells, ...]]:
    """For each good, who values it most at the weights, then who, ...: in each such cell the worths are linear in weights."""
    yield from product(permutations(range(question.environment.n)), repeat=len(question.goods))


def cell_rows(
    question: Exchange, types: Cells, order: Sequence[Cells]
) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """In a cell: rows on weights that are zero (weighted utilities less Shapley values), and rows that are not negative.

    For linear utilities without constants a coalition gives each good to the member who is first in its order.
    """
    n = question.environment.n
    form = [question.utilities[i][0, types[i]].fractions() for i in range(n)]
    have = question.endowments.tolist()
    linear: dict[Coalition, list[Fraction]] = {}
    for own in question.pattern:
        row = [Fraction(0)] * n
        for i in own:
            row[i] += form[i][-1]
        for good, ranked in enumerate(order):
            first = next(i for i in ranked if i in own)
            row[first] += form[first][good] * sum((have[j][good] for j in own), Fraction(0))
        linear[own] = row
    equal = []
    for i in range(n):
        shares = [shapley({own: row[j] for own, row in linear.items()}, n, i) for j in range(n)]
        shares[i] -= question.secured(i, types[i])
        equal.append(shares)
    ranks = []
    for good, ranked in enumerate(order):
        for a, b in pairwise(ranked):
            row = [Fraction(0)] * n
            row[a] += form[a][good]
            row[b] -= form[b][good]
            ranks.append(row)
    return equal, ranks


def _no_weights(question: Exchange, types: Cells, saved: Sequence[Any]) -> None:
    """Check that in no cell weights of sum one exist, by multipliers of its rows.  Raises InvalidCertificate."""
    if not question.linear:
        raise InvalidCertificate("value: cells of weights are for linear utilities")
    for order, item in zip(orders(question), saved, strict=True):
        equal, ranks = cell_rows(question, types, order)
        on_equal, on_ranks = ([rational(m) for m in item[part]] for part in ("equal", "ranks"))
        if (
            len(on_equal) != len(equal)
            or len(on_ranks) != len(ranks)
            or min(on_ranks, default=Fraction(0)) < 0
        ):
            raise InvalidCertificate("value: multipliers of other rows")
        for j in range(question.environment.n):
            total = sum((m * row[j] for m, row in zip(on_equal, equal, strict=True)), Fraction(0))
            total += sum((m * row[j] for m, row in zip(on_ranks, ranks, strict=True)), Fraction(0))
            if total >= 0:  # a non-negative combination of weights of sum one would be negative
                raise InvalidCertificate("value: the multipliers do not exclude weights")


# -- the sets of all core and of all value allocations ------------------------------------------------------
def set_implementation(question: Exchange, check: str) -> Finding:
    """Corollaries 3.6.2 and 3.6.3, from their premises: the zero bundle is worse than every endowment; and a weight of a value is
    never zero, for whoever has none would have the Shapley value zero, and her goods are worth something to another."""
    environment = question.environment
    each = [(i, k) for i, size in enumerate(environment.shape) for k in range(size)]
    nothing = Rationals.zeros((len(question.goods),))
    margin = min(own_worth(question, i, k) - question.worth(i, k, nothing) for i, k in each)
    found = margin > 0
    words = [
        f"the zero bundle is a bad outcome: whoever has at least what her endowment is worth loses {text(margin)} or more by it"
    ]
    saved = {"margin": text(margin)}
    if check == "value-implementation" and environment.n > 1:
        further = min(
            question.worth(j, k, question.endowments[[i, j]].sum(axis=0)) - own_worth(question, j, k)
            for j, k in each
            for i in range(environment.n)
            if i != j
        )
        found = found and further > 0
        words.append(
            f"all weights of a value are positive: what any agent owns adds {text(further)} or more to another's worth"
        )
        words.append("the set may be empty, and then this says nothing (maximin-value-exists)")
        saved["further"] = text(further)
    number = "3.6.2" if check == "core-implementation" else "3.6.3"
    return Finding(
        check, found, (f"by Corollary {number}, for preferences that increase in each good", *words), saved
    )


__all__ = [
    "blocks",
    "cell_rows",
    "core",
    "orders",
    "own_worth",
    "profiles",
    "rationality",
    "set_implementation",
    "shapley",
    "value",
    "value_exists",
]
