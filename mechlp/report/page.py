"""The page of an answer, for a terminal.  Everything printed is exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..exact.decimals import about
from ..exact.numbers import Rationals, text
from ..mechanism.payoffs import every_payoff, interim_payoffs, punishments
from ..question.continuum import WORDS, ways
from ..question.objective import goal
from ..question.rules import lie_name
from .cases import in_words
from .games import recommendation_parts
from .menus import menu_of_one
from .rates import binding_parts
from .tables import GRID, MAX_ROWS, brief, ends, first_ones, gap, lottery, number, plain, sides, table

if TYPE_CHECKING:
    from ..answer.answer import Answer
    from ..environment.model import Environment
    from ..mechanism.mechanism import Mechanism
    from ..proof.fewest import Pair
    from ..question.design import Design

#: What a lie is worth under each rule is shown for no more rules than this.
MAX_RULES = 4
SPELLED = {
    "ex-post": "ex post",
    "interim": "interim",
    "none": "none",
    "ex-post-weak": "ex post, weak (no deficit)",
    "ex-ante": "ex ante",
    "ex-ante-weak": "ex ante, weak (no deficit)",
}


def answer_page(answer: Answer, *, full: bool = False) -> RenderableType:
    """The answer for a person: the verdict, the mechanism or the proof, and what it rests on."""
    limit = 10**9 if full else MAX_ROWS
    parts: list[RenderableType] = [
        plain(answer.design.environment.title or "untitled", "bold"),
        _question(answer),
        Text(),
    ]
    parts.append(_verdict(answer))
    parts += [plain(line) for line in _control(answer)]
    parts += [plain(f"Note: {note}.") for note in answer.notes]
    if answer.rules:
        offered = answer.design.transfers != "none" and len(answer.rules) == 1
        menu = menu_of_one(answer.rules[0], limit) if offered else None
        parts += [] if menu is None else [Text(), menu]
        parts += [Text(), *(_rule(answer, k, limit) for k in range(len(answer.rules)))]
        parts += _fewest(answer)
        parts += _punishments(answer, limit)
        parts += recommendation_parts(answer.rules[0], limit)
        payoffs = _payoffs(answer)
        parts += [payoffs] if payoffs is not None else []
        parts += [plain(line) for line in _worth(answer)]
    parts += _worst_case(answer, limit)
    parts += _continuum(answer, limit)
    if answer.status in ("optimal", "bracket"):
        parts += binding_parts(answer, limit)
    parts += _direction(answer, limit)
    if answer.status == "infeasible":
        parts += [Text(), *map(plain, in_words(answer, full=full))]
        if answer.relaxations:
            parts += [Text(), plain("What would have to give way:", "bold")]
            parts += [plain(f"  {r.in_words()}.") for r in answer.relaxations]
    parts += [Text(), *map(plain, _footer(answer))]
    return Group(*parts)


def _question(answer: Answer) -> Text:
    design = answer.design
    allocation = design.allocation if isinstance(design.allocation, str) else "given"
    transfers = design.transfers if isinstance(design.transfers, str) else "bounded"
    asked = [
        f"incentive compatibility (IC) {_notion(design)}",
        f"individual rationality (IR) {SPELLED[design.ir]}{' with equality' if design.ir_binds else ''}",
        f"budget balance (BB) {SPELLED[design.bb]}",
    ]
    asked += [f"constraint {one.in_words()}" for one in design.constraints]
    wants = "does one exist?" if design.wants.kind == "feasibility" else design.wants.kind
    return plain(
        f"{'; '.join(asked)}\nallocation {allocation}; transfers {transfers}; wanted: {wants}", "dim"
    )


def _notion(design: Design) -> str:
    notion = design.evaluation
    if notion is None:
        return "none"
    obeyed = design.environment.actions is not None and notion.lies
    said = f"{notion.spelled}, with obedience to recommended actions" if obeyed else notion.spelled
    if design.misreports is None:
        return said
    most = max(one.slack.max() for one in design.misreports)
    said += "" if all(one.possible.all() for one in design.misreports) else ", some lies impossible"
    return f"{said}, a lie may pay up to {text(most)} more than truth" if most else said


def _verdict(answer: Answer) -> Text:
    sure = "certified" if answer.certified else "NOT CERTIFIED"
    found = ends(answer.value, answer.bound, _maximize(answer))
    said = {
        "feasible": "FEASIBLE: a mechanism exists",
        "infeasible": "IMPOSSIBLE: no mechanism exists",
        "optimal": f"OPTIMAL: {_wanted(answer)} {number(answer.value)}",
        "bracket": f"OPTIMAL UP TO {gap(answer.value, answer.bound)}: {_wanted(answer)} {found}",
        "undominated": "UNDOMINATED: no mechanism leaves all at least as well off and gains anything",
        "dominated": "DOMINATED by the mechanism below: nobody is worse off, and the expected sum of payoffs gains "
        f"{found}",
        "unbounded": "UNBOUNDED: mechanisms exist, and the objective improves without end",
        "undecided": f"UNDECIDED: {_bracket(answer)}",
    }[answer.status]
    colours = {"infeasible": "red", "dominated": "red", "undecided": "yellow"}
    return plain(f"{said}  [{sure}]", f"bold {colours.get(answer.status, 'green')}")


def _maximize(answer: Answer) -> bool:
    aim = goal(answer.design)
    return aim is None or aim.maximize


def _control(answer: Answer) -> Iterator[str]:
    """The same question about agents without risk aversion."""
    control = answer.control
    if control is not None:
        found = f", {_wanted(control)} {number(control.value)}" if control.value is not None else ""
        yield f"Risk-neutral control, same types and outcomes: {control.status}{found}."


def _wanted(answer: Answer) -> str:
    kind = answer.design.wants.kind
    return f"guaranteed {kind} (worst expectation on this grid)" if answer.design.robust else kind


def _worst_case(answer: Answer, limit: int) -> list[RenderableType]:
    """The prior of the designer's set that is worst for the mechanism."""
    found, environment = answer.worst_case, answer.design.environment
    if found is None or answer.status == "unbounded":
        return []
    prior = found.distribution(answer.design)
    shown = table(*(a.name for a in environment.agents), "probability", title="Worst-case prior")
    used = [tuple(map(int, cell)) for cell in np.argwhere(prior != 0)]
    for profile in used[:limit]:
        types = [a.types[k] for a, k in zip(environment.agents, profile, strict=True)]
        shown.add_row(*types, number(prior[profile]))
    if len(used) > limit:
        shown.add_row(f"... {len(used) - limit:,} more profiles (--full)")
    worse, better = ("less", "more") if _maximize(answer) else ("more", "less")
    said = f"No prior that the designer holds possible gives the mechanism {worse}, and under this one none gives {better}."
    return [shown, *([plain(said)] if answer.status == "optimal" and not answer.design.deterministic else [])]


