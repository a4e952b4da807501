"""What a saved answer claims about simple mechanisms, from the definitions."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from ..answer.answer import Answer, verdict
from ..exact.decimals import rounded_down, rounded_up
from ..exact.numbers import rational, text
from ..mechanism.simple import SimpleMechanism, best_simple_bound
from ..proof.invalid import InvalidCertificate
from ..question.design import Design


def simple_claims(design: Design, data: Mapping[str, Any]) -> Generator[str, None, Mapping[str, Any]]:
    """Each claim that held, in words; returns the answer as the program writes it.

    Raises
    ------
    InvalidCertificate
        At the first claim that does not hold.
    """
    status = data["status"]
    value, bound = (None if data[name] is None else rational(data[name]) for name in ("value", "bound"))
    found = SimpleMechanism.from_json(design.environment, data["mechanism"], design.wants.weights)
    if found.distribution.sum() != 1 or bool(np.any(found.distribution < 0)):
        raise InvalidCertificate("the distribution over prices is none")
    if design.distribution is not None and not found.distribution.same(design.distribution):
        raise InvalidCertificate("the distribution over prices is not the given one")
    report = found.audit()
    if design.distribution is not None:
        if status != ("feasible" if report.passed else "infeasible"):
            raise InvalidCertificate(f"the mechanism: {report}")
        yield f"the mechanism: {report}"
        return Answer(design, status, True, simple=found).to_json()
    attained, proved = found.welfare()[0], best_simple_bound(found)
    if not report.passed or value is None or attained != value:
        raise InvalidCertificate(
            f"the mechanism attains {text(attained)}, the value claimed is {data['value']}"
        )
    yield f"the mechanism: {report}; it attains at least {rounded_down(value)}"
    if bound is None or proved > bound:
        raise InvalidCertificate("the bound is not proved")
    if status != verdict(design, value, bound):
        raise InvalidCertificate(f"value and bound do not amount to {status!r}")
    yield f"nothing is better than {rounded_up(bound)}"
    return Answer(design, status, status != "undecided", value, bound, simple=found).to_json()
