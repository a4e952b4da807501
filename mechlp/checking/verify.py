"""Checks a saved answer: the problem is read again, and everything that the answer claims is recomputed.

No solver and no compiler is imported here: only the reading of problems, the definitions of the requirements
(:mod:`mechlp.mechanism.audit`), and the arithmetic of multipliers (:mod:`mechlp.proof.bound`).  Every field of an answer is
checked, or listed as reported only.  What was checked is then written as the program writes it, and must be the answer: so
nothing hides in a field that was not read, and names, floats and tables beside exact numbers are those of the numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..answer import bargaining, by_formulas
from ..answer.answer import FORMAT
from ..answer.bargaining import Zones
from ..answer.by_formulas import ByFormulas
from ..deadline import BrokenOff, Deadline
from ..exact.errors import InvalidInput
from ..exact.numbers import rational
from ..exact.saved import checksum
from ..files import Reading, coalitions, read, read_document, read_symmetric
from ..mechanism.mechanism import Mechanism
from ..proof import box, continuum, curve, interim, reduced_form, region, rents, threshold, value, value_pair
from ..proof.continuum import question
from ..proof.curve import ValueCurve
from ..proof.efficiency import interim_vectors
from ..proof.implementation import settle as implementation
from ..proof.invalid import InvalidCertificate
from ..proof.region import Region
from ..proof.threshold import Threshold
from ..proof.value import ValueFunction
from ..proof.value_pair import ValuePair, covered, subsidised
from ..question.design import Design
from ..question.interim import settled
from . import kinds, ordinary
from .ordinary import Claims
from .saved import former, loaded


@dataclass(frozen=True)
class Kind:
    """A kind of saved answer: its claims in words, and which of its fields are ``checked`` or ``reported``.

    ``claims`` yields each claim that held, raises InvalidCertificate at the first that does not, and returns the answer as the
    program writes it.  What the claims are about is the ``problem``; older answers lack the fields that came ``later``.
    """

    claims: Callable[[Mapping[str, Any]], Claims]
    checked: frozenset[str]
    reported: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        claims: Callable[[Mapping[str, Any]], Claims],
        checked: str,
        reported: str = "",
        about: str = "problem",
        later: str = "",
    ) -> Kind:
        """Fields as words."""
        words = [
            frozenset(names.split()) for names in (f"format sha256 {checked} {later}", reported, about, later)
        ]
        return cls(claims, *words)


def _ordinary(data: Mapping[str, Any]) -> Claims:
    return ordinary.claims(data, _claims)


ORDINARY = Kind.of(
    _ordinary,
    "status value value_float bound certified mechanism rules direction certificate worst_case continuum fewest_rules "
    "interim_payoffs lies relaxations",
    "unique bound_from notes method reductions timings versions",
    later="bound_float menu rates risk_neutral_control best_posted_price welfare",
)
INTERIM_RULE = Kind.of(
    kinds.interim_rule,
    "status value value_float bound certified interim_rule certificate",
    "notes method timings versions",
    later="rates",
)
BOX = Kind.of(
    kinds.box,
    "status value value_float bound bound_float certified menu halved factor menu_value exclusive certificate",
    "notes method timings versions",
)
COMPARISON = Kind.of(kinds.comparison, "status power simple general atoms masses mechanism", "notes", about="")
EFFICIENCY = Kind.of(
    kinds.interim_payoffs,
    "question examined mechanism reachable weakly_efficient strongly_efficient comparisons",
)
PROJECTION = Kind.of(kinds.interim_payoffs, "question payoffs vertices points rays edges")
RENTS = Kind.of(kinds.least_rents, "status impossible rents shortfall critical excess joint bets costly")
CONTOURS = Kind.of(kinds.interim_payoffs, "question agent payoffs reachable beliefs contours reached")
ROBUSTNESS = Kind.of(kinds.interim_payoffs, "question passed proved gap complete beliefs pairs")
ANNOUNCEMENT = Kind.of(
    kinds.interim_payoffs,
    "question agent payoffs menu beliefs announcements revealed above member chances multipliers",
)
IMPLEMENTATION = Kind.of(kinds.implementation, "status findings", "timings")
REGION = Kind.of(kinds.over_parameters(Region), "status over undecided parts", "title notes")
VALUE = Kind.of(kinds.over_parameters(ValueFunction), "status over undecided value parts", "title notes")
CURVE = Kind.of(kinds.over_parameters(ValueCurve), "status over spots arcs", "title notes", later="gives")
PAIR = Kind.of(kinds.over_parameters(ValuePair), "status of stages values", "title notes")
ZONES = Kind.of(kinds.over_parameters(Zones), "question mechanism values x zones at", about="")
FIRST_ORDER = Kind.of(
    kinds.over_parameters(ByFormulas), "status first_order_condition residuals fails_at distribution mass"
)
THRESHOLD = Kind.of(kinds.over_parameters(Threshold), "status over lines", "title notes")
#: By format, and the question where a format has several.
KINDS: Mapping[tuple[str, str | None], Kind] = {
    (FORMAT, None): ORDINARY,
    (reduced_form.FORMAT, None): INTERIM_RULE,
    (box.FORMAT, None): BOX,
    (continuum.FORMAT, None): COMPARISON,
    (implementation.FORMAT, None): IMPLEMENTATION,
    (rents.FORMAT, None): RENTS,
    (region.FORMAT, None): REGION,
    (value.FORMAT, None): VALUE,
    (curve.FORMAT, None): CURVE,
    (value_pair.FORMAT, None): PAIR,
    (threshold.FORMAT, None): THRESHOLD,
    (bargaining.FORMAT, None): ZONES,
    (by_formulas.FORMAT, None): FIRST_ORDER,
    (interim.FORMAT, "efficiency"): EFFICIENCY,
    (interim.FORMAT, "projection"): PROJECTION,
    (interim.FORMAT, "contours"): CONTOURS,
    (interim.FORMAT, "robustness"): ROBUSTNESS,
    (interim.FORMAT, "announcement"): ANNOUNCEMENT,
}
OTHER = "the answer is about another problem than"
UNFINISHED = (
    "ended the check: what is not listed was not checked, so the answer is neither accepted nor refused"
)
ANYBODYS = "the problem inside the answer may be anybody's: give your file with --environment"


@dataclass(frozen=True)
class Verdict:
    """Whether an answer was accepted, what was checked, every reason against it, and the fields that are only reported.

    ``note``: what the verdict leaves open.  ``ended``: whether all was checked in time; what was not is neither accepted nor
    refused.
    """

    accepted: bool
    status: str
    checked: tuple[str, ...]
    problems: tuple[str, ...]
    reported: tuple[str, ...] = ()
    note: str = ""
    ended: bool = True

    @property
    def exit_status(self) -> int:
        """0 accepted, 1 refused, 3 not checked to the end."""
        return (0 if self.accepted else 1) if self.ended else 3

    def __str__(self) -> str:
        head = f"accepted: {self.status}" if self.accepted else "refused"
        head = head if self.ended else f"not checked to the end: {self.status}"
        lines = [f"  checked: {c}" for c in self.checked] + [f"  problem: {p}" for p in self.problems]
        lines += [f"  reported, not checked: {', '.join(self.reported)}"] if self.reported else []
        return "\n".join([head, *lines, *([f"  note: {self.note}"] if self.note else [])])


def verify(data: Any, *, time_limit: float | Deadline | None = None) -> Verdict:
    """Recheck an answer from its JSON form.  Whatever it is, a verdict comes back; by the time limit, in the main thread."""
    checked: list[str] = []
    problems: list[str] = []
    reported: tuple[str, ...] = ()
    status, ended = "", ""
    try:
        with Deadline.of(time_limit).enforced():
            reported = tuple(_reported(data))
            status = str(data.get("status", data.get("question")))[:80]
            for claim in _claims(data):
                checked.append(claim)
    except BrokenOff:
        ended = f"the time limit {UNFINISHED}"
    except MemoryError:
        ended = f"too little memory {UNFINISHED}"
    except Exception as error:  # whatever a malformed answer breaks, it is not accepted
        problems.append(_why(error))
    good = not problems and not ended
    return Verdict(good, status, tuple(checked), tuple(problems), reported, ended, not ended)


#: The longest reason against an answer: it may quote what the answer says, which may be of any length.
LONGEST = 400


def _why(error: Exception) -> str:
    """One sentence on one line; the first mistake of several."""
    known = isinstance(error, InvalidInput)
    words = str(error) if known else f"{type(error).__name__}: {error}"
    first, *more = words.splitlines() or [""]
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in first[:LONGEST])
    shown += (" ..." if len(first) > LONGEST else "") + (f" (and {len(more)} more)" if more else "")
    return shown if known else f"the answer cannot be read, a part is missing or has another form: {shown}"


def _kind(data: Any) -> Kind:
    if not isinstance(data, Mapping):
        raise InvalidCertificate("not a saved answer: a JSON object is expected")
    name = data.get("format")
    asks = data.get("question") if name == interim.FORMAT else None
    found = next((kind for key, kind in KINDS.items() if key == (name, asks)), None)
    if found is None:
        what = f"format {name!r}" if asks is None else f"question {asks!r}"
        raise InvalidCertificate(former(name) or f"unknown {what}")
    return found


def _reported(data: Mapping[str, Any]) -> Iterator[str]:
    """The fields that are reported only, those of answers within the answer with their place."""
    kind = _kind(data)
    yield from (name for name in data if name in kind.reported)
    for within in set(data) & {"continuum", "risk_neutral_control"}:
        if isinstance(data[within], Mapping) and data[within].get("format") == FORMAT:
            yield from (f"{within}.{name}" for name in _reported(data[within]))


def _claims(data: Mapping[str, Any]) -> Iterator[str]:
    """Each claim that held, in words.  Raises InvalidCertificate at the first that does not."""
    kind = _kind(data)
    for name in sorted((kind.checked | kind.about) - kind.later - set(data)):
        raise InvalidCertificate(f"{name!r} is missing")
    for name in set(data) - kind.checked - kind.about - kind.reported:
        raise InvalidCertificate(f"{name!r} is no field of such an answer")
    if data["sha256"] != checksum(data):
        raise InvalidCertificate("the checksum does not match: the file was altered")
    yield "the checksum"
    written: Mapping[str, Any] = yield from kind.claims({**dict.fromkeys(kind.later), **data})
    for name in sorted((kind.checked - {"sha256"}) & set(data)):
        if _text(written[name]) != _text(data[name]):
            raise InvalidCertificate(f"{name.replace('_', ' ')}: not what the rest of the answer makes of it")


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def verify_file(
    path: str | Path,
    environment: str | Path | None = None,
    *,
    overrides: Mapping[str, str] | None = None,
    ask: Mapping[str, Any] | None = None,
    time_limit: float | None = None,
) -> Verdict:
    """Check a saved answer; with ``environment``, also that it is about that problem file.

    ``overrides`` and ``ask`` change the problem file as they do when it is solved (:func:`mechlp.files.read`).

    Raises
    ------
    InvalidFile
        When the problem file given beside it cannot be read.
    InvalidCertificate
        When the file is not a saved answer at all.
    """
    if str(path).endswith(".jsonl"):
        raise InvalidCertificate(
            f"{path}: the store of a sweep or a map keeps verdicts without their proofs; "
            "`mechlp solve FILE --set NAME=VALUE` saves the answer of a cell with its proof"
        )
    data = loaded(path, "a file saved by `mechlp solve`")
    if not isinstance(data, dict) or data.get("format") not in [name for name, _ in KINDS]:
        raise InvalidCertificate(f'{path}: not a saved answer (expected "format": "{FORMAT}")')
    verdict = verify(data, time_limit=time_limit)
    if environment is None:
        return replace(verdict, note=ANYBODYS) if "problem" in data and verdict.accepted else verdict
    mine = read(environment, overrides=overrides, ask=ask)
    if why := _differs(data, mine):
        if about := _subsidy(data, mine):
            return replace(verdict, checked=(*verdict.checked, f"is about {about.format(environment)}"))
        problems = (*verdict.problems, f"{why} {environment}")
        return replace(verdict, accepted=False, ended=True, problems=problems)
    return replace(verdict, checked=(*verdict.checked, f"is about {environment}"))


def _differs(data: Mapping[str, Any], mine: Reading) -> str:
    """Why an answer is not about a problem file, but for the file's name; nothing when it is."""
    asked = mine.design
    try:
        if data["format"] == continuum.FORMAT:
            return "" if _same_comparison(data, mine) else OTHER
        if data["format"] == implementation.FORMAT:
            asks = coalitions.implementation
            return "" if asks(mine).same(asks(read_document(data["problem"]))) else OTHER
        if data["format"] == by_formulas.FORMAT:
            return "" if _matter(mine.document) == _matter(data["problem"]) else OTHER
        symmetric = data["format"] == reduced_form.FORMAT
        saved = read_symmetric(data["problem"]) if symmetric else read_document(data["problem"]).design
        if data["format"] == interim.FORMAT and isinstance(asked, Design) and isinstance(saved, Design):
            asked, saved = settled(asked), settled(saved)
        if not asked.same(saved):
            return OTHER
        if data.get("question") in READ_AGAIN and _matter(mine.document) != _matter(data["problem"]):
            return OTHER
        if mine.given is None or data.get("question") != "efficiency":
            return ""
        given = Mechanism(mine.design.environment, *mine.given)
        examined = [u.texts() for u in interim_vectors(given)]
        same = data["mechanism"] == given.to_json() and list(data["examined"].values()) == examined
        return "" if same else "the answer examines another mechanism than the one given in"
    except Exception:  # an answer whose problem cannot be read is about none
        return OTHER


