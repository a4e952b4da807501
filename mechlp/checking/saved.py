"""A saved answer read again: its question, its rules, its multipliers.  Reading is not checking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..answer.answer import FORMAT
from ..environment.model import Environment
from ..exact.saved import parsed
from ..files import read_document
from ..mechanism.mechanism import Mechanism
from ..proof.cases import Case
from ..proof.guarantee import WorstCase
from ..proof.invalid import InvalidCertificate
from ..proof.rates import Proven, Rates
from ..proof.written_rates import Whole, rates_from_json
from ..question.design import Design

#: Forms of older versions, and what their answers were about.
FORMER = {"mechlp price answer 1": "trade at prices"}


@dataclass(frozen=True)
class Saved:
    """What `mechlp solve` saved about mechanisms on the whole type grid; ``proof``, ``rates`` and ``worst_case`` may be None."""

    design: Design
    rules: tuple[Mechanism, ...]
    proof: Case | None
    rates: Rates | None = None
    worst_case: WorstCase | None = None

    @property
    def judge(self) -> Proven:
        """What its rates are proved from."""
        return Proven(self.design)


def loaded(path: str | Path, expected: str) -> Any:
    """The JSON of a file.

    Raises
    ------
    InvalidCertificate
        When the file cannot be read, is no JSON, is ambiguous (see :func:`mechlp.exact.saved.parsed`), or is of a former form.
    """
    try:
        data = parsed(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidCertificate(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InvalidCertificate(f"{path}: cannot be read: {error}") from None
    except ValueError as error:
        raise InvalidCertificate(f"{path}: not JSON ({error}); expected {expected}") from None
    if isinstance(data, dict) and (why := former(data.get("format"))):
        raise InvalidCertificate(f"{path}: {why}")
    return data


def former(form: Any) -> str:
    """Why an answer of a former form is not read, and what to do; empty for any other."""
    if not isinstance(form, str) or form not in FORMER:
        return ""
    return (
        f"a saved answer of the form {form!r}, which an older version of mechlp wrote for {FORMER[form]} and this one does not "
        f"read: solve its problem file again (`mechlp solve`) for an answer of the form {FORMAT!r}"
    )


def read_saved(path: str | Path) -> Saved:
    """Read an answer.

    Raises
    ------
    InvalidCertificate
        When the file is no answer about mechanisms on the whole type grid, or does not fit its own problem.
    """
    expected = "an answer that `mechlp solve` saved, about mechanisms on the whole type grid"
    data = loaded(path, expected)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise InvalidCertificate(f"{path}: expected {expected}, found {found!r}")
    try:
        design = read_document(data["problem"]).design
        rules = tuple(Mechanism.from_json(design.environment, rule) for rule in data["rules"])
        proof = None if data["certificate"] is None else Case.from_json(design, data["certificate"])
        rates = _rates(design, rules, proof, data.get("rates"))
        worst = data.get("worst_case")
        prior = None if worst is None else WorstCase.from_json(design, worst)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidCertificate(
            f"{path}: does not fit its own problem ({error}); expected {expected}"
        ) from None
    return Saved(design, rules, proof, rates, prior)


def _rates(design: Design, rules: tuple[Mechanism, ...], proof: Case | None, data: Any) -> Rates | None:
    if data is None or proof is None or proof.multipliers is None:
        return None
    return rates_from_json(Whole(design), data, proof.multipliers, rules)


def saved_rules(path: str | Path, environment: Environment) -> list[Mechanism]:
    """The rules of a saved answer, as rules of an environment.  Nothing else in the file is believed.

    Raises
    ------
    InvalidCertificate
        When the file cannot be read, or its rules do not fit the environment.
    """
    expected = "an answer saved by `mechlp solve` for this problem"
    data = loaded(path, expected)
    try:
        rules = [Mechanism.from_json(environment, rule) for rule in data["rules"]]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InvalidCertificate(
            f"{path}: holds no rules for this environment ({error}); expected {expected}"
        ) from None
    if not rules:
        raise InvalidCertificate(f"{path}: the answer has no rules (no mechanism was found)")
    return rules


__all__ = ["Saved", "former", "loaded", "read_saved", "saved_rules"]
