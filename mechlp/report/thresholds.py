"""Critical values of a parameter: as a sentence, a page, LaTeX and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Group, RenderableType

from ..exact.algebraic import Algebraic
from ..exact.numbers import text
from ..exact.quotients import coefficients
from ..proof.family import Range
from ..proof.intervals import Cut, Interval
from ..proof.stages import Stage
from ..proof.threshold import Line, Threshold
from .algebraic import explained, fraction, polynomial, quotient, written
from .inequalities import LATEX, WORDS, symbol
from .plot import VERDICTS, picture, spoken
from .proof import latex_of, refuted_in_words
from .tables import GRID, MAX_ROWS, plain, table
from .tex import in_text


def sentence(line: Line, signs: dict[str, str] = WORDS) -> str:
    """What is proved of a line: ``possible iff B <= sqrt(2)``."""
    by = {
        s: [stage for stage in line.stages if stage.status == s]
        for s in ("possible", "impossible", "undecided")
    }
    if by["undecided"]:
        parts = [f"{s} for {_union(line, own, signs)}" for s, own in by.items() if own]
        return "; ".join(parts)
    if not by["impossible"]:
        return "possible everywhere"
    if not by["possible"]:
        return "impossible everywhere"
    if all(stage.low == stage.high for stage in by["impossible"]):
        unequal = [
            f"{_name(line, signs)} {_sign('!=', signs)} {written(s.low, signs)}" for s in by["impossible"]
        ]
        return f"possible iff {_math(signs['and'].join(unequal), signs)}"
    return f"possible iff {_union(line, by['possible'], signs)}"


def _union(line: Line, stages: Sequence[Stage], signs: dict[str, str]) -> str:
    (one,) = line.family.over
    return _math(signs["or"].join(_set(stage, one, signs) for stage in stages), signs)


def _set(stage: Stage, one: Range, signs: dict[str, str]) -> str:
    """``1 < B <= 2``, what the range says left out."""
    name = symbol(one.name) if signs is LATEX else one.name
    low, high = (written(end, signs) for end in (stage.low, stage.high))
    if stage.low == stage.high:
        return f"{name} = {low}"
    from_start = stage.closed[0] and stage.low == Algebraic.of(one.low)
    to_end = stage.closed[1] and stage.high == Algebraic.of(one.high)
    less = [_sign("<=" if closed else "<", signs) for closed in stage.closed]
    if from_start and not to_end:
        return f"{name} {less[1]} {high}"
    if to_end and not from_start:
        return f"{name} {_sign('>=' if stage.closed[0] else '>', signs)} {low}"
    return f"{low} {less[0]} {name} {less[1]} {high}"


def _sign(sign: str, signs: dict[str, str]) -> str:
    return signs.get(sign, sign) if sign != "!=" or signs is WORDS else r"\ne"


def _name(line: Line, signs: dict[str, str]) -> str:
    name = line.family.names[0]
    return symbol(name) if signs is LATEX else name


def _math(said: str, signs: dict[str, str]) -> str:
    return said if signs is WORDS else f"${said}$"


def threshold_page(found: Threshold) -> RenderableType:
    """The sentence, the critical values, and what proves each interval; of several lines a table."""
    ranges = ", ".join(f"{r.name} from {text(r.low)} to {text(r.high)}" for r in found.over)
    left = "" if found.exact else " but where it says undecided"
    proved = plain(f"  proved at every point{left}. {GRID}", "dim")
    if len(found.over) > 1:
        shown = table(found.over[0].name, f"mechanisms, for {ranges}")
        for line in found.lines:
            shown.add_row(text(line.held[0][1]), sentence(line))
        return Group(plain(found.title, "bold"), shown, proved, *map(plain, _roots(found)))
    (line,) = found.lines
    lines: list[RenderableType] = [
        plain(found.title, "bold"),
        plain(f"  {ranges}: {sentence(line)}"),
        proved,
        *map(plain, _roots(found)),
    ]
    for part in _proved(line):
        lines += map(plain, _point(line, part) if isinstance(part, Cut) else _interval(line, part))
    return Group(*lines)


def _proved(line: Line) -> Iterator[Interval | Cut]:
    """The intervals, and between them the cuts with a proof of their own at which existence is another than on each side."""
    for k, (cut, said) in enumerate(zip(line.cuts, line.verdicts, strict=True)):
        beside = line.intervals[max(k - 1, 0) : k + 1]
        if k > 0:
            yield beside[0]
        if (cut.rules or cut.proof is not None) and said not in {interval.status for interval in beside}:
            yield cut


def _point(line: Line, cut: Cut) -> Iterator[str]:
    where = f"  {line.family.names[0]} = {written(cut.at)}"
    if cut.proof is None:
        yield f"{where}: a mechanism"
    elif cut.proof.multipliers is None:
        yield f"{where}: none, by {cut.proof.leaves()} cases, each refuted by multipliers in the saved answer"
    else:
        yield f"{where}: none. Suppose a mechanism exists. Add up:"
        assert cut.at.rational is not None
        design = line.family.at((cut.at.rational, Fraction(0)))
        yield from (f"  {said}" for said in refuted_in_words(design, cut.proof.multipliers))


def _roots(found: Threshold) -> Iterator[str]:
    """What irrational critical values are."""
    every = dict.fromkeys(end for line in found.lines for end in line.thresholds if end.rational is None)
    for end in every:
        yield f"  {explained(end, found.name)}"


def _interval(line: Line, interval: Interval) -> Iterator[str]:
    name = line.family.names[0]
    where = f"  {written(interval.low)} < {name} < {written(interval.high)}"
    if interval.mechanism is not None:
        yield f"{where}: a mechanism{_degree(interval.mechanism.degrees, name)}"
    elif interval.multipliers is not None:
        yield f"{where}: none, as these multipliers add up to {_bound(line, interval)} >= 0:"
        if said := named(line, interval):
            yield f"    ({said})"
        entries = list(_multipliers(line, interval))
        for called, value in entries[:MAX_ROWS]:
            yield f"    {polynomial(value, name):>8}  {called}"
        if len(entries) > MAX_ROWS:
            yield f"    ... {len(entries) - MAX_ROWS} more in the saved answer"
    elif interval.cases is not None:
        yield f"{where}: none, by {_cases(interval, name)}"
    else:
        yield f"{where}: undecided"


def named(line: Line, interval: Interval) -> str:
    """At which point types have the names that proofs use, where their names depend on the parameter."""
    stretch = interval.stretch(line.family)
    other = line.family.at(line.family.corners[0]).environment.agents
    moving = any(a.types != b.types for a, b in zip(stretch.middle.environment.agents, other, strict=True))
    return f"types are named as at {line.family.names[0]} = {text(stretch.inner)}" if moving else ""


def _degree(degrees: tuple[int, int], name: str) -> str:
    top, bottom = degrees
    if bottom:
        return f" of rational functions of {name}, of degree {top} over {bottom}"
    return f" of polynomials of {name}, of degree {top}" if top else f", the same for all {name}"


def _cases(interval: Interval, name: str, of: str = "") -> str:
    """``4 cases, each refuted by multipliers that are polynomials of B``"""
    assert interval.cases is not None
    count, kind = interval.cases.leaves(), of or name
    if count == 1:
        return f"multipliers in the saved answer, polynomials of {kind}"
    return f"{count} cases, each refuted by multipliers in the saved answer, polynomials of {kind}"


def _bound(line: Line, interval: Interval, signs: dict[str, str] = WORDS) -> str:
    assert interval.multipliers is not None
    found = interval.stretch(line.family).implied(interval.multipliers, wanted=False)
    return quotient(coefficients(found.top), coefficients(found.bottom), line.family.names[0], signs)


def _multipliers(line: Line, interval: Interval) -> Iterator[tuple[str, list[Fraction]]]:
    """Requirements by name, each with the coefficients of its multiplier."""
    assert interval.multipliers is not None
    design, powers = interval.stretch(line.family).middle, interval.multipliers.powers
    found: dict[str, list[Fraction]] = {}
    for k, y in enumerate(powers):
        for entry in y.rows(design):
            found.setdefault(entry.name(design), [Fraction(0)] * len(powers))[k] = entry.value
    yield from found.items()


def threshold_latex(found: Threshold) -> str:
    """A proposition, and its proof by multipliers."""
    lines = [r"\begin{proposition}"]
    for line in found.lines:
        (one,) = line.family.over
        held = "".join(f"{symbol(n)} = {fraction(v, LATEX)},\\ " for n, v in line.held)
        box = rf"{held}{fraction(one.low, LATEX)} \le {symbol(one.name)} \le {fraction(one.high, LATEX)}"
        said = sentence(line, LATEX)
        claim = {"impossible everywhere": "no mechanism exists", "possible everywhere": "a mechanism exists"}
        lines.append(
            f"For ${box}$: {claim.get(said, said.replace('possible iff', 'a mechanism exists if and only if'))}."
        )
    lines += [r"\end{proposition}", r"\begin{proof}"]
    for line in found.lines:
        for part in _proved(line):
            lines += _latex_point(line, part) if isinstance(part, Cut) else _latex(line, part)
    return "\n".join([*lines, r"\end{proof}"])


def _latex_point(line: Line, cut: Cut) -> Iterator[str]:
    where = f"{_held(line)}${symbol(line.family.names[0])} = {written(cut.at, LATEX)}$"
    if cut.proof is None:
        yield f"For {where} a mechanism is in the certificate."
    elif cut.proof.multipliers is None:
        yield f"For {where} none exists, by {cut.proof.leaves()} cases, each refuted by multipliers in the certificate."
    else:
        yield f"For {where} the requirements contradict each other, with these multipliers:"
        assert cut.at.rational is not None
        yield latex_of(line.family.at((cut.at.rational, Fraction(0))), cut.proof.multipliers, None)


def _held(line: Line) -> str:
    return "".join(f"${symbol(n)} = {fraction(v, LATEX)}$, " for n, v in line.held)


def _latex(line: Line, interval: Interval) -> Iterator[str]:
    name = line.family.names[0]
    where = (
        f"{_held(line)}${written(interval.low, LATEX)} < {symbol(name)} < {written(interval.high, LATEX)}$"
    )
    if interval.mechanism is not None:
        yield rf"For {where} a mechanism is in the certificate, its entries rational functions of ${symbol(name)}$."
    elif interval.multipliers is not None:
        yield f"For {where} the requirements, with these multipliers, add up to"
        yield rf"\[ {_bound(line, interval, LATEX)} \ge 0, \]"
        yield f"which is false there{'; ' + said if (said := named(line, interval)) else ''}:"
        yield r"\[ \begin{array}{rl}"
        for called, value in _multipliers(line, interval):
            yield rf"{polynomial(value, name, LATEX)} & \text{{{in_text(called)}}} \\"
        yield r"\end{array} \]"
    elif interval.cases is not None:
        yield f"For {where} none exists, by {_cases(interval, name, f'${symbol(name)}$')}."


@picture("thresholds", "the verdicts along a parameter, with its exact critical values", Threshold)
def draw_thresholds(canvas: Any, found: Threshold) -> str:
    """The verdicts along the parameter, or, of two parameters, along each line."""
    flat, last = len(found.over) == 1, found.over[-1]
    first = found.over[0]
    if flat:
        canvas.set_size_inches(6.4, 2.6)
    axes = canvas.subplots()
    width = 1.0 if flat else 0.5 * float(first.high - first.low) / max(len(found.lines) - 1, 1)
    named: set[str] = set()
    for line in found.lines:
        at = 0.0 if flat else float(line.held[0][1])
        for stage in line.stages:
            low, high = float(stage.low), float(stage.high)
            colour, hatch = VERDICTS[stage.status]
            label = None if stage.status in named else stage.status
            named.add(stage.status)
            draw = axes.barh if flat else axes.bar
            sizes = {"left" if flat else "bottom": low, "height" if flat else "width": width}
            look = {"color": colour, "hatch": hatch, "edgecolor": "#777777", "linewidth": 0}
            draw(at, high - low, label=label, **look, **sizes)
            if low == high:
                axes.plot(
                    *((low, at) if flat else (at, low)), "o", color=colour, mec="#555555", clip_on=False
                )
        for end in line.thresholds:
            place = (float(end), at) if flat else (at, float(end))
            axes.plot(*place, "|" if flat else "_", color="black", ms=16)
    ends = (float(last.low), float(last.high))
    if flat:
        axes.set(xlim=ends, xlabel=spoken(last.name), yticks=[])
    else:
        axes.set(ylim=ends, ylabel=spoken(last.name), xlabel=spoken(first.name))
    canvas.legend(loc="outside lower center", ncols=3, fontsize="small", frameon=False)
    return f"{found.title}{f': {sentence(found.lines[0])}' if flat else ''}"


__all__ = ["sentence", "threshold_latex", "threshold_page"]
