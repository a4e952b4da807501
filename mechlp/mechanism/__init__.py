"""Mechanisms, their audit from the definitions, certificates and their checker.  No solver is imported here."""

from .audit import Audit, Violation, audit
from .mechanism import Mechanism

__all__ = ["Audit", "Mechanism", "Violation", "audit"]
