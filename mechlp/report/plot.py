"""Pictures (matplotlib, ``mechlp[plot]``): one list of them, which every command, notebook and page draws from.

A picture has a name, says what it shows, of which kind of answer, and draws on an empty figure.  Colours are told apart in
print and by the colour-blind (Okabe and Ito 2008), and what they say is also said by hatches, lines, marks or numbers.
The ending of a file name decides the format: png, pdf, svg.  Floats only place what is drawn; certified numbers are in tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from textwrap import fill
from typing import Any

from ..exact.errors import InvalidInput
from ..exact.saved import replacing

FORMATS = (".png", ".pdf", ".svg")
#: Fills and lines that stay apart in grey and for the colour-blind.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
LINES, MARKS = ("-", "--", "-.", ":"), "osD^vPX"
HATCHES = ("", "//", "..", "\\\\", "xx", "++", "oo")
#: What is possible, impossible, open: fills whose greys in print are far apart, and hatches.
VERDICTS = {
    "possible": ("#4a90c2", ""),
    "impossible": ("#fbe9e1", ""),
    "undecided": ("#c9c9c9", "///"),
    "invalid": ("#ffffff", "xx"),
}
#: What the name of a part of a picture begins with that shows the rest of the name under the pointer.
HOVER = "hover: "
#: Inches.
SIZE, MOST_INCHES = (6.4, 5.2), 40
#: Where pictures are registered: loaded when the first one is drawn.
HOMES = (
    "distributions",
    "pictures",
    "incentives",
    "sets",
    "interim",
    "regions",
    "values",
    "points",
    "curves",
    "zones",
    "reference_rules",
    "thresholds",
)

Draw = Callable[[Any, Any], str]


class InvalidPlot(InvalidInput):
    """A picture that cannot be drawn or written; the message says how to mend it."""


@dataclass(frozen=True)
class Picture:
    """One way to draw a kind of answer: ``draw(figure, answer)`` returns the title.  ``why_not`` says in a sentence why an answer
    of the kind has no such picture; nothing where it has."""

    kind: str
    about: str
    of: tuple[type, ...]
    draw: Draw
    why_not: Callable[[Any], str]


@dataclass(frozen=True)
class Look:
    """What a user asks of a picture: which one, another title (empty: none), inches."""

    kind: str | None = None
    title: str | None = None
    size: tuple[float, float] | None = None


_PICTURES: list[Picture] = []


def spoken(name: str) -> str:
    """A parameter as papers write it: ``c*`` for ``c_star``."""
    return name.replace("_star", "*")


def picture(
    kind: str, about: str, *of: type, why_not: Callable[[Any], str] = lambda found: ""
) -> Callable[[Draw], Draw]:
    """Register a way to draw answers of some kinds; the first of a kind that fits is the one drawn unless another is named."""

    def register(draw: Draw) -> Draw:
        _PICTURES.append(Picture(kind, about, of, draw, why_not))
        return draw

    return register


def every_picture() -> list[Picture]:
    """All that are registered."""
    for home in HOMES:
        import_module(f".{home}", __package__)
    return _PICTURES


def pictures(found: Any) -> list[Picture]:
    """Those that an answer has, the default one first."""
    return [one for one in every_picture() if isinstance(found, one.of) and not one.why_not(found)]


def chosen(found: Any, kind: str | None = None) -> Picture:
    """The picture of that name, or the default one.

    Raises
    ------
    InvalidPlot
        With the names that there are, in one sentence.
    """
    fit = pictures(found)
    names = ", ".join(one.kind for one in fit) or "none"
    if kind is None:
        if not fit:
            reasons = [one.why_not(found) for one in every_picture() if isinstance(found, one.of)]
            raise InvalidPlot(
                f"there is no picture of this answer{': ' if reasons else ''}{'; '.join(reasons[:1])}"
            )
        return fit[0]
    for one in fit:
        if one.kind == kind:
            return one
    for one in every_picture():
        if one.kind == kind and isinstance(found, one.of):
            raise InvalidPlot(f"kind {kind!r}: {one.why_not(found)}; pictures of this answer: {names}")
    hint = f"; a file is named by path={kind!r}" if Path(kind).suffix in FORMATS else ""
    raise InvalidPlot(f"kind {kind!r}: there is no such picture of this answer; there are: {names}{hint}")


def check_kind(kind: str | None) -> None:
    """Before long work: that a picture of this name exists for some answer.  Raises InvalidPlot."""
    known = list(dict.fromkeys(one.kind for one in every_picture()))
    if kind is not None and kind not in known:
        raise InvalidPlot(f"kind {kind!r}: pictures are called {', '.join(known)}")


def drawn(found: Any, look: Look = Look()) -> Any:
    """An answer as a figure of matplotlib.

    Raises
    ------
    InvalidPlot
        Without matplotlib, for a kind of picture that this answer has not, or numbers that floats do not reach.
    """
    one = chosen(found, look.kind)
    canvas = _matplotlib("figure").Figure(figsize=SIZE, layout="constrained")
    try:
        title = one.draw(canvas, found)
    except OverflowError:
        raise InvalidPlot("a number beyond the range of floats cannot be drawn") from None
    if look.size is not None:
        canvas.set_size_inches(*look.size)
    title = title if look.title is None else look.title
    if title:
        wide = canvas.get_size_inches()[0]
        # an inequality stays on its line
        whole = re.sub(r" ([<>=]+) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", title)
        canvas.suptitle(fill(whole, max(int(wide * 10), 20)), fontsize="medium")
    return canvas


def write(found: Any, path: Path, look: Look = Look()) -> None:
    """Draw an answer into a file, whole or not there, that says nothing of when it was made.  Raises InvalidPlot, OSError."""
    check_target(path)
    save(drawn(found, look), path)


def save(canvas: Any, path: Path) -> None:
    """A figure as a file."""
    dateless = {".png": {"Software": None}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
    kind = path.suffix.lower()
    with replacing(path) as new, _matplotlib("").rc_context({"svg.hashsalt": "mechlp"}):
        canvas.savefig(new, dpi=160, format=kind[1:], metadata=dateless[kind])


def check_target(path: Path) -> None:
    """Before long work: that the name has a known ending, the folder exists and matplotlib is there.  Raises InvalidPlot."""
    if path.suffix.lower() not in FORMATS:
        raise InvalidPlot(f"{path}: expected a name that ends in {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise InvalidPlot(f"{path}: there is no folder {path.parent}")
    _matplotlib("")


def _matplotlib(part: str) -> Any:
    try:
        return import_module(f"matplotlib.{part}" if part else "matplotlib")
    except ImportError:
        raise InvalidPlot("pictures need matplotlib: pip install 'mechlp[plot]'") from None
