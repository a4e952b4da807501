"""What shows itself: in a notebook, as a picture, as a page and in LaTeX.  The doors from every room up to the pages."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any


class Shown:
    """What a notebook shows as tables; pickled without what was computed from it on the way."""

    def __getstate__(self) -> dict[str, Any]:
        named = {one.name for one in fields(self)}  # type: ignore[arg-type]  # every kind is a dataclass
        return {name: value for name, value in self.__dict__.items() if name in named}

    def _repr_html_(self) -> str:
        from .report.html import fragment

        return fragment(self)


class Drawn(Shown):
    """An answer: what has pictures, a page and LaTeX besides."""

    def plot(
        self,
        kind: str | None = None,
        path: str | Path | None = None,
        *,
        title: str | None = None,
        size: tuple[float, float] | None = None,
    ) -> Any:
        """A picture, as a figure of matplotlib (``mechlp[plot]``), and written where a ``path`` is given.

        Parameters
        ----------
        kind : ``allocation``, ``payoffs``, ...; None: the one that says most about this kind of answer.
        title : another title, or an empty one for none.
        size : inches, width and height.

        Raises
        ------
        InvalidPlot
            For a kind that this answer has not, with those that it has, or without matplotlib.
        """
        from .report.plot import Look, check_target, drawn, save

        if path is not None:
            check_target(Path(path))
        canvas = drawn(self, Look(kind, title, size))
        if path is not None:
            save(canvas, Path(path))
        return canvas

    def latex(self) -> str:
        """A document of LaTeX that compiles by itself: the answer, its environment, its proof with inequalities written out."""
        from .report.sections import latex

        return latex(self)

    def html(self) -> str:
        """A page of HTML that needs nothing else: question, answer, pictures, proof (``mechlp[page]``)."""
        from .report.html import whole_page

        return whole_page(self)


class Tabled(Drawn):
    """An answer about mechanisms: what has tables besides."""

    def frame(self, table: str = "mechanism") -> Any:
        """A table of an answer about mechanisms as a DataFrame of Fractions and texts (``mechlp[frames]``).

        Parameters
        ----------
        table : ``mechanism``, ``interim`` (what each type gets), ``binding`` (what holds with equality), ``prices`` (the
            multipliers of the proof) or ``rates``.

        Raises
        ------
        InvalidInput
            For another name, or an answer that has no such table; ImportError without pandas.
        """
        from .report.exported import frame

        return frame(self, table)
