"""Checks a saved answer: the problem is read again, and everything that the answer claims is recomputed.

No solver and no compiler is imported here: only the reading of problems, the definitions of the requirements
(:mod:`mechlp.mechanism.audit`), and the arithmetic of multipliers (:mod:`mechlp.proof.bound`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..answer.answer import FORMAT, STATUSES, verdict
from ..environment.model import Environment
from ..exact.numbers import rational, text
from ..exact.saved import checksum
from ..files import InvalidFile, read, read_document, read_symmetric
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import payoffs_json, punishments_json
from ..proof import continuum, interim, reduced_form
from ..proof.cases import Case
from ..proof.direction import check_added
from ..proof.fewest import Fewest
from ..proof.guarantee import WorstCase, reached
from ..proof.invalid import InvalidCertificate
from ..proof.region import FORMAT as REGION
from ..proof.region import Region
from ..proof.written_rates import rate_claims
from ..question.continuum import least_rents, rounded
from ..question.design import Design, InvalidDesign
from ..question.interim import settled
from ..question.objective import goal
from .simple import simple_claims

#: The formats of saved answers.
KNOWN = (FORMAT, interim.FORMAT, continuum.FORMAT, reduced_form.FORMAT, REGION)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer was accepted, what was checked, and every reason against it."""

    accepted: bool
    status: str
    checked: tuple[str, ...]
    problems: tuple[str, ...]

    def __str__(self) -> str:
        head = f"accepted: {self.status}" if self.accepted else "refused"
        lines = [f"  checked: {c}" for c in self.checked] + [f"  problem: {p}" for p in self.problems]
        return "\n".join([head, *lines])


def saved_rules(path: str | Path, environment: Environment) -> list[Mechanism]:
    """The rules of a saved answer, as rules of an environment.  Nothing else in the file is believed.

    Raises
    ------
    InvalidCertificate
        When the file cannot be read, or its rules do not fit the environment.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        rules = [Mechanism.from_json(environment, rule) for rule in data["rules"]]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCertificate(f"{path}: cannot be read: {error}") from None
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        expected = "an answer saved by `mechlp solve` for this problem is expected"
        raise InvalidCertificate(
            f"{path}: holds no rules for this environment ({error}); {expected}"
        ) from None
    if not rules:
        raise InvalidCertificate(f"{path}: the answer has no rules (no mechanism was found)")
    return rules


def verify_file(path: str | Path, environment: str | Path | None = None) -> Verdict:
    """Check a saved answer; with ``environment``, also that it is about that problem file.

    Raises
    ------
    InvalidFile
        When the problem file given beside it cannot be read.
    InvalidCertificate
        When the file is not a saved answer at all.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCertificate(f"{path}: cannot be read: {error}") from None
    except (ValueError, RecursionError):
        raise InvalidCertificate(f"{path}: not JSON; a file saved by `mechlp solve` is expected") from None
    if not isinstance(data, dict) or data.get("format") not in KNOWN:
        raise InvalidCertificate(f'{path}: not a saved answer (expected "format": "{FORMAT}")')
    verdict = verify(data)
    if environment is None:
        return verdict
    given = read(environment).design
    if data["format"] == interim.FORMAT and isinstance(given, Design):
        given = settled(given)
    try:
        symmetric = data["format"] == reduced_form.FORMAT
        saved = read_symmetric(data["problem"]) if symmetric else read_document(data["problem"]).design
        same = given.same(saved)
    except (InvalidFile, InvalidDesign, KeyError, TypeError, ValueError):
        same = False
    if same:
        return Verdict(
            verdict.accepted, verdict.status, (*verdict.checked, f"is about {environment}"), verdict.problems
        )
    problems = (*verdict.problems, f"the answer is about another problem than {environment}")
    return Verdict(False, verdict.status, verdict.checked, problems)


def verify(data: Mapping[str, Any]) -> Verdict:
    """Recheck an answer from its JSON form."""
    checked: list[str] = []
    problems: list[str] = []
    status = str(data.get("status", data.get("question")))
    try:
        for claim in _claims(data):
            checked.append(claim)
    except (InvalidCertificate, InvalidDesign, InvalidFile) as error:
        problems.append(str(error))
    except Exception as error:  # whatever a malformed file makes its readers raise, it is refused
        problems.append(f"the answer cannot be read: {type(error).__name__}: {error}")
    return Verdict(not problems, status, tuple(checked), tuple(problems))