def _continuum(answer: Answer, limit: int) -> list[RenderableType]:
    """What the grid says of the continuum that it stands for: a bracket, never one figure."""
    found = answer.continuum
    if found is None:
        return []
    parts: list[RenderableType] = [Text(), plain("In the continuum", "bold")]
    if found.status != "optimal" or found.value is None or answer.value is None:
        return [*parts, plain(f"No guarantee was found: {found.status}.")]
    agents, (low, high) = answer.design.environment.agents, sides(_maximize(answer))
    how = ", ".join(
        f"{a.name} {WORDS[w]}" for a, w in zip(agents, ways(answer.design.environment), strict=True)
    )
    parts += [
        plain(f"guarantee            {number(found.value, low)}", "bold green"),
        plain(
            f"value on this grid   {number(answer.value, high)}, an upper bound: here Nature is confined to the grid"
        ),
        plain(
            f"The guarantee is certified for the mechanism below with reports rounded to the grid ({how}); it is incentive "
            "compatible and individually rational for every type in between. Halfway between the two, "
            f"{about((found.value + answer.value) / 2)}, is an estimate and no bound."
        ),
        _rule(found, 0, limit),
    ]
    return parts


def _bracket(answer: Answer) -> str:
    if answer.value is None and answer.bound is None:
        return "neither a mechanism nor a proof was found"
    kind = f" (rigorous: {answer.bound_from})" if answer.bound_from else ""
    low, high = sides(_maximize(answer))
    return f"best found {number(answer.value, low)}, proved bound {number(answer.bound, high)}{kind}"


