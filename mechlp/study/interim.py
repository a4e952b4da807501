"""Sets of interim payoffs: support, efficiency, projection on two payoffs, and what robust efficiency needs.

Every verdict is an exact claim about the finite environment of the design, checked from the definitions: a
:class:`~mechlp.answer.answer.Answer`, a :class:`~mechlp.proof.comparison.Comparison` or a
:class:`~mechlp.proof.projection.Projection`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..answer.answer import Answer
from ..deadline import Deadline
from ..exact.numbers import Rationals, rational
from ..exact.planar import AXES, Vector, facets, spanning
from ..files import Reading
from ..mechanism.mechanism import Mechanism
from ..program import Block, Columns, Family, Program, Term
from ..program.solve import solve as solve_program
from ..proof.announcement import Announcement
from ..proof.comparison import KINDS, Comparison, weighing
from ..proof.contours import Contours, Revised
from ..proof.efficiency import Efficiency, interim_vectors
from ..proof.projection import Edge, Payoff, Projection
from ..proof.revised import Revision
from ..proof.robustness import Contour, Pair, Robustness, payoffs_at
from ..question.design import Design, InvalidDesign
from ..question.interim import settled
from ..solving.interim import compare_payoffs

Progress = Callable[[str], None]
#: Programs solved for one projection before it is given up.
MAX_DIRECTIONS = 2000


class Undecided(RuntimeError):
    """A program could not be decided exactly (in time); the message says which."""


def support(design: Design, weights: Sequence[Rationals], **options: float | Deadline | None) -> Answer:
    """The largest weighted sum of interim payoffs, ``h(weights)``: weights type by type, not multiplied by the prior.

    ``unbounded`` where the set goes on for ever in that direction; the answer's direction and note say how.
    """
    return weighing(settled(design), list(map(Rationals.of, weights))).solve(relax=False, **options)


def efficiency(
    design: Design,
    payoffs: Mechanism | Sequence[Rationals],
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
) -> Efficiency:
    """Whether payoffs, or those of a mechanism, can be reached, and whether they are efficient; ``time_limit`` in all.

    Raises
    ------
    InvalidDesign
        No beliefs, payoffs of the wrong shape, a mechanism for other types.
    """
    say, mechanism, deadline = progress or (lambda phase: None), None, Deadline.of(time_limit)
    if isinstance(payoffs, Mechanism):
        mechanism, payoffs = payoffs, interim_vectors(payoffs)
    found: list[Comparison] = []
    for kind in KINDS:
        say(f"{kind} comparison")
        if kind == "strong" and found[0].value != 0:
            break  # out of reach, or nothing can be reached: there may be no mechanism that gives these payoffs
        found.append(compare_payoffs(design, payoffs, kind, time_limit=deadline))
    return Efficiency(settled(design), tuple(map(Rationals.of, payoffs)), tuple(found), mechanism)


def named_payoffs(design: Design, given: Mapping[str, str]) -> list[Rationals]:
    """Payoffs by name (``seller:1/4``), one for every type that has a belief.

    Raises
    ------
    InvalidDesign
        A name that is no type's, a missing type, a value that is no number.
    """
    environment, known = design.environment, {}
    for name, value in given.items():
        payoff = Payoff.named(environment, name)
        if ":" not in payoff.name:
            raise InvalidDesign(
                f"payoff {name!r}: name a type, as in {name}:{environment.agents[0].types[0]}"
            )
        try:
            known[payoff.name] = rational(value)
        except ValueError as error:
            raise InvalidDesign(f"payoff {name!r}: {error}") from None
    out, missing = [], []
    for i, agent in enumerate(environment.agents):
        defined = environment.beliefs.mass(i) > 0  # type: ignore[union-attr]
        names = [f"{agent.name}:{own}" for own in agent.types]
        missing += [n for n, wanted in zip(names, defined, strict=True) if wanted and n not in known]
        out.append(Rationals.of([known.get(n, Fraction(0)) for n in names]))
    if missing:
        raise InvalidDesign(f"payoffs are missing for {', '.join(missing)}")
    return out


def revised(
    reading: Reading,
    changes: Sequence[str],
    factors: Mapping[str, Fraction],
    *,
    time_limit: float | Deadline | None = None,
) -> Robustness:
    """Robust efficiency where an agent's payoffs are taken at other values of parameters: ``player1:p1=1/100``, perhaps several.

    ``factors``: by agent, what her payoffs are multiplied by.

    Raises
    ------
    InvalidDesign
        A change that names no agent or parameter, or a file that makes no sense at a changed value.
    """
    names = [agent.name for agent in reading.design.environment.agents]
    values: dict[int, dict[str, str]] = {names.index(name): {} for name in factors}
    for change in changes:
        one = Revision.read(reading, change)
        values.setdefault(one.agent, {}).update(one.values)
    made = tuple(Revision(i, own, factors.get(names[i], Fraction(1))) for i, own in values.items())
    targets = payoffs_at(reading.document, made)
    found = robustness(reading.design, [[t] for t in targets], complete=False, time_limit=time_limit)
    return replace(found, document=reading.document, revisions=made)


def contours(
    reading: Reading,
    payoffs: Mechanism | Sequence[Rationals],
    changes: Sequence[str],
    *,
    discount: Fraction = Fraction(1),
    time_limit: float | Deadline | None = None,
) -> Contours:
    """Payoffs against what a file's mechanism gives an agent at other values of a parameter: ``player1:p1=1/100``, one a belief.

    ``discount``: the mechanism's payoffs are multiplied by it.

    Raises
    ------
    InvalidDesign
        A change that names no agent or parameter, or changes of several agents.
    InvalidFile
        When the file makes no sense at a changed value.
    """
    vectors = interim_vectors(payoffs) if isinstance(payoffs, Mechanism) else list(map(Rationals.of, payoffs))
    revisions = [Revision.read(reading, change, discount) for change in changes]
    others = tuple(Revised.at(reading.document, one) for one in revisions)
    if len({one.agent for one in revisions}) != 1:
        raise InvalidDesign("contours are of one agent: name the same one in every belief")
    agent = revisions[0].agent
    possible = np.asarray(reading.design.environment.beliefs.mass(agent) > 0, dtype=bool)
    reached = compare_payoffs(reading.design, vectors, "distance", time_limit=time_limit)
    return Contours(reached, agent, vectors[agent], possible, others, reading.document)


def announced(
    reading: Reading,
    payoffs: Mechanism | Sequence[Rationals],
    changes: Sequence[str],
    *,
    menu: Sequence[Reading] = (),
    time_limit: float | Deadline | None = None,
) -> Announcement:
    """Whether payoffs are those after an announcement of an agent: ``player2:p2=1/10``, one a belief about her.

    ``menu``: further files whose mechanisms she may choose.

    Raises
    ------
    InvalidDesign
        Changes of several agents, dependent types, mechanisms for other types or that break a requirement.
    Undecided
    """
    vectors = interim_vectors(payoffs) if isinstance(payoffs, Mechanism) else list(map(Rationals.of, payoffs))
    revisions = tuple(Revision.read(reading, change) for change in changes)
    if len({one.agent for one in revisions}) != 1:
        raise InvalidDesign("an announcement is one agent's: name the same one in every belief")
    documents = (reading.document, *(other.document for other in menu))
    found = Announcement(documents, revisions[0].agent, tuple(vectors), revisions)
    columns, wanted = found.equations()
    usable = [k for k, one in enumerate(found.said) if found.usable(one)]
    if not usable:  # the beliefs alone, which add up to 1, refute no announcement at all
        size = reading.design.environment.agents[found.agent].size
        one = [1] * size + [0] * (wanted.size - size)
        return replace(found, multipliers=(Rationals.of(one),))
    blocks = (Block("chances", (len(usable),), Rationals.of(0)),)
    term = Term(Columns(blocks)["chances"], columns[usable].moveaxis(0, -1), (len(usable),))
    family = Family("average", wanted.shape, (term,), "=", wanted)
    program = Program(blocks, (family,), {})
    solution = solve_program(program, time_limit=time_limit)
    if solution.status == "optimal" and solution.primal is not None:
        chances = [Fraction(0)] * len(found.said)
        for k, chance in zip(usable, solution.primal.fractions(), strict=True):
            chances[k] = chance
        return replace(found, chances=Rationals.of(chances))
    if solution.status != "infeasible" or solution.dual is None:
        raise Undecided("the chances of announcements were not decided")
    return replace(found, multipliers=(program.multipliers("average", solution.dual),))


# -- other beliefs --------------------------------------------------------------------------------
def robustness(
    design: Design,
    pieces: Sequence[Sequence[Rationals]],
    *,
    complete: bool,
    time_limit: float | Deadline | None = None,
) -> Robustness:
    """Robust efficiency of a mechanism whose payoffs for agent i, over beliefs about her, lie in the polytopes ``pieces[i]``.

    Each piece is given by its corners, shape ``(K, |Theta_i|)`` (a single vector for one belief).  ``complete`` says
    whether they cover every belief.  A program for each pair of pieces, and one an agent where its gap is zero; ``time_limit``
    (seconds, or a deadline) for all of them.
    """
    deadline = Deadline.of(time_limit)
    read = tuple(tuple(p.reshape(-1, p.shape[-1]) for p in map(Rationals.of, own)) for own in pieces)
    pairs = []
    for chosen in itertools.product(*(range(len(own)) for own in read)):
        targets = [own[k] for own, k in zip(read, chosen, strict=True)]
        weak = compare_payoffs(design, targets, "weak", time_limit=deadline)
        gainers = range(len(read)) if weak.value == 0 else ()
        gains = [compare_payoffs(design, targets, "strong", agent=i, time_limit=deadline) for i in gainers]
        pairs.append(Pair(chosen, weak, tuple(gains)))
    return Robustness(settled(design), read, tuple(pairs), complete)


def upper_contour(
    design: Design,
    payoffs: Sequence[Rationals],
    agent: int,
    pieces: Sequence[Rationals],
    *,
    complete: bool,
    **options: float | None,
) -> Contour:
    """Whether payoffs belong to the upper contour of a mechanism for one agent; pieces as in :func:`robustness`, her own."""
    vectors = [Rationals.of(u) for u in payoffs]
    read = tuple(p.reshape(-1, p.shape[-1]) for p in map(Rationals.of, pieces))
    types = np.flatnonzero(design.environment.beliefs.mass(agent) > 0)  # type: ignore[union-attr]
    found = [_margin(vectors[agent][types], piece[:, types]) for piece in read]
    margins, mixes, weights = zip(*found, strict=True) if found else ((), (), ())
    reached = compare_payoffs(design, vectors, "distance", **options)  # type: ignore[arg-type]
    return Contour(reached, agent, vectors[agent], read, margins, mixes, weights, complete)


def _margin(payoffs: Rationals, piece: Rationals) -> tuple[Fraction, Rationals, Rationals]:
    """The largest s with ``payoffs >= mixture of the corners + s``, the mixture, and the weights that prove it."""
    blocks = (Block("mix", (len(piece),), Rationals.of(0)), Block("s", ()))
    columns, one = Columns(blocks), Rationals.of(1)
    rows = (
        Term(columns["mix"], piece.moveaxis(0, -1), (len(piece),)),
        Term(columns["s"], one),
    )
    families = (
        Family("below", payoffs.shape, rows, "<=", payoffs),
        Family("mixture", (), (Term(columns["mix"], one, (len(piece),)),), "=", one),
    )
    program = Program(blocks, families, {"s": one})
    solution = solve_program(program)
    if solution.value is None or solution.primal is None or solution.dual is None:
        raise Undecided("the margin of a piece was not decided")
    return solution.value, program.values("mix", solution.primal), program.multipliers("below", solution.dual)


# -- projection -----------------------------------------------------------------------------------
def projection(
    design: Design,
    axes: tuple[Payoff, Payoff],
    *,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
) -> Projection | None:
    """The exact projection of the set of interim payoffs on two payoffs; None when no mechanism exists.

    Successive support directions: the mechanisms found so far span a polygon (with rays where it is unbounded); each
    of its borders is a direction in which the set may reach further, and the program of that direction either says
    that it does not, with multipliers that prove it, or gives a mechanism beyond the border.  When all borders are
    proved, the polygon is the projection.

    Raises
    ------
    Undecided
        A program was not decided, or the time (for all of them) was over.
    """
    design, say, deadline = settled(design), progress or (lambda phase: None), Deadline.of(time_limit)
    points: list[tuple[Vector, Mechanism]] = []
    rays: list[tuple[Vector, Mechanism]] = []
    proved: dict[Vector, Answer] = {}
    asked = 0

    def ask(normal: Vector) -> bool:
        nonlocal asked
        asked += 1
        if asked > MAX_DIRECTIONS:
            raise Undecided(f"the projection has more borders than {MAX_DIRECTIONS} programs can find")
        say(f"direction {asked}, {len(points)} points")
        weights = [
            a * normal[0] + b * normal[1] for a, b in zip(axes[0].weights, axes[1].weights, strict=True)
        ]
        answer = support(design, weights, time_limit=deadline)
        if answer.status == "infeasible":
            return False
        if answer.status == "undecided" or answer.mechanism is None:
            raise Undecided(f"the direction {[str(c) for c in normal]} was not decided")
        points.append((at(axes, answer.mechanism), answer.mechanism))
        if answer.status == "unbounded":
            rays.append((at(axes, answer.direction[0]), answer.direction[0]))
        else:
            proved[normal] = answer
        return True

    if not ask(AXES[0]):
        return None
    while True:
        borders = facets([p for p, _ in points], [r for r, _ in rays])
        open_ = [n for n, _ in borders if n not in proved]
        if not open_:
            break
        for normal in open_:
            ask(normal)
    keep, keep_rays = spanning([p for p, _ in points], [r for r, _ in rays])
    edges = [Edge(n, bound, proved[n].proof) for n, bound in borders]
    return Projection(design, axes, [points[k] for k in keep], [rays[k] for k in keep_rays], edges)


def at(axes: tuple[Payoff, Payoff], mechanism: Mechanism) -> Vector:
    """A mechanism's place in the plane of two payoffs."""
    return axes[0].value(mechanism), axes[1].value(mechanism)
