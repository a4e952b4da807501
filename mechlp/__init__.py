"""mechlp: economic mechanisms designed by linear programming, every verdict certified in exact arithmetic.

>>> import mechlp
>>> design = mechlp.read("configs/guo-2018-example-1.4.2.yaml").design
>>> design.solve().status
'infeasible'

What a script needs is here, and loaded when it is first named: environments and their beliefs, questions, reading and
writing, solving, the audit of a mechanism, the verifier of answers, and closed forms of papers.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import moved
from .version import __version__

if TYPE_CHECKING:
    from .answer.answer import Answer
    from .beliefs import examine
    from .checking.verify import verify, verify_file
    from .closed_forms.bargaining import Bargaining
    from .closed_forms.known_means import GridAuction, Market
    from .closed_forms.robust_trade import DeterministicTrade, RobustTrade
    from .environment.belief_sets import BeliefSet, independent
    from .environment.model import Agent, Beliefs, Environment, InvalidEnvironment
    from .environment.symmetric import Symmetric
    from .exact.errors import InvalidInput
    from .exact.numbers import Rationals
    from .files import InvalidFile, document_of, read, read_document, read_text, write
    from .mechanism.audit import audit
    from .mechanism.mechanism import Mechanism
    from .proof.invalid import InvalidCertificate
    from .question.design import Design, InvalidDesign, Objective
    from .question.symmetric import SymmetricDesign, reduced
    from .solving.kinds import answer as solve
    from .study.closed_forms import closed_form
    from .study.compare import compare
    from .study.interim import efficiency, projection
    from .study.regions import region
    from .study.sweep import sweep
    from .study.thresholds import threshold
    from .study.values import value_function

#: Where each name is defined (with another name there, after a colon).
HOMES = {
    "Agent": "environment.model",
    "Answer": "answer.answer",
    "Bargaining": "closed_forms.bargaining",
    "BeliefSet": "environment.belief_sets",
    "Beliefs": "environment.model",
    "Design": "question.design",
    "DeterministicTrade": "closed_forms.robust_trade",
    "Environment": "environment.model",
    "GridAuction": "closed_forms.known_means",
    "InvalidCertificate": "proof.invalid",
    "InvalidDesign": "question.design",
    "InvalidEnvironment": "environment.model",
    "InvalidFile": "files",
    "InvalidInput": "exact.errors",
    "Market": "closed_forms.known_means",
    "Mechanism": "mechanism.mechanism",
    "Objective": "question.design",
    "Rationals": "exact.numbers",
    "RobustTrade": "closed_forms.robust_trade",
    "Symmetric": "environment.symmetric",
    "SymmetricDesign": "question.symmetric",
    "audit": "mechanism.audit",
    "closed_form": "study.closed_forms",
    "compare": "study.compare",
    "document_of": "files",
    "efficiency": "study.interim",
    "examine": "beliefs",
    "independent": "environment.belief_sets",
    "projection": "study.interim",
    "read": "files",
    "read_document": "files",
    "read_text": "files",
    "reduced": "question.symmetric",
    "region": "study.regions",
    "solve": "solving.kinds:answer",
    "sweep": "study.sweep",
    "threshold": "study.thresholds",
    "value_function": "study.values",
    "verify": "checking.verify",
    "verify_file": "checking.verify",
    "write": "files",
}
ROOMS = (
    "answer",
    "beliefs",
    "checking",
    "closed_forms",
    "environment",
    "exact",
    "files",
    "kernel",
    "mechanism",
    "program",
    "proof",
    "question",
    "report",
    "solving",
    "study",
)
moved.install()


def __getattr__(name: str) -> Any:
    if name in ROOMS:
        return import_module(f".{name}", __name__)
    if name not in HOMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}{moved.hint(f'{__name__}.{name}')}"
        )
    home, _, there = HOMES[name].partition(":")
    found = getattr(import_module(f".{home}", __name__), there or name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES, *ROOMS})


__all__ = [
    "Agent",
    "Answer",
    "Bargaining",
    "BeliefSet",
    "Beliefs",
    "Design",
    "DeterministicTrade",
    "Environment",
    "GridAuction",
    "InvalidCertificate",
    "InvalidDesign",
    "InvalidEnvironment",
    "InvalidFile",
    "InvalidInput",
    "Market",
    "Mechanism",
    "Objective",
    "Rationals",
    "RobustTrade",
    "Symmetric",
    "SymmetricDesign",
    "__version__",
    "audit",
    "closed_form",
    "compare",
    "document_of",
    "efficiency",
    "examine",
    "independent",
    "projection",
    "read",
    "read_document",
    "read_text",
    "reduced",
    "region",
    "solve",
    "sweep",
    "threshold",
    "value_function",
    "verify",
    "verify_file",
    "write",
]
