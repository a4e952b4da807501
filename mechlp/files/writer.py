"""A design as a document of tables, in the format of a problem file: exact, and self-contained."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ..environment.actions import Actions
from ..environment.model import Agent, Environment
from ..exact.numbers import Rationals, text
from ..question.box import BoxDesign
from ..question.design import Design, InvalidDesign
from ..question.economy import Exchange
from ..question.implementation import Implementation
from ..question.symmetric import SymmetricDesign
from ..question.undominated import given_mechanism
from .box import document_of_box
from .constraints import document_of_constraints
from .designer import rows_of
from .economy import document_of_economy
from .misreports import document_of_misreports
from .prices import document_of_prices
from .symmetric import document_of_symmetric


@singledispatch
def document_of(question: Any) -> dict[str, Any]:
    """The document that a question was read from, or else one of tables that reads back to the same question."""
    raise TypeError(f"{type(question).__name__} is no kind of question")


document_of.register(SymmetricDesign, document_of_symmetric)
document_of.register(BoxDesign, document_of_box)
document_of.register(Exchange, document_of_economy)


@document_of.register
def _implementation(question: Implementation) -> dict[str, Any]:
    if question.document is not None:
        return dict(question.document)
    environment, feasible = question.environment, question.feasible
    balance = {"weak": "ex-post-weak", "strong": "ex-post"}.get(feasible.balance, feasible.balance)
    limits = tuple(zip(feasible.lower, feasible.upper, strict=True))
    asked = Design(environment, "none", "none", balance, transfers=limits)
    names = [a.name for a in environment.agents]
    given = (question.choice.allocation, question.choice.transfers)
    section: dict[str, Any] = {
        "list": [[names[i] for i in own] for own in question.pattern],
        "checks": list(question.checks),
    }
    if question.functions:
        section["functions"] = {
            name: _mechanism(environment, choice.allocation, choice.transfers)
            for name, choice in question.functions
        }
    if (game := question.game) is not None:
        told = dict(zip(names, game.messages, strict=True))
        section["game"] = {
            "messages": {name: list(own) for name, own in told.items()},
            **_mechanism(environment, game.does.allocation, game.does.transfers),
        }
        if game.strategies is not None:
            both = zip(names, game.strategies, strict=True)
            section["game"]["strategies"] = {name: [told[name][k] for k in own] for name, own in both}
    if question.within:
        section["patterns"] = "true"
    if question.deception is not None:
        reports = zip(environment.agents, question.deception, strict=True)
        section["deception"] = {agent.name: [agent.types[k] for k in own] for agent, own in reports}
    if question.update is not None:
        section["update"] = {"table": question.update.texts()}
    return {**document_of(asked), "given": _mechanism(environment, *given), "coalitions": section}


@document_of.register
def _ordinary(design: Design) -> dict[str, Any]:
    if design.document is not None:
        return dict(design.document)
    environment = design.environment
    if environment.prices is not None:
        return document_of_prices(design)
    names = [a.name for a in environment.agents]
    written = [environment.as_written(i, u) for i, u in enumerate(environment.utility)]
    attitude = {} if design.alpha == 1 else {"alpha": text(design.alpha)}
    document: dict[str, Any] = {
        "title": environment.title,
        "agents": {a.name: {"types": _types(a)} for a in environment.agents},
        "outcomes": list(environment.outcomes),
        "payoffs": {
            outcome: {name: _ends(written, environment.utility_above, i, a) for i, name in enumerate(names)}
            for a, outcome in enumerate(environment.outcomes)
        },
        "outside": {
            name: _grid(environment.as_written(i, environment.outside[i]))
            if environment.outside_above is None
            else _ends(environment.outside, environment.outside_above, i)
            for i, name in enumerate(names)
        },
        "require": {"ic": design.ic, "ir": design.ir, "bb": design.bb} | attitude,
        "allocation": _allocation(design),
        "transfers": _transfers(design),
        "objective": _objective(design),
        "secondary": design.secondary,
    }
    if environment.actions is not None:
        document["actions"] = _actions(environment.actions, names)
    if environment.money is not None:
        document["money"] = {
            name: worth.texts() for name, worth in zip(names, environment.money, strict=True)
        }
    document_of_misreports(design, document)
    if design.constraints:
        document["constraints"] = document_of_constraints(environment, design.constraints)
    if design.wants.kind == "undominated":
        document["given"] = _given(design)
    beliefs = _beliefs(environment)
    if design.continuum:
        beliefs["designer"]["continuum"] = "true"
    return {**document, "beliefs": beliefs} if beliefs else document


def write(document: dict[str, Any], path: str | Path) -> None:
    """Write a document as YAML.  Raises OSError."""
    Path(path).write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _actions(actions: Actions, agents: list[str]) -> dict[str, list[str]]:
    """Raises InvalidDesign where outcomes are more than profiles of actions, which files do not say."""
    if not actions.same(Actions.profiles(actions.names)):
        raise InvalidDesign(
            "actions: a file describes outcomes that are the profiles of actions, and these are not"
        )
    return {name: list(acts) for name, acts in zip(agents, actions.names, strict=True) if acts}


def _types(agent: Agent) -> list[Any]:
    """Labels and numbers as they are; vectors by their coordinates."""
    if not agent.coordinates:
        return list(agent.types)
    columns = {n: c.texts() if isinstance(c, Rationals) else list(c) for n, c in agent.coordinates.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    named = not next(iter(columns)).isdigit()
    return rows if named else [list(row.values()) for row in rows]


def _grid(array: Rationals) -> Any:
    """A formula ``0`` where nothing varies, else nested lists over the grid."""
    cells = array.unrepeated()
    return text(cells.item()) if cells.size == 1 else array.texts()


def _ends(low: Sequence[Rationals], high: Sequence[Rationals] | None, *place: int) -> Any:
    """A table over the grid, or its two ends."""
    tables = []
    for ends in (low, low if high is None else high):
        table: Any = ends
        for k in place:
            table = table[k]
        tables.append(table)
    below, above = (t.unrepeated() for t in tables)
    if bool(np.all(below == above)):
        return tables[0].texts()
    shape = np.broadcast_shapes(below.shape, above.shape)  # one entry along an axis: the same number there
    return {"low": below.broadcast_to(shape).texts(), "high": above.broadcast_to(shape).texts()}


def _beliefs(environment: Environment) -> dict[str, Any]:
    out: dict[str, Any] = {}
    beliefs = environment.beliefs
    if beliefs is not None and beliefs.prior is not None:
        out["prior"] = {"table": beliefs.prior.texts()}
    elif beliefs is not None:
        out["per-type"] = {}
        for i, agent in enumerate(environment.agents):
            rest = environment.shape[:i] + environment.shape[i + 1 :]
            out["per-type"][agent.name] = beliefs.conditional(i).reshape(agent.size, *rest).texts()
    if environment.belief_sets is not None:
        out["sets"] = {
            agent.name: [{"list": beliefs.vertices.texts()} for beliefs in own]
            for agent, own in zip(environment.agents, environment.belief_sets, strict=True)
        }
    if environment.designer is not None and (beliefs is None or environment.designer is not beliefs.prior):
        out["designer"] = {"table": environment.designer.texts()}
    if environment.designer_set is not None:
        out["designer"] = rows_of(environment.designer_set)
    return out


def _allocation(design: Design) -> Any:
    if isinstance(design.allocation, str):
        return design.allocation
    return {"lottery": {a: design.allocation[k].texts() for k, a in enumerate(design.environment.outcomes)}}


def _transfers(design: Design) -> Any:
    if isinstance(design.transfers, str):
        return design.transfers
    shown: dict[str, dict[str, Any]] = {}
    for agent, bounds in zip(design.environment.agents, design.transfers, strict=True):
        ends = [("lower", bounds[0]), ("upper", bounds[1])]
        kept = {
            side: end.texts() if isinstance(end, Rationals) else text(end)
            for side, end in ends
            if end is not None
        }
        if kept:
            shown[agent.name] = kept
    return shown or "free"


def _given(design: Design) -> dict[str, Any]:
    """The mechanism that the objective is counted from."""
    return _mechanism(design.environment, *given_mechanism(design))


def _mechanism(environment: Environment, allocation: Rationals, paid: Rationals) -> dict[str, Any]:
    return {
        "allocation": {"lottery": {a: allocation[k].texts() for k, a in enumerate(environment.outcomes)}},
        "transfers": {agent.name: paid[i].texts() for i, agent in enumerate(environment.agents)},
    }


def _objective(design: Design) -> Any:
    wants, environment = design.wants, design.environment
    names = [a.name for a in environment.agents]
    if wants.interim is not None:
        return {"weighted-interim": {n: w.texts() for n, w in zip(names, wants.interim, strict=True)}}
    if wants.kind != "linear":
        return wants.kind
    linear: dict[str, Any] = {"expected": "true" if wants.expected else "false"}
    if wants.allocation is not None:
        linear["allocation"] = {a: wants.allocation[k].texts() for k, a in enumerate(environment.outcomes)}
    if wants.transfers is not None:
        linear["transfers"] = {n: t.texts() for n, t in zip(names, wants.transfers, strict=True)}
    return {"maximize" if wants.maximize else "minimize": linear}
