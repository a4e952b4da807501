"""Mechanisms, interim payoffs and multipliers as CSV: every number an exact ``a/b``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np

from ..answer.interim import InterimAnswer
from ..checking.saved import Saved
from ..exact.errors import InvalidInput
from ..exact.numbers import rational, text
from ..exact.rewritten import complete
from ..exact.saved import replacing
from ..mechanism.audit import requirements
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import interim_payoffs
from ..proof.rates import OneSided
from ..question.premises import InvalidDesign
from ..question.symmetric import WHOLE_GRID
from ..study.priors import PriorTable

Rows = Iterator[Sequence[str]]


def mechanism_rows(saved: Saved) -> Rows:
    """One row a profile (and rule): types, the chance of every outcome, what every agent receives."""
    environment, many = saved.design.environment, len(saved.rules) > 1
    names = [agent.name for agent in environment.agents]
    first = ["rule"] if many else []
    yield [*first, *names, *(f"q {a}" for a in environment.outcomes), *(f"t {name}" for name in names)]
    for k, rule in enumerate(_rules(saved)):
        for cell in np.ndindex(*environment.shape):
            types = [a.types[t] for a, t in zip(environment.agents, cell, strict=True)]
            chances, paid = (array[(slice(None), *cell)] for array in (rule.allocation, rule.transfers))
            yield [
                *([str(k + 1)] if many else []),
                *types,
                *map(text, (*chances.fractions(), *paid.fractions())),
            ]


def interim_rows(saved: Saved) -> Rows:
    """One row a type: payoff as the design evaluates it, and, with one rule, its expected transfer and chances of outcomes
    under its belief."""
    rules, environment = _rules(saved), saved.design.environment
    one = rules[0] if len(rules) == 1 and environment.beliefs is not None else None
    further = [] if one is None else ["transfer", *(f"q {a}" for a in environment.outcomes)]
    yield ["agent", "type", "payoff", *further]
    payoffs = interim_payoffs(saved.design, rules)
    for i, agent in enumerate(environment.agents):
        for k, label in enumerate(agent.types):
            more = [] if one is None else expected(one, i, k)
            yield [agent.name, label, *map(_or_empty, (payoffs[i][k], *more))]


def expected(rule: Mechanism, agent: int, own: int) -> list[Fraction | None]:
    """Transfer and chances of outcomes that a type expects."""
    environment = rule.environment
    assert environment.beliefs is not None
    weights = (
        environment.beliefs.weights[agent].broadcast_to(environment.shape).moveaxis(agent, 0)[own : own + 1]
    )
    mass = weights.sum()
    parts = [rule.transfers[agent], *(rule.allocation[a] for a in range(len(environment.outcomes)))]
    seen = (part.moveaxis(agent, 0)[own : own + 1] for part in parts)
    return [(weights * part).sum() / mass if mass else None for part in seen]


def price_rows(saved: Saved) -> Rows:
    """One row a requirement whose multiplier is not zero: its name and the multiplier."""
    if saved.proof is None:
        raise InvalidDesign("the answer has no multipliers: no proof was needed, or none was found")
    if saved.proof.multipliers is None:
        raise InvalidDesign(
            "the proof is by cases, each with multipliers of its own: there is no one table of multipliers"
        )
    yield ["requirement", "multiplier"]
    for entry in saved.proof.multipliers.rows(saved.design):
        yield [entry.name(saved.design), text(entry.value)]


def rate_rows(saved: Saved | InterimAnswer) -> Rows:
    """One row a requirement whose one-sided rates were examined (empty where one was not): what relaxing gains, what tightening
    costs, up to which move each surely holds, and the multiplier of the proof."""
    if saved.rates is None:
        raise InvalidDesign("the answer has no one-sided rates: solve again without --no-rates")
    if not saved.rates.examined and saved.rates.why:
        raise InvalidDesign(f"the answer has no one-sided rates: {saved.rates.why}")
    yield ["requirement", "relaxing gains", "up to", "tightening costs", "up to", "multiplier"]
    for one in saved.rates.examined:
        sides = (cell for side in (one.relaxing, one.tightening) for cell in _side(side))
        yield [saved.judge.name(one.relaxed), *sides, text(one.multiplier)]


def _side(side: OneSided | None) -> tuple[str, str]:
    if side is None:
        return "", ""
    return ("impossible", "") if side.rate is None else (text(side.rate), text(side.up_to))


def binding_rows(saved: Saved) -> Rows:
    """One row a requirement that holds with equality at the mechanism: its name, and its multiplier in the proof."""
    y = None if saved.proof is None else saved.proof.multipliers
    priced = {} if y is None else {e.name(saved.design): text(e.value) for e in y.rows(saved.design)}
    yield ["requirement", "multiplier"]
    for kind, where, slack, _, about in requirements(_rules(saved), saved.design):
        if about is None or about.key == "lottery" or slack.size > MOST:
            continue
        for cell in np.argwhere(slack.numerator == 0):
            truth = about.first is not None and about.types[cell[1]] == about.first + cell[2]
            if not truth:
                name = f"{kind}{where(tuple(map(int, cell)))}"
                yield [name, priced.get(name, "0")]


def prior_rows(saved: Saved) -> Rows:
    """One row a profile: its probability under the worst-case prior (else under the designer's), what each agent's type is
    believed to be, and weighted virtual values of the outcomes."""
    design = saved.design
    prior = design.environment.designer if saved.worst_case is None else saved.worst_case.distribution(design)
    if prior is None:
        raise InvalidDesign("the answer has no prior: neither a worst case nor a common prior")
    return PriorTable(design.environment, prior).texts()


def contract_rows(found: InterimAnswer) -> Rows:
    """One row a type of the representative: her chance of each grade, what she receives in expectation, and her payoff."""
    environment, rule = found.design.environment, found.rule
    names = ["q"] if len(environment.values) == 1 else [f"q {grade}" for grade in environment.grades]
    yield [environment.agent.name, *names, "t", "payoff"]
    columns = [*(row.texts() for row in rule.chances), rule.transfers.texts(), rule.payoffs.texts()]
    for label, *cells in zip(environment.agent.types, *columns, strict=True):
        yield [label, *cells]


def multiplier_rows(found: InterimAnswer) -> Rows:
    """One row a requirement whose multiplier is not zero, Border's sets included."""
    yield ["requirement", "multiplier"]
    for name, multiplier in found.proof.rows(found.design):
        yield [name, text(multiplier)]


TABLES = {
    "mechanism": mechanism_rows,
    "interim": interim_rows,
    "binding": binding_rows,
    "prices": price_rows,
    "rates": rate_rows,
    "prior": prior_rows,
}
#: Of identical bidders, in terms of their representative.
OF_IDENTICAL = {"mechanism": contract_rows, "prices": multiplier_rows, "rates": rate_rows}
#: Families of more requirements are not looked at one by one.
MOST = 1_000_000


def rows_of(answer: Any, table: str) -> Rows:
    """A table of an answer, header first.  Raises InvalidDesign."""
    if table not in TABLES:
        raise InvalidDesign(f"table {table!r}: there are {', '.join(TABLES)}")
    return _rows(answer, table)


@singledispatch
def _rows(answer: Any, table: str) -> Rows:
    if not hasattr(answer, "rules") or not hasattr(answer, "rates"):
        raise InvalidDesign("tables are of answers about mechanisms")
    return TABLES[table](answer)


@_rows.register
def _identical(answer: InterimAnswer, table: str) -> Rows:
    if table not in OF_IDENTICAL:
        raise InvalidDesign(f"the table {table!r} {WHOLE_GRID}; there are {', '.join(OF_IDENTICAL)}")
    return OF_IDENTICAL[table](answer)


def frame(answer: Any, table: str) -> Any:
    """A table as a DataFrame; numbers are Fractions.  Raises InvalidDesign, ImportError."""
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas: pip install 'mechlp[frames]'") from None
    head, *rows = rows_of(answer, table)
    environment = answer.design.environment
    agents = getattr(environment, "agents", None) or [environment.agent]
    words = {"agent", "type", "requirement", *(a.name for a in agents)}
    column = lambda name, cells: list(cells) if name in words else list(map(_number, cells))  # noqa: E731
    columns = (
        [column(name, cells) for name, cells in zip(head, zip(*rows, strict=True), strict=True)]
        if rows
        else []
    )
    made = pandas.DataFrame(dict(enumerate(columns)), dtype=object)
    return made.set_axis(head, axis=1) if rows else pandas.DataFrame(columns=head)


def _number(cell: str) -> Any:
    try:
        return rational(cell)
    except ValueError:
        return cell or None


def write_table(answer: Any, path: Path) -> None:
    """The mechanism as CSV, or every table that an answer has as a sheet of Excel (exact numbers as text, decimals as numbers).

    Raises
    ------
    InvalidInput, OSError
    """
    if path.suffix.lower() == ".csv":
        with replacing(path) as new:
            write_csv(rows_of(answer, "mechanism"), new)
        return
    book = _openpyxl().Workbook()
    book.remove(book.active)
    for name in TABLES:
        try:
            head, *rows = rows_of(answer, name)
        except InvalidDesign:
            continue
        sheet = book.create_sheet(name)
        for row in [head, *rows]:
            sheet.append(row)
        sheet.freeze_panes = "A2"
    if not book.sheetnames:
        raise InvalidDesign("the answer has no table: no mechanism and no multipliers")
    with replacing(path) as new, new.open("wb") as out:
        book.save(out)


def check_table(path: Path) -> None:
    """Before long work: that a table can be written under this name.  Raises InvalidInput."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InvalidInput(f"--table {path}: expected a name that ends in .csv or .xlsx")
    if path.suffix.lower() == ".xlsx":
        _openpyxl()


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise InvalidInput("Excel files need openpyxl: pip install 'mechlp[frames]'") from None
    return openpyxl


def write_csv(rows: Iterable[Sequence[str]], path: str | Path) -> int:
    """Write a table, and return how many rows it has below its head.  Raises OSError."""
    with complete(path, encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        return sum(1 for row in rows if writer.writerow(row)) - 1


def _rules(saved: Saved) -> tuple[Mechanism, ...]:
    if not saved.rules:
        raise InvalidDesign(
            "the answer holds no mechanism: there is nothing to write but its multipliers (--table prices)"
        )
    return saved.rules


def _or_empty(value: Fraction | None) -> str:
    return "" if value is None else text(value)
