"""What every kind of question can be asked, whatever the mechanism that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Self, TypeVar

from ..shown import Shown
from .premises import InvalidDesign

Answered = TypeVar("Answered")


class Question(Shown, Generic[Answered]):
    """An environment and what is asked of a mechanism for it; the kinds are frozen dataclasses.

    A kind has the fields ``environment`` and ``document`` (the problem file that it was read from, when it was),
    ``asking(**changes)`` for the same question with some parts changed, and ``same(other)``.  Its answers are of the kind
    ``Answered`` (:mod:`mechlp.answer.protocol`), and it is registered with :mod:`mechlp.solving.kinds`, which solves it,
    :mod:`mechlp.files.writer`, which writes it, and :mod:`mechlp.report.pages`, which shows it.
    """

    #: What makes no sense for this kind, by the name of the command or option, and one sentence that says why.
    cannot: ClassVar[Mapping[str, str]] = {}
    #: Options of :meth:`solve` that leave out what goes beyond the verdict.
    bare: ClassVar[Mapping[str, Any]] = {}
    #: Those that leave out what is examined beside a verdict and its proof, too.
    verdict: ClassVar[Mapping[str, Any]] = {}

    def solve(self, **options: Any) -> Answered:
        """A certified answer.

        Options that every kind takes: ``time_limit`` (seconds, after which the best certified bracket is returned as
        ``undecided``) and ``progress`` (called with the name of each phase); :mod:`mechlp.solving.kinds` has the others.
        """
        from ..solving.kinds import answer  # the one door from questions up to what solves them

        found: Answered = answer(self, **options)
        return found

    def asking(self, **changes: Any) -> Self:
        """The same question with some parts changed."""
        raise NotImplementedError

    def same(self, other: Question[Any]) -> bool:
        """Whether another question asks the same of the same environment."""
        raise NotImplementedError

    def why_not(self, what: str) -> str | None:
        """Why a command or an option makes no sense for this question; None when it does."""
        return self.cannot.get(what)

    def check(self, what: str) -> None:
        """Raises InvalidDesign with the reason where a command or an option makes no sense for this question."""
        if reason := self.why_not(what):
            raise InvalidDesign(reason)