def _claims(data: Mapping[str, Any]) -> Iterator[str]:
    """Each claim that held, in words.  Raises InvalidCertificate at the first that does not."""
    if data["format"] == continuum.FORMAT:
        yield continuum.check(data).in_words()
        return
    if data["format"] not in KNOWN:
        raise InvalidCertificate(f"unknown format {data['format']!r}")
    if data.get("sha256") != checksum(data):
        raise InvalidCertificate("the checksum does not match: the file was altered")
    yield "the checksum"
    if data["format"] == interim.FORMAT:
        yield from interim.claims(data)
        return
    if data["format"] == reduced_form.FORMAT:
        yield from reduced_form.claims(read_symmetric(data["problem"]), data)
        return
    if data["format"] == REGION:
        yield from Region.from_json(data).check()
        return
    status = data["status"]
    if status not in STATUSES:
        raise InvalidCertificate(f"unknown status {status!r}")
    if bool(data["certified"]) == (status == "undecided"):
        says = "certified" if data["certified"] else "not certified"
        raise InvalidCertificate(f"the answer says of itself that it is {says} ({status})")
    design = read_document(data["problem"]).design
    value = None if data["value"] is None else rational(data["value"])
    if design.simple:
        yield from simple_claims(design, status, value, data)
        yield from rate_claims(design, None, [], data)
        return
    rules = [Mechanism.from_json(design.environment, rule) for rule in data["rules"]]
    if rules:
        report = audit(rules, design)
        if not report.passed:
            raise InvalidCertificate(f"the mechanism breaks a requirement: {report}")
        yield f"the mechanism: {report}"
        _check_shown(design, rules, data)
        if value is not None and status in ("optimal", "bracket", "dominated", "undominated", "undecided"):
            _check_value(design, rules[0], value, _worst_case(design, data))
            what = "guarantees" if design.robust else "attains"
            yield f"the mechanism {what} {text(value)}"
    yield from _by_status(status, design, rules, value, data)
    yield from rate_claims(design, value if status == "optimal" else None, rules, data)
    if data.get("continuum") is not None:
        yield from _continuum(design, data["continuum"])
    if data["fewest_rules"] is not None:
        fewest = Fewest.from_json(design, data["fewest_rules"])
        fewest.check(design, value, rules)
        yield f"the least number of rules: {fewest}"


def _continuum(design: Design, data: Mapping[str, Any]) -> Iterator[str]:
    """The guarantee in the continuum: an answer of its own, about rounded reports."""
    if data["status"] == "undecided" and not data["rules"] and data["bound"] is None:
        return  # nothing is claimed
    part = verify(data)
    if not part.accepted:
        raise InvalidCertificate(f"the guarantee in the continuum: {'; '.join(part.problems)}")
    asked = read_document(data["problem"]).design
    if not asked.same(rounded(design)):
        raise InvalidCertificate("the guarantee in the continuum is about another problem")
    if data["status"] == "undecided":
        return  # no guarantee is claimed
    rules = [Mechanism.from_json(design.environment, rule) for rule in data["rules"]]
    if len(rules) != 1 or not rules[0].transfers.same(least_rents(design.environment, rules[0].allocation)):
        raise InvalidCertificate("the rents of the mechanism for the continuum are not the least ones")
    yield f"the guarantee in the continuum: {data['value']}"