#: Interim payoffs for which the file is read again, at other values of its parameters.
READ_AGAIN = ("contours", "robustness", "announcement")


def _matter(document: Mapping[str, Any]) -> str:
    """A document without its title and what else is for people."""
    return _text({k: v for k, v in document.items() if k not in ("title", "description", "source")})


def _subsidy(data: Mapping[str, Any], mine: Reading) -> str:
    """Which subsidy of a problem file, which may want something else, a value is; empty where it is none."""
    if data["format"] not in (value.FORMAT, curve.FORMAT) or not isinstance(mine.design, Design):
        return ""
    agents = [agent.name for agent in mine.design.environment.agents]
    if data.get("gives") == "bb":
        asked, about = covered(mine.document), "the least subsidy at every profile in {}"
    else:
        asked, about = (
            subsidised(mine.document, agents),
            "the least expected subsidy in {}, budgets not asked for",
        )
    try:
        found = read_document(asked).design.same(read_document(data["problem"]).design)
    except Exception:  # an answer whose problem cannot be read is about none
        return ""
    return about if found else ""


def _same_comparison(data: Mapping[str, Any], mine: Reading) -> bool:
    """Whether a comparison is at the power and on the partition that a file asks about."""
    power, partition = question(mine.design)
    own = partition if data["mechanism"] is None else tuple(map(rational, data["mechanism"]["partition"]))
    return rational(data["power"]) == power and own == partition
