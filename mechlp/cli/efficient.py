"""``mechlp efficient``: whether a mechanism, or interim payoffs, are efficient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from ..checking.saved import saved_rules
from ..exact.numbers import rational
from ..files import Reading, read
from ..mechanism.mechanism import Mechanism
from ..proof import interim
from ..proof.announcement import Announcement
from ..proof.contours import Contours
from ..proof.revised import examined
from ..proof.robustness import Robustness
from ..question.same import same_environment
from ..report import interim as pages
from ..report.plot import Look
from ..study.interim import announced, contours, efficiency, named_payoffs, revised
from ..study.maps import Axis
from ..study.verdicts import efficiency_map
from .console import progress
from .group import UNDECIDED
from .options import as_json, look_options, pairs, plot_option, problem, saved, time_option
from .saving import answer_file, beside, check_plot, check_writable, deliver, picture_file, show


@click.command("efficient")
@problem
@click.option("--answer", type=click.Path(path_type=Path), help="Examine the mechanism of this saved answer.")
@click.option(
    "--payoff",
    "payoffs",
    multiple=True,
    callback=pairs,
    metavar="AGENT:TYPE=NUMBER",
    help="Examine these interim payoffs, one for each type.",
)
@click.option("--strong", is_flag=True, help="Exit 1 also where only some types could gain.")
@click.option(
    "--revise",
    multiple=True,
    metavar="AGENT:NAME=VALUE",
    help="Compare with the agent's payoffs under another belief: another value of a parameter that only beliefs name.",
)
@click.option(
    "--discount",
    "discounts",
    multiple=True,
    callback=pairs,
    metavar="AGENT=FRACTION",
    help="With --revise or --contour: multiply what the mechanism gives the agent, as a wait does.",
)
@click.option(
    "--contour",
    multiple=True,
    metavar="AGENT:NAME=VALUE",
    help="Are the payoffs in the agent's contours (U, U0, W, W0) of the file's mechanism, over these beliefs about her?",
)
@click.option(
    "--announce",
    multiple=True,
    metavar="AGENT:NAME=VALUE",
    help="Are the payoffs those after an announcement by the agent that leads to one of these beliefs about her?",
)
@click.option(
    "--menu",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --announce: the agent may also choose the mechanism of this file.",
)
@click.option(
    "--mix",
    "lottery",
    multiple=True,
    callback=pairs,
    metavar="FILE=CHANCE",
    help="Examine the lottery that plays the mechanism of another file with this chance, else the file's.",
)
@click.option(
    "--over",
    multiple=True,
    metavar="NAME=FROM:TO:COUNT",
    help="A map: examine the file's mechanism over a grid of two parameters; give it twice.",
)
@plot_option("Draw it: a .png, .svg or .pdf file.")
@look_options
@as_json
@saved(".efficiency.json")
@time_option("Seconds in all; for each place with --over.")
def command(
    reading: Reading,
    answer: Path | None,
    payoffs: dict[str, str],
    strong: bool,
    revise: tuple[str, ...],
    discounts: dict[str, str],
    contour: tuple[str, ...],
    announce: tuple[str, ...],
    menu: tuple[Path, ...],
    lottery: dict[str, str],
    over: tuple[str, ...],
    plot: Path | None,
    look: Look,
    as_json: bool,
    out: Path | None,
    no_save: bool,
    time_limit: float | None,
) -> int:
    """Whether a mechanism, or interim payoffs, are efficient among all that mechanisms can reach.

    What is examined: the mechanism that the file gives (`given:`), that of a saved answer, or payoffs.  The answer
    holds the weights that prove efficiency, or the mechanism that does better.  Exit status 1 when payoffs are
    inefficient or out of reach.

    \b
    mechlp efficient configs/peski-2023-property-rights.yaml
    mechlp efficient configs/peski-2023-a1.yaml --over p1=1/20:19/20:10 --over p2=1/20:19/20:10 --plot a1.png
    mechlp efficient configs/peski-2023-a1.yaml --revise player1:p1=1/100 --revise player2:p2=1/10
    mechlp efficient configs/peski-2023-a1.yaml --contour player2:p2=1/10 --contour player2:p2=9/10
    mechlp efficient configs/peski-2023-a1.yaml --announce player2:p2=1/10 --announce player2:p2=9/10
    mechlp efficient configs/peski-2023-a1.yaml --mix configs/peski-2023-a2.yaml=1/2
    """
    reading.design.check("efficient")
    if sum(map(bool, (answer, payoffs, over, revise, lottery))) > 1:
        raise click.UsageError("give one of --answer, --payoff, --mix, --revise and --over")
    if contour and (over or revise):
        raise click.UsageError("--contour goes with --payoff or --answer, not with --revise or --over")
    if announce and (contour or over or revise):
        raise click.UsageError("--announce goes with --payoff, --mix or --answer, and with nothing else")
    if menu and not announce:
        raise click.UsageError("--menu goes with --announce")
    if discounts and not (revise or contour):
        raise click.UsageError("--discount goes with --revise or --contour")
    if plot is not None and (revise or contour or announce):
        raise click.UsageError("--plot draws payoffs and maps (--over), and nothing of revised beliefs")
    if over:
        if out is not None:
            raise click.UsageError("--out saves one examination; a map (--over) is printed, also as --json, or drawn")
        _map(reading, over, plot, look, as_json, time_limit)
        return 0
    check_writable(out, "--out")
    check_plot(plot)
    factors = _factors(reading, discounts)
    asked = [
        *revise,
        *contour,
        *announce,
        *(path.stem for path in menu),
        *(f"{name}={value}" for name, value in factors.items()),
    ]
    if revise:
        robust = revised(reading, revise, factors, time_limit=time_limit)
        target = None if no_save else out or beside(reading, ".robustness.json", *asked)
        page = lambda: pages.revised_page(robust)  # noqa: E731
        return _kept(robust, robust.passed, page, target, as_json)
    design = reading.design
    what: Any = named_payoffs(design, payoffs) if payoffs else None
    if what is None:
        what = _lottery(reading, lottery) if answer is None else saved_rules(answer, design.environment)[0]
    asked += [f"{name}={number}" for name, number in (*payoffs.items(), *lottery.items())] + (
        [answer.stem] if answer else []
    )
    if contour:
        agent = contour[0].rpartition("=")[0].rpartition(":")[0]
        if set(factors) - {agent}:
            raise click.UsageError(f"--discount: with --contour, only the payoffs of {agent} count")
        discount = factors.get(agent, Fraction(1))
        where = contours(reading, what, contour, discount=discount, time_limit=time_limit)
        target = None if no_save else out or beside(reading, ".contours.json", *asked)
        return _kept(where, where.member("U")[0], lambda: pages.contours_page(where), target, as_json)
    if announce:
        others = [read(path, overrides=_known(path, reading)) for path in menu]
        after = announced(reading, what, announce, menu=others, time_limit=time_limit)
        target = None if no_save else out or beside(reading, ".announcement.json", *asked)
        return _kept(after, after.member, lambda: pages.announcement_page(after), target, as_json)
    with progress(as_json) as say:
        found = efficiency(design, what, time_limit=time_limit, progress=say)
    target = None if no_save else out or beside(reading, ".efficiency.json", *asked)
    saved = functools.cache(lambda: interim.saved(found))
    deliver(
        show(saved, lambda: pages.efficiency_page(found), as_json),
        answer_file(target, saved, decided=found.decided),
        picture_file(plot, found, look),
        quiet=as_json,
    )
    verdict = found.strong if strong else found.weak
    return UNDECIDED if verdict is None else int(not verdict)


def _map(
    reading: Reading,
    over: tuple[str, ...],
    plot: Path | None,
    look: Look,
    as_json: bool,
    time_limit: float | None,
) -> None:
    if len(over) != 2:
        raise click.UsageError("--over: a map has two parameters; give it twice")
    check_plot(plot)
    with progress(as_json) as say:
        axes = (Axis.parse(over[0]), Axis.parse(over[1]))
        found = efficiency_map(reading, axes, say, time_limit=time_limit)
    title = reading.design.environment.title
    picture = picture_file(plot, found, look if look.title is not None else replace(look, title=title))
    deliver(show(found.to_json, lambda: pages.map_page(found, title), as_json), picture, quiet=as_json)


def _kept(
    found: Contours | Robustness | Announcement,
    verdict: bool | None,
    page: Callable[[], Any],
    target: Path | None,
    as_json: bool,
) -> int:
    """Print and save what was compared under other beliefs; the exit status of the verdict."""
    saved = functools.cache(lambda: interim.saved(found))
    undecided = verdict is None
    deliver(show(saved, page, as_json), answer_file(target, saved, decided=not undecided), quiet=as_json)
    return UNDECIDED if undecided else int(not verdict)


def _known(path: Path, reading: Reading) -> dict[str, str]:
    """The parameters that were set for the problem, where another file has them too."""
    return {
        name: value
        for name, value in reading.changes.items()
        if name in read(path).document.get("parameters", {})
    }


def _lottery(reading: Reading, others: dict[str, str]) -> Mechanism:
    """The mechanism of the file, and of others with some chances.  Raises click.UsageError, InvalidDesign."""
    own, left = examined(reading), Fraction(1)
    allocation, transfers = own.allocation * 0, own.transfers * 0
    for name, value in others.items():
        try:
            chance = rational(value)
        except ValueError as error:
            raise click.UsageError(f"--mix {name}: {error}") from None
        beside = read(Path(name), overrides=_known(Path(name), reading))
        if beside.given is None:
            raise click.UsageError(f"--mix {name}: the file gives no mechanism: add `given:`")
        other = examined(beside)
        if not same_environment(own.environment, other.environment):
            raise click.UsageError(f"--mix {name}: its types, payoffs or beliefs are not those of the file")
        allocation, transfers = allocation + other.allocation * chance, transfers + other.transfers * chance
        left -= chance
        if chance < 0 or left < 0:
            raise click.UsageError(f"--mix {name}={value}: chances are at least 0, and add up to at most 1")
    return Mechanism(own.environment, allocation + own.allocation * left, transfers + own.transfers * left)


def _factors(reading: Reading, discounts: dict[str, str]) -> dict[str, Fraction]:
    names = [agent.name for agent in reading.design.environment.agents]
    factors = {}
    for name, value in discounts.items():
        if name not in names:
            raise click.UsageError(f"--discount {name}: the agents are {', '.join(names)}")
        try:
            factors[name] = rational(value)
        except ValueError as error:
            raise click.UsageError(f"--discount {name}: {error}") from None
        if not 0 <= factors[name] <= 1:
            raise click.UsageError(f"--discount {name}={value}: a fraction between 0 and 1 is needed")
    return factors