def _by_status(
    status: str, design: Design, rules: list[Mechanism], value: Fraction | None, data: Mapping[str, Any]
) -> Iterator[str]:
    proof = None if data["certificate"] is None else Case.from_json(design, data["certificate"])
    if proof is not None:
        proof.check_labels(design)
    aim = goal(design)
    if status not in ("infeasible", "undecided") and not rules:
        raise InvalidCertificate(f"{status}, but no mechanism is given")
    if status == "feasible":
        if aim is not None:
            raise InvalidCertificate("feasible, but the problem has an objective")
    elif status == "infeasible":
        if proof is None or proof.bound(design) is not None:
            raise InvalidCertificate("the multipliers do not refute the requirements")
        yield f"the multipliers refute the requirements ({_cases(proof)})"
    elif status == "optimal":
        if aim is None or value is None or proof is None:
            raise InvalidCertificate("optimal, but an objective, a value or a proof is missing")
        if data["bound"] != data["value"]:
            raise InvalidCertificate(f"optimal, but the bound claimed is {data['bound']}")
        proved = proof.bound(design)
        if proved != value:
            shown = "nothing" if proved is None else text(proved)
            raise InvalidCertificate(
                f"the multipliers prove the bound {shown}, the value claimed is {text(value)}"
            )
        yield f"the multipliers prove that none does better ({_cases(proof)})"
    elif status in ("bracket", "dominated", "undominated"):
        yield from _between(status, design, value, proof, data)
    elif status == "unbounded":
        direction = [Mechanism.from_json(design.environment, rule) for rule in data["direction"]]
        _check_direction(design, rules, direction, _worst_case(design, data))
        yield "the direction keeps every requirement and improves without end"
    else:
        yield from _undecided(design, rules, proof, data)


def _between(
    status: str, design: Design, value: Fraction | None, proof: Case | None, data: Mapping[str, Any]
) -> Iterator[str]:
    """What is attained and what nothing exceeds do not meet, or are compared with a given mechanism."""
    proved = None if proof is None else proof.bound(design)
    if proved is None or data["bound"] is None or proved != rational(data["bound"]):
        shown = "nothing" if proved is None else f"the bound {text(proved)}"
        raise InvalidCertificate(f"the multipliers prove {shown}, the bound claimed is {data['bound']}")
    if verdict(design, value, proved) != status:
        raise InvalidCertificate(f"value and bound do not amount to {status!r}")
    yield f"the multipliers prove that nothing is better than {float(proved):.9g}"


def _undecided(
    design: Design, rules: list[Mechanism], proof: Case | None, data: Mapping[str, Any]
) -> Iterator[str]:
    """What an answer without a verdict claims: a mechanism (checked before), and a bound."""
    if data["value"] is not None and not rules:
        raise InvalidCertificate("a value, but no mechanism that attains it")
    if data["bound"] is None:
        if not rules:
            raise InvalidCertificate("undecided: there is nothing to check")
        return
    proved = None if proof is None else proof.bound(design)
    if proved is None or proved != rational(data["bound"]):
        shown = "nothing" if proved is None else f"the bound {text(proved)}"
        raise InvalidCertificate(f"the multipliers prove {shown}, the bound claimed is {data['bound']}")
    yield f"the multipliers prove the bound {data['bound']} (rigorous; whether it is attained is open)"


def _cases(proof: Case) -> str:
    count = proof.leaves()
    return "one combination" if count == 1 else f"{count} cases"


def _check_shown(design: Design, rules: list[Mechanism], data: Mapping[str, Any]) -> None:
    """The payoffs that the answer shows beside its rules."""
    one = rules[0].to_json() if len(rules) == 1 else None
    if data["mechanism"] != one:
        raise InvalidCertificate("the mechanism is not the only rule")
    if data["interim_payoffs"] != payoffs_json(design, rules):
        raise InvalidCertificate("the interim payoffs are not those of the mechanism")
    if data["lies"] != punishments_json(design, rules):
        raise InvalidCertificate("the payoffs of lies are not those of the mechanism")


def _worst_case(design: Design, data: Mapping[str, Any]) -> WorstCase | None:
    found = data.get("worst_case")
    return None if found is None else WorstCase.from_json(design, found)


def _check_value(design: Design, mechanism: Mechanism, value: Fraction, worst: WorstCase | None) -> None:
    found = reached(design, mechanism, worst)
    if found != value:
        raise InvalidCertificate(f"the mechanism attains {found}, the value claimed is {text(value)}")


def _check_direction(
    design: Design, rules: list[Mechanism], direction: list[Mechanism], worst: WorstCase | None
) -> None:
    """A change of transfers alone that can be added any number of times, and improves."""
    aim = goal(design)
    check_added(design, rules, direction)
    gain = reached(design, direction[0], worst)
    if aim is None or gain is None or (gain <= 0 if aim.maximize else gain >= 0):
        raise InvalidCertificate("the direction does not improve the objective")
