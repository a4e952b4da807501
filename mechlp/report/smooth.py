"""The pages of smooth ambiguity: a spread of two rules, and the audit of given ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.console import Group, RenderableType

from ..exact.decimals import nearest
from ..exact.numbers import text
from ..mechanism.smooth import Smooth, SmoothAudit
from ..question.design import Design
from ..study.smooth import Spread
from .tables import GRID, MAX_ROWS, number, plain, table


def spread_page(spread: Spread) -> RenderableType:
    """eta, psi, the bracket of c, and what the audits of its ends say."""
    environment = spread.design.environment
    names = [a.name for a in environment.agents]
    shown = table(*names, *(f"eta {n}" for n in names), *(f"psi {n}" for n in names), title="eta +- c psi")
    for profile in list(np.ndindex(*environment.shape))[:MAX_ROWS]:
        types = [a.types[k] for a, k in zip(environment.agents, profile, strict=True)]
        parts = [
            text(m[(i, *profile)]) for m in (spread.eta.transfers, spread.psi) for i in range(len(names))
        ]
        shown.add_row(*types, *parts)
    lines = [plain(f"c = {number(spread.c)} {spread.report}", "bold green")]
    if spread.refused is not None and spread.c_no is not None:
        lines.append(plain(f"c = {number(spread.c_no)} {spread.refused}"))
        lines.append(plain(_reach(spread)))
    else:
        lines.append(plain("One rule, eta, deters every lie: the attitude to ambiguity plays no part."))
    return Group(*_head(spread.design, spread.attitude), *lines, plain(""), shown, plain(GRID))


def _reach(spread: Spread) -> str:
    if spread.least:
        return "So the least c for this eta and psi lies between these two: no smaller one works, every larger one does."
    return "A smaller c may work too: the two rules differ in weight, or in what they are worth to a type that tells the truth."


def audit_page(design: Design, attitude: Smooth, report: SmoothAudit) -> RenderableType:
    """Whether given rules do."""
    style = {True: "bold green", False: "bold red", None: "bold yellow"}[report.passed]
    return Group(*_head(design, attitude), plain(f"The given rules: {report}", style), plain(GRID))


def _head(design: Design, attitude: Smooth) -> list[RenderableType]:
    over = f"belief over {attitude.belief} " + (
        f"with weights {', '.join(map(text, attitude.weights))}" if attitude.weights else "uniform"
    )
    aversion = f"smooth ambiguity: constant absolute aversion rho = {text(attitude.rho)}, {over}"
    return [plain(design.environment.title or "untitled", "bold"), plain(aversion, "dim"), plain("")]


def spread_json(attitude: Smooth, spread: Spread | None) -> dict[str, Any]:
    """Plain data; its ``rules`` can be audited again (``mechlp smooth FILE --answer``)."""
    if spread is None:
        return {"status": "undecided", "certified": False, **attitude_json(attitude), "rules": []}
    names = [a.name for a in spread.design.environment.agents]
    return {
        "status": "feasible",
        "certified": True,
        **attitude_json(attitude),
        "c": text(spread.c),
        "c_float": nearest(spread.c),
        "fails_at": None if spread.c_no is None else text(spread.c_no),
        "failed_there": [] if spread.refused is None else list(spread.refused.failed),
        "nothing_below_works": spread.least,
        "psi": {name: spread.psi[i].texts() for i, name in enumerate(names)},
        "rules": [rule.to_json() for rule in spread.rules],
    }


def attitude_json(attitude: Smooth) -> dict[str, Any]:
    """Plain data."""
    return {
        "rho": text(attitude.rho),
        "belief": attitude.belief,
        "weights": [text(w) for w in attitude.weights] or None,
    }


def audit_json(attitude: Smooth, report: SmoothAudit) -> dict[str, Any]:
    """Plain data."""
    return {
        "passed": report.passed,
        **attitude_json(attitude),
        "checked": report.checked,
        "failed": list(report.failed),
        "undecided": list(report.undecided),
    }
