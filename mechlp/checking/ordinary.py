"""What a saved answer to an ordinary design claims: a mechanism, what it is worth, and why nothing is better."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..answer.answer import FORMAT, Answer, verdict
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..files import read_document
from ..mechanism.audit import audit
from ..mechanism.given import check_given
from ..mechanism.mechanism import Mechanism
from ..proof.cases import Case
from ..proof.direction import check_added
from ..proof.fewest import Fewest
from ..proof.guarantee import WorstCase, reached
from ..proof.invalid import InvalidCertificate
from ..proof.relaxation import Relaxation
from ..proof.unmoved import unmoved
from ..proof.written_rates import Whole, rates_from_json, rates_to_json
from ..question.continuum import least_rents, rounded
from ..question.design import Design
from ..question.objective import goal
from ..question.prices import best_posted_price
from .simple import simple_claims

#: What an answer of each status must hold, and what it may hold besides.
MUST = {
    "feasible": {"rules"},
    "infeasible": {"certificate"},
    "optimal": {"value", "bound", "rules", "certificate"},
    "bracket": {"value", "bound", "rules", "certificate"},
    "dominated": {"value", "bound", "rules", "certificate"},
    "undominated": {"bound"},
    "unbounded": {"rules", "direction"},
    "undecided": set(),
}
MAY = {
    "feasible": {"fewest_rules"},
    "infeasible": {"relaxations"},
    "optimal": {"worst_case", "continuum", "fewest_rules"},
    "bracket": {"worst_case"},
    "dominated": {"worst_case"},
    "undominated": {"value", "rules", "certificate", "worst_case"},
    "unbounded": {"worst_case"},
    "undecided": {"value", "bound", "rules", "certificate", "worst_case"},
}
#: Fields that an answer holds or leaves empty.
HELD = frozenset.union(*map(frozenset, (*MUST.values(), *MAY.values())))
#: Fields that show what these are.
SHOWN = ("mechanism", "menu", "interim_payoffs", "lies", "value_float", "bound_float")
#: Fields about other questions.
BESIDE = ("continuum", "risk_neutral_control", "best_posted_price")
#: Claims in words, as they are checked; then the answer as the program writes it.
Claims = Generator[str, None, Mapping[str, Any]]
#: Rechecks a saved answer that is part of another.
Verify = Callable[[Mapping[str, Any]], Iterator[str]]


def claims(data: Mapping[str, Any], verify: Verify) -> Claims:
    """Each claim that held, in words; returns the answer as the program writes it.

    Raises
    ------
    InvalidCertificate
        At the first claim that does not hold.
    """
    design = read_document(data["problem"]).design
    if not isinstance(design, Design):
        raise InvalidCertificate("the answer is of another kind than its problem")
    check_given(design)
    beside = yield from _beside(design, data, verify)
    if design.simple:
        rates = None if data["rates"] is None else rates_from_json(Whole(design), data["rates"], None, ())
        written = None if rates is None else rates_to_json(Whole(design), rates, None, ())
        return {**(yield from simple_claims(design, data)), **beside, "rates": written}
    _check_held(data)
    answer = answer_of(design, data)
    yield from _mechanism(answer)
    yield from _BY_STATUS[answer.status](answer)
    for relaxation in answer.relaxations:
        relaxation.check(answer.design)
        yield f"{relaxation.in_words()} (a mechanism, and multipliers)"
    if answer.fewest is not None:
        answer.fewest.check(answer.design, answer.value, answer.rules)
        yield f"the least number of rules: {answer.fewest}"
    return {**answer.to_json(), **beside}


def _check_held(data: Mapping[str, Any]) -> None:
    status = data["status"]
    if status not in MUST:
        raise InvalidCertificate(f"unknown status {status!r}")
    if data["certified"] is not (status != "undecided"):
        says = "certified" if data["certified"] else "not certified"
        raise InvalidCertificate(f"the answer says of itself that it is {says} ({status})")
    held = {name for name in HELD if data[name] not in (None, [])}
    for name in sorted(MUST[status] - held):
        what = "no mechanism is given" if name == "rules" else f"a {name} is missing"
        raise InvalidCertificate(f"{status}, but {what}")
    for name in sorted(held - MUST[status] - MAY[status]):
        raise InvalidCertificate(f"an answer that is {status} claims a {name}")


def answer_of(design: Design, data: Mapping[str, Any]) -> Answer:
    """What is checked of a saved answer, read."""
    number = lambda name: None if data[name] is None else rational(data[name])  # noqa: E731
    read = lambda name: tuple(Mechanism.from_json(design.environment, rule) for rule in data[name])  # noqa: E731
    part = lambda kind, name: None if data[name] is None else kind.from_json(design, data[name])  # noqa: E731
    rules, proof, rates = read("rules"), part(Case, "certificate"), data["rates"]
    own = None if proof is None or data["status"] != "optimal" else proof.multipliers
    return Answer(
        design,
        data["status"],
        data["certified"],
        number("value"),
        number("bound"),
        rules,
        read("direction"),
        proof,
        fewest=part(Fewest, "fewest_rules"),
        relaxations=tuple(Relaxation.from_json(design, r) for r in data["relaxations"]),
        worst_case=part(WorstCase, "worst_case"),
        rates=None if rates is None else rates_from_json(Whole(design), rates, own, rules),
    )


def _mechanism(answer: Answer) -> Iterator[str]:
    if not answer.rules:
        if answer.value is not None or answer.worst_case is not None:
            raise InvalidCertificate("a value, but no mechanism that attains it")
        return
    report = audit(answer.rules, answer.design)
    if not report.passed:
        raise InvalidCertificate(f"the mechanism breaks a requirement: {report}")
    yield f"the mechanism: {report}"
    if answer.value is None and answer.worst_case is not None and answer.status != "unbounded":
        raise InvalidCertificate("a worst case, but no value that is guaranteed")
    if answer.value is not None:
        found = reached(answer.design, answer.rules[0], answer.worst_case)
        if found != answer.value:
            raise InvalidCertificate(
                f"the mechanism attains {found}, the value claimed is {text(answer.value)}"
            )
        yield f"the mechanism {'guarantees' if answer.design.robust else 'attains'} {text(answer.value)}"


def _feasible(answer: Answer) -> Iterator[str]:
    if goal(answer.design) is not None:
        raise InvalidCertificate("feasible, but the problem has an objective")
    yield "nothing is wanted: that the mechanism satisfies the requirements is the answer"


def _infeasible(answer: Answer) -> Iterator[str]:
    if _proved(answer) is not None:
        raise InvalidCertificate("the multipliers do not refute the requirements")
    yield f"the multipliers refute the requirements ({_cases(answer)})"


def _optimal(answer: Answer) -> Iterator[str]:
    _check_bound(answer)
    if answer.bound != answer.value:
        raise InvalidCertificate("optimal, but value and bound differ")
    yield f"the multipliers prove that none does better ({_cases(answer)})"
    if answer.rates is not None and answer.rates.examined:
        assert answer.value is not None and answer.proof is not None and answer.proof.multipliers is not None
        answer.rates.check(answer.value, answer.proof.multipliers, answer.judge)
        yield f"{answer.rates.count} one-sided rates, each by multipliers and a mechanism of the moved problem"


def _between(answer: Answer) -> Iterator[str]:
    """What is attained and what nothing exceeds do not meet, or are compared with a given mechanism."""
    if answer.status == "undominated" and answer.proof is None:
        yield from _unmoved(answer)
        return
    _check_bound(answer)
    if verdict(answer.design, answer.value, answer.bound) != answer.status:
        raise InvalidCertificate(f"value and bound do not amount to {answer.status!r}")
    assert answer.bound is not None
    aim = goal(answer.design)
    shown = rounded_up(answer.bound) if aim is None or aim.maximize else rounded_down(answer.bound)
    yield f"the multipliers prove that nothing is better than {shown}"


def _unmoved(answer: Answer) -> Iterator[str]:
    """Without multipliers: nothing but what is given leaves all as well off."""
    if answer.bound != 0 or answer.value not in (None, 0):
        raise InvalidCertificate("undominated without multipliers: the bound on any gain is zero")
    if not unmoved(answer.design):
        raise InvalidCertificate("undominated, but a certificate is missing: comparisons of payoffs alone do not show it")
    yield "strict comparisons of payoffs exclude every other outcome: no mechanism gains anything"


def _unbounded(answer: Answer) -> Iterator[str]:
    """A change of transfers alone that can be added any number of times, and improves."""
    aim = goal(answer.design)
    check_added(answer.design, answer.rules, answer.direction)
    gain = reached(answer.design, answer.direction[0], answer.worst_case)
    if aim is None or gain is None or (gain <= 0 if aim.maximize else gain >= 0):
        raise InvalidCertificate("the direction does not improve the objective")
    yield "the direction keeps every requirement and improves without end"


def _undecided(answer: Answer) -> Iterator[str]:
    """What an answer without a verdict claims: a mechanism (checked before), and a bound."""
    if not answer.rules and answer.bound is None:
        raise InvalidCertificate("undecided: there is nothing to check")
    if answer.bound is not None or answer.proof is not None:
        _check_bound(answer)
        yield f"the multipliers prove the bound {answer.bound} (rigorous; whether it is attained is open)"


_BY_STATUS = {
    "feasible": _feasible,
    "infeasible": _infeasible,
    "optimal": _optimal,
    "bracket": _between,
    "dominated": _between,
    "undominated": _between,
    "unbounded": _unbounded,
    "undecided": _undecided,
}


def _proved(answer: Answer) -> Fraction | None:
    """The bound of the multipliers; None where they refute."""
    assert answer.proof is not None
    answer.proof.check_labels(answer.design)
    return answer.proof.bound(answer.design)


def _check_bound(answer: Answer) -> None:
    if goal(answer.design) is None:
        raise InvalidCertificate("a bound, but the problem has no objective")
    proved = None if answer.proof is None else _proved(answer)
    if proved is None or proved != answer.bound:
        shown = "nothing" if proved is None else f"the bound {text(proved)}"
        raise InvalidCertificate(f"the multipliers prove {shown}, the bound claimed is {answer.bound}")


def _cases(answer: Answer) -> str:
    count = 0 if answer.proof is None else answer.proof.leaves()
    return "one combination" if count == 1 else f"{count} cases"


def _beside(design: Design, data: Mapping[str, Any], verify: Verify) -> Claims:
    """What is said of other questions than the answer's own; returns these fields."""
    continuum, control, posted = beside = [data[name] for name in BESIDE]
    if continuum is not None:
        yield from _continuum(design, continuum, verify)
    if control is not None:
        neutral = design.environment.neutral
        if neutral is None:
            raise InvalidCertificate("a risk-neutral control, but no agent is averse to risk")
        calm = replace(design, environment=neutral, document=None)
        _check_another(control, calm, "the risk-neutral control", verify)
        yield f"the risk-neutral control: {control['status']}"
    if posted is not None:
        if design.environment.prices is None or design.wants.kind != "surplus":
            raise InvalidCertificate(
                "a best posted price, but the problem is not about the surplus at prices"
            )
        price, worth = best_posted_price(design)
        if posted != [text(price), text(worth)]:
            raise InvalidCertificate(f"the best posted price is {text(price)}, with welfare {text(worth)}")
        yield f"the best posted price: {text(price)}"
    return dict(zip(BESIDE, beside, strict=True))