def _rule(answer: Answer, k: int, limit: int) -> Table:
    which = "Mechanism" if len(answer.rules) == 1 else f"Rule {k + 1}"
    return rule_table(answer.rules[k], f"{which} (t: what an agent receives)", limit)


def rule_table(rule: Mechanism, title: str, limit: int) -> Table:
    """A mechanism profile by profile; profiles of probability zero faintly."""
    environment = rule.environment
    names = [a.name for a in environment.agents]
    shown = table(*names, "outcome", *(f"t({n})" for n in names), title=title)
    prior = environment.designer
    for count, profile in enumerate(np.ndindex(*environment.shape)):
        if count == limit:
            shown.add_row(f"... {environment.num_profiles - limit:,} more profiles (--full)")
            break
        row = [a.types[i] for a, i in zip(environment.agents, profile, strict=True)]
        row.append(lottery(rule.outcome(profile), environment))
        row += [brief(rule.transfers[(i, *profile)], environment) for i in range(environment.n)]
        shown.add_row(*row, style="dim" if prior is not None and prior[profile] == 0 else "")
    return shown


def _fewest(answer: Answer) -> list[RenderableType]:
    """How many rules are needed, and how that is known."""
    fewest = answer.fewest
    if fewest is None:
        return []
    if fewest.upper == 1:
        return [plain("One rule is enough: no ambiguity is needed.")]
    wants = answer.design.wants.kind
    what = "" if wants in ("feasibility", "full-surplus-extraction") else " for this value"
    said = f"{fewest.upper} rules are announced, and no fewer suffice{what}."
    if fewest.lower < fewest.upper:
        said = f"{fewest.upper} rules are announced; at least {fewest.lower} are needed{what}; whether fewer do is open."
    return [plain(said), *([] if fewest.pair is None else _pair(answer, fewest.pair))]


def _pair(answer: Answer, pair: Pair) -> list[RenderableType]:
    """How two rules are made: psi, and the least c."""
    environment = answer.design.environment
    if environment.n == 2 and pair.psi[0].same(-pair.psi[1]):
        made = _crossed(environment, pair.psi[0])
    else:
        names = [a.name for a in environment.agents]
        shown = table(*names, *(f"psi({n})" for n in names), title="The side bet psi")
        for profile in list(np.ndindex(*environment.shape))[:MAX_ROWS]:
            types = [a.types[i] for a, i in zip(environment.agents, profile, strict=True)]
            shown.add_row(*types, *(text(pair.psi[(i, *profile)]) for i in range(environment.n)))
        made = [shown]
    said = (
        f"They are eta + c psi and eta - c psi with c = {number(pair.c)}, the least c that works for this psi. psi is worth "
        "nothing to a type that tells the truth; a lie is worth less by c times what psi makes of it under one of the two rules."
    )
    return [*made, plain(said)]


def _crossed(environment: Environment, psi: Rationals) -> list[RenderableType]:
    """A bet between two agents as a table of their types."""
    first, second = environment.agents
    said = plain(f"The side bet psi (what {first.name} receives from {second.name})", "bold")
    shown = table(f"{first.name} \\ {second.name}", *second.types)
    for name, row in list(zip(first.types, psi.texts(), strict=True))[:MAX_ROWS]:
        shown.add_row(name, *row)
    return [Text(), said, shown]


