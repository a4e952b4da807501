"""A sweep: one question in every cell of any number of axes, each a certified answer.

Cells are independent, so they run anywhere (:mod:`mechlp.study.workers`), in rows of neighbours (:mod:`mechlp.study.neighbours`),
and each is appended to a store once it is known (:mod:`mechlp.study.cells`), under a key made of its whole question: a sweep that
was interrupted, or is refined, goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..exact.decimals import nearest
from ..exact.errors import InvalidInput
from ..exact.numbers import text
from ..exact.saved import replacing
from ..files import Reading, read, read_document
from ..shown import Drawn
from .axes import PRIOR, Axis, InvalidMap, axes, cells, shown
from .cells import Point
from .cellwise import Plan, Say, answered, with_priors
from .regions import document as document_of

if TYPE_CHECKING:
    import pandas as pd


class InvalidTable(InvalidInput):
    """A table that cannot be written; the message says what to install."""


@dataclass(frozen=True)
class Sweep(Drawn):
    """The points of a sweep, in the order of its axes (the last runs fastest); ``draws`` says how many were drawn, if any.

    ``rows()`` and ``frame()`` are the table, ``answer(k)`` solves a cell in full; :mod:`mechlp.report.sweeps` shows and draws it.
    """

    title: str
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    draws: int = 0
    #: Why not every point is in the store; nothing where all are.
    unsaved: str = field(default="", compare=False)
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __iter__(self) -> Iterator[Point]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        counts = Counter(point.status for point in self)
        return f"<Sweep of {self.title!r}: {len(self):,} cells, {', '.join(f'{n:,} {s}' for s, n in counts.items())}>"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(axis.name for axis in self.axes)

    def rows(self) -> Iterator[list[str]]:
        """A table, header first: the axes, status, value, whether it is certified, by what, and what is to be said."""
        return table(self.names, self.points)

    def frame(self) -> pd.DataFrame:
        """The table as a DataFrame; numbers are Fractions, of which pandas makes floats in means (``mechlp[frames]``)."""
        return frame(self.names, self.points)

    def answer(self, k: int, **options: Any) -> Any:
        """The whole answer of a cell, with its mechanism and proof; the options are those of ``solve``."""
        plan = Plan(self.document, self.names, 0, "each")
        return plan.ask(read_document(plan.problem(self.points[k].at))).solve(**options)

    def to_json(self) -> dict[str, Any]:
        """Exact strings."""
        return {
            "title": self.title,
            "axes": {a.name: [shown(v) for v in a.values] for a in self.axes},
            "draws": self.draws,
            "points": [point.to_json() for point in self],
        }


def table(names: Sequence[str], points: Sequence[Point]) -> Iterator[list[str]]:
    """Points as rows of text, header first."""
    yield [*names, "status", "value", "certified", "by", "message"]
    for point in points:
        value = "" if point.value is None else text(point.value)
        certified = "yes" if point.certified else "no"
        yield [*map(shown, point.at), point.status, value, certified, point.by, point.message]


def frame(names: Sequence[str], points: Sequence[Point]) -> pd.DataFrame:
    """Points as a DataFrame with Fractions.  Raises InvalidTable without pandas."""
    try:
        import pandas
    except ImportError:
        raise InvalidTable("data frames need pandas: pip install 'mechlp[frames]'") from None
    columns: dict[str, list[Any]] = {name: [p.at[k] for p in points] for k, name in enumerate(names)}
    columns |= {
        name: [getattr(p, name) for p in points] for name in ("status", "value", "certified", "by", "message")
    }
    kinds = {"certified": bool}
    return pandas.DataFrame({k: pandas.Series(v, dtype=kinds.get(k, object)) for k, v in columns.items()})


def write_parquet(names: Sequence[str], points: Sequence[Point], path: Path) -> None:
    """The table as a Parquet file: exact numbers as text, the nearest floats beside them (``NAME_float``).

    Raises
    ------
    InvalidTable
        Without pyarrow.
    OSError
    """
    check_parquet()
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, Any] = {}
    places = {name: [p.at[k] for p in points] for k, name in enumerate(names)}
    for name, values in {**places, "value": [p.value for p in points]}.items():
        columns[name] = pyarrow.array([None if v is None else shown(v) for v in values], pyarrow.string())
        if all(v is None or not isinstance(v, str) for v in values):
            floats = [None if v is None else nearest(v) for v in values]
            columns[f"{name}_float"] = pyarrow.array(floats, pyarrow.float64())
    for name in ("status", "by", "message"):
        columns[name] = pyarrow.array([getattr(p, name) for p in points], pyarrow.string())
    columns["certified"] = pyarrow.array([p.certified for p in points], pyarrow.bool_())
    with replacing(path) as new:
        parquet.write_table(pyarrow.table(columns), new)


def check_parquet() -> None:
    """Raises InvalidTable where Parquet files cannot be written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InvalidTable("Parquet files need pyarrow: pip install 'mechlp[parquet]'") from None


def sweep(
    question: Any,
    over: Any,
    *,
    random: int = 0,
    seed: int = 0,
    jobs: int | None = None,
    scheduler: str | None = None,
    store: str | Path | None = None,
    time_limit: float | None = None,
    progress: Say | None = None,
) -> Sweep:
    """Answer a question in every cell.

    Parameters
    ----------
    question : the name of a problem file, a :class:`~mechlp.files.Reading`, or a design.
    over : the axes, such as ``["B=1/2:2:61", "notion=bayesian,ex-post"]`` or ``{"B": [1, 2], "ic": ["bayesian"]}``.
    random, seed : so many draws: ranges (``B=1/2:2``; of ``B=1/2:2:61`` one of the 61 values) and ``prior=random`` are drawn, and
        lists are gone through with each draw.
    jobs : processes (default: one a core, at most 4).
    scheduler : the address of a Dask scheduler, whose workers are used instead (``mechlp[dask]``).
    store : a file of JSON lines that is read first and appended to.
    time_limit : seconds for each cell.
    progress : called with how far it is and the time that is left.

    Raises
    ------
    InvalidFile, InvalidMap
        No such problem, or axes that make no sense; too many cells, before any is solved.
    """
    if isinstance(question, (str, Path)):
        question = read(question)
    document = document_of(question)
    along = axes(over, document, draws=random)
    at = cells(along, random, seed)
    names = tuple(axis.name for axis in along)
    if PRIOR in names and PRIOR not in (document.get("parameters") or {}):
        at = list(with_priors(document, names, at))
    design = question.design if isinstance(question, Reading) else question
    plan = Plan.of(document, along, design, time_limit)
    target = None if store is None else Path(store)
    found, unsaved = answered(plan, at, jobs=jobs, scheduler=scheduler, store=target, progress=progress)
    title = design.environment.title or "untitled"
    return Sweep(title, along, tuple(found[one] for one in at), random, unsaved, document)


__all__ = ["InvalidMap", "InvalidTable", "Sweep", "check_parquet", "frame", "sweep", "table", "write_parquet"]