def _check_another(data: Mapping[str, Any], design: Design, name: str, verify: Verify) -> None:
    """An answer to another question, whose claims all hold.  Raises InvalidCertificate."""
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise InvalidCertificate(f"{name}: claimed without its proof, solve it again")
    empty = all(data.get(field) in (None, []) for field in (*HELD, *SHOWN))
    if empty and data.get("status") == "undecided" and data.get("certified") is False:
        return  # nothing is claimed
    try:
        for _ in verify(data):
            pass
    except ValueError as error:
        raise InvalidCertificate(f"{name}: {error}") from None
    if not read_document(data["problem"]).design.same(design):
        raise InvalidCertificate(f"{name} is about another problem")


def _continuum(design: Design, data: Mapping[str, Any], verify: Verify) -> Iterator[str]:
    """The guarantee in the continuum: an answer of its own, about rounded reports."""
    name = "the guarantee in the continuum"
    if not design.continuum:
        raise InvalidCertificate(f"{name} was not asked for")
    _check_another(data, rounded(design), name, verify)
    if data["status"] == "undecided":
        return  # no guarantee is claimed
    rules = [Mechanism.from_json(design.environment, rule) for rule in data["rules"]]
    if len(rules) != 1 or not rules[0].transfers.same(least_rents(design.environment, rules[0].allocation)):
        raise InvalidCertificate("the rents of the mechanism for the continuum are not the least ones")
    yield f"{name}: {data['value']}"