def _punishments(answer: Answer, limit: int) -> list[RenderableType]:
    """Which rule (or belief) punishes which lie, with what it is worth to the type, under each rule where they are few."""
    if not answer.design.pessimistic:
        return []
    how = (
        "punished by"
        if answer.design.ambiguous
        else "greatest under"
        if answer.design.regrets
        else "worst under"
    )
    found, every = punishments(answer.design, answer.rules), every_payoff(answer.design, answer.rules)
    if not found:
        return []
    count = len(answer.rules) if 1 < len(answer.rules) <= MAX_RULES else 0
    under = [f"under rule {k + 1}" for k in range(count)]
    heads = (
        ("regret of truth", "regret of the lie")
        if answer.design.regrets
        else ("truth is worth", "the lie is worth")
    )
    sign = -1 if answer.design.regrets else 1
    shown = table("lie", *heads, *under, how, title="Every lie")
    for p in found[:limit]:
        told = map(text, every[p.lie][1][:count])
        worth, where = (text(sign * p.truth), text(sign * p.payoff)), f"rule {p.rule + 1}"
        if answer.design.worst_state and answer.design.ic_notion is not None:
            where = answer.design.ic_notion.seen(answer.design.environment, p.lie[0], p.rule)
        shown.add_row(lie_name(answer.design, p.lie), *worth, *told, where)
    if len(found) > limit:
        shown.add_row(f"... {len(found) - limit:,} more (--full)")
    return [shown]


def _payoffs(answer: Answer) -> Table | None:
    environment = answer.design.environment
    worst_belief = answer.design.worst_state
    if (environment.beliefs is None and not worst_belief) or not answer.rules:
        return None
    worst = " (the worst rule)" if len(answer.rules) > 1 else " (the worst belief)" if worst_belief else ""
    shown = table("agent", f"interim payoff of each type under truth{worst}", title="Interim payoffs")
    payoffs = interim_payoffs(answer.design, answer.rules)
    for agent, own in zip(environment.agents, payoffs, strict=True):
        listed = [f"{t}: {'-' if u is None else text(u)}" for t, u in zip(agent.types, own, strict=True)]
        shown.add_row(agent.name, first_ones(listed))
    return shown


def _worth(answer: Answer) -> Iterable[str]:
    if answer.design.environment.designer is not None:
        names = [f"Under rule {k + 1}: expected" for k in range(len(answer.rules))]
        for name, rule in zip(names if len(names) > 1 else ["Expected"], answer.rules, strict=True):
            yield f"{name} surplus {number(rule.expected_surplus())}, expected revenue {number(rule.expected_revenue())}."
    if answer.unique is not None:
        what = "optimal mechanism" if answer.status == "optimal" else "mechanism that qualifies"
        yield f"This is the only {what}." if answer.unique else f"It is not the only {what}."


def _direction(answer: Answer, limit: int) -> list[RenderableType]:
    environment = answer.design.environment
    names = [a.name for a in environment.agents]
    out: list[RenderableType] = []
    for k, direction in enumerate(answer.direction):
        under = f" (rule {k + 1})" if len(answer.direction) > 1 else ""
        title = f"Adding any multiple of these transfers{under} keeps every requirement"
        shown = table(*names, *(f"t({n})" for n in names), title=title)
        for profile in list(np.ndindex(*environment.shape))[:limit]:
            types = [a.types[i] for a, i in zip(environment.agents, profile, strict=True)]
            shown.add_row(*types, *(text(direction.transfers[(i, *profile)]) for i in range(environment.n)))
        out.append(shown)
    return out


def _footer(answer: Answer) -> Iterable[str]:
    if answer.audit is not None:
        yield f"Audit from the definitions: {answer.audit}."
    if answer.status == "optimal":
        yield "That nothing is better follows from the multipliers of the proof, in exact arithmetic."
    yield GRID
    yield f"{answer.method}; {answer.timings.get('total', 0):.2f} s"
