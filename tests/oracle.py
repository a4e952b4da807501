"""An independent decision of small designs: rows by naive loops from the definitions, and a textbook simplex.

Nothing of mechlp's programs, compiler or solver is used; Fractions throughout.
"""

from fractions import Fraction
from itertools import product
from math import gcd, lcm


def simplex(rows, costs):
    """``max costs.x`` over free x with rows ``(coefficients, sense, rhs)``: (status, value).

    Two phases; every row of the tableau is kept as integers without a common factor.
    """
    n, m = len(costs), len(rows)
    rows = [_upright(*row) for row in rows]
    width = 2 * n + sum(sense == ">=" for _, sense, _ in rows)
    surplus, table = 2 * n, []
    for r, (coefficients, sense, rhs) in enumerate(rows):
        row = [Fraction(0)] * (width + m + 1)
        for k, v in coefficients.items():
            row[2 * k], row[2 * k + 1] = v, -v
        row[-1] = rhs
        if sense == ">=":
            row[surplus] = Fraction(-1)
            surplus += 1
        row[width + r] = Fraction(1)  # the slack of "<=", and artificial elsewhere
        table.append(_integers(row))
    basis = [width + r for r in range(m)]
    artificial = {width + r for r, (_, sense, _) in enumerate(rows) if sense != "<="}
    free = [k for k in range(width + m) if k not in artificial]
    aim = [-(k in artificial) for k in range(width + m + 1)]
    if _run(table, basis, aim, free) != "optimal":
        raise AssertionError("phase one is always bounded")
    if any(basis[r] in artificial and table[r][-1] > 0 for r in range(m)):
        return "infeasible", None
    for r in range(m):
        if basis[r] in artificial:
            pick = next((k for k in free if table[r][k] != 0), None)
            if pick is not None:
                if table[r][pick] < 0:
                    table[r] = [-v for v in table[r]]
                _pivot(table, basis, r, pick, [])
    keep = [r for r in range(m) if basis[r] not in artificial]
    table, basis = [table[r] for r in keep], [basis[r] for r in keep]
    full = [Fraction(0)] * (width + m + 1)
    for k, c in enumerate(costs):
        full[2 * k], full[2 * k + 1] = Fraction(c), -Fraction(c)
    if _run(table, basis, _integers(full), free) == "unbounded":
        return "unbounded", None
    return "optimal", sum((full[b] * Fraction(row[-1], row[b]) for b, row in zip(basis, table)), Fraction(0))


def _upright(coefficients, sense, rhs):
    """The row with a right-hand side that is not negative, as "<=" where it can be: then its slack is a first basis."""
    coefficients, rhs = {k: Fraction(v) for k, v in coefficients.items()}, Fraction(rhs)
    if rhs > 0 or (rhs == 0 and sense != ">="):
        return coefficients, sense, rhs
    turned = {"<=": ">=", ">=": "<=", "=": "="}[sense]
    return {k: -v for k, v in coefficients.items()}, turned, -rhs


def _integers(row):
    scale = lcm(*(v.denominator for v in row))
    return _small([v.numerator * (scale // v.denominator) for v in row])


def _small(row):
    common = gcd(*row)
    return [v // common for v in row] if common > 1 else row


def _reduced(row, pivot, k):
    """``row`` with its entry k cleared by a pivot row, whose entry k is positive."""
    at, factor = pivot[k], row[k]
    return _small([at * a - factor * b for a, b in zip(row, pivot)]) if factor else row


def _pivot(table, basis, r, k, aim):
    pivot = table[r]
    for i, row in enumerate(table):
        if i != r:
            table[i] = _reduced(row, pivot, k)
    basis[r] = k
    return _reduced(aim, pivot, k) if aim else aim


def _run(table, basis, aim, free):
    """Improve until no entry of ``aim`` (the reduced costs, in some positive unit) in a free column is positive."""
    for row, b in zip(table, basis):
        aim = _reduced(aim, row, b)
    while True:
        enter = max(free, key=aim.__getitem__)
        if aim[enter] <= 0:
            return "optimal"
        rows = [r for r, row in enumerate(table) if row[enter] > 0]
        if not rows:
            return "unbounded"
        aim = _pivot(table, basis, _leaving(table, rows, enter), enter, aim)


def _leaving(table, rows, enter):
    """The least ratio; ties go to the lexicographically least row of the inverse basis, so that nothing cycles."""
    column = -1
    while len(rows) > 1:
        least = [rows[0]]
        for r in rows[1:]:
            one, other = table[r], table[least[0]]
            sign = one[column] * other[enter] - other[column] * one[enter]
            least = [r] if sign < 0 else [*least, r] if sign == 0 else least
        rows = least
        column -= 1
    return rows[0]


def fewest(design, most=3):
    """The least number of rules that do as well as any number, by trying every assignment of lies to rules (alpha = 1)."""
    wanted, e = decide(design), design.environment
    told = [
        (i, own, r) for i in range(e.n) for own in range(e.shape[i]) for r in range(e.shape[i]) if r != own
    ]
    for count in range(1, most + 1):
        for labels in product(range(count), repeat=len(told)):
            alike = all(label <= max((-1, *labels[:k])) + 1 for k, label in enumerate(labels))
            if alike and decide(design, dict(zip(told, labels))) == wanted:
                return count
    return None


def broken(design, rules):
    """Requirements of an efficient ambiguous design (interim IR, alpha = 1) that a set of rules breaks.

    By plain loops over profiles: (kind, where) each.
    """
    e = design.environment
    agents, outcomes = range(e.n), range(len(e.outcomes))
    profiles = list(product(*(range(s) for s in e.shape)))
    chances = [{(a, *t): rule.allocation[(a, *t)] for a in outcomes for t in profiles} for rule in rules]
    paid = [{(i, *t): rule.transfers[(i, *t)] for i in agents for t in profiles} for rule in rules]
    found = []
    for t in profiles:
        welfare = [sum(e.utility[i][(a, *t)] for i in agents) for a in outcomes]
        for k, q in enumerate(chances):
            lottery = [q[(a, *t)] for a in outcomes]
            if min(lottery) < 0 or sum(lottery) != 1 or lottery != [chances[0][(a, *t)] for a in outcomes]:
                found.append(("lottery", k, t))
            if sum(c * w for c, w in zip(lottery, welfare)) != max(welfare):
                found.append(("efficiency", k, t))
            if design.bb == "ex-post" and sum(paid[k][(i, *t)] for i in agents) != 0:
                found.append(("BB", k, t))

    def expected(k, i, own, report):
        """Agent i's payoff under rule k; the outside option's where the report is None."""
        total = worth = Fraction(0)
        for t in profiles:
            if t[i] == own:
                said = t if report is None else (*t[:i], report, *t[i + 1 :])
                pay = paid[k][(i, *said)] + sum(
                    e.utility[i][(a, *t)] * chances[k][(a, *said)] for a in outcomes
                )
                worth += e.beliefs.weights[i][t] * (e.outside[i][t] if report is None else pay)
                total += e.beliefs.weights[i][t]
        return worth / total if total else None

    for i in agents:
        for own in range(e.shape[i]):
            floor, truth = expected(0, i, own, None), [expected(k, i, own, own) for k in range(len(rules))]
            if floor is None:
                continue
            if min(truth) < floor or (design.ir_binds and max(truth) > floor):
                found.append(("IR", i, own))
            for r in range(e.shape[i]):
                if min(expected(k, i, own, r) for k in range(len(rules))) > min(truth):
                    found.append(("IC", i, own, r))
    return found


def _money(e, i, own):
    """What a unit of money is worth to a type."""
    return Fraction(1) if e.money is None else e.money[i][own]


def _written(e, i, nested, at=()):
    """Payoffs over the type grid in the units of the file."""
    if len(at) == e.n:
        return nested * _money(e, i, at[i])
    return [_written(e, i, part, (*at, k)) for k, part in enumerate(nested)]


def decide(design, punisher=None):
    """(status, value) of a design: feasible, infeasible, optimal, unbounded.

    ``punisher`` names the rule that punishes each lie of an ambiguous design; else every lie has its own.
    """
    e = design.environment
    agents, outcomes = range(e.n), range(len(e.outcomes))
    profiles = list(product(*(range(s) for s in e.shape)))
    u = [[_written(e, i, row.tolist()) for row in x] for i, x in enumerate(e.utility)]
    outside = [_written(e, i, x.tolist()) for i, x in enumerate(e.outside)]
    ambiguous = design.ic == "ambiguous-transfers"
    number = {}

    def variable(*key):
        return number.setdefault(key, len(number))

    def at(nested, index):
        for k in index:
            nested = nested[k]
        return nested

    def swap(t, i, r):
        return (*t[:i], r, *t[i + 1 :])

    def combine(*parts):
        out = {}
        for weight, part in parts:
            for k, v in part.items():
                out[k] = out.get(k, 0) + weight * v
        return out

    def others(i):
        return product(*(range(s) for k, s in enumerate(e.shape) if k != i))

    def can(i, own, r):
        return design.misreports is None or bool(design.misreports[i].possible[own, r])

    def eased(i, own, r):
        return 0 if design.misreports is None or own == r else design.misreports[i].slack[own, r]

    def here(bound, t):
        return bound if isinstance(bound, Fraction) else bound[t]

    def whole(i, own, rest):
        return (*rest[:i], own, *rest[i:])

    def belief(i, own):
        """Agent i's conditional over full profiles, or None."""
        weights = e.beliefs.weights[i].tolist()
        cells = {whole(i, own, r): at(weights, whole(i, own, r)) for r in others(i)}
        total = sum(cells.values())
        return {t: w / total for t, w in cells.items()} if total else None

    rules = [0]
    if ambiguous:  # one rule for each lie, and one for each type's best truth: which does what is its name
        believers = [(i, own) for i in agents for own in range(e.shape[i]) if belief(i, own)]
        rules = [(i, own, r) for i, own in believers for r in range(e.shape[i]) if r != own]
        rules += believers if design.alpha < 1 else []
        rules = rules or [0]
        if punisher is not None:
            rules = sorted(set(punisher.values())) or [0]
    own_q = ambiguous and isinstance(design.allocation, str) and design.allocation == "chosen"
    copies = rules if own_q else [rules[0]]

    def q(k, a, t):
        return variable("q", k if own_q else rules[0], a, t)

    def payoff(k, i, report, truth):
        """Coefficients of agent i's payoff under rule k at the true profile when she reports."""
        said = swap(truth, i, report)
        out = {q(k, a, said): at(u[i], (a, *truth)) for a in outcomes}
        out[variable("t", k, i, said)] = _money(e, i, truth[i])
        return out

    def expected(k, i, own, report):
        return combine(*((w, payoff(k, i, report, t)) for t, w in belief(i, own).items()))

    rows = []
    for t in profiles:
        best = max(sum(at(u[i], (a, *t)) for i in agents) for a in outcomes)
        efficient = [a for a in outcomes if sum(at(u[i], (a, *t)) for i in agents) == best]
        for k in copies:
            rows.append(({q(k, a, t): 1 for a in outcomes}, "=", 1))
            for a in outcomes:
                x = {q(k, a, t): 1}
                rows.append((x, ">=", 0))
                if not isinstance(design.allocation, str):
                    rows.append((x, "=", design.allocation[(a, *t)]))
                elif design.allocation == "efficient-first" and a != efficient[0]:
                    rows.append((x, "=", 0))
                elif design.allocation == "efficient" and a not in efficient:
                    on_support = (
                        design.wants.kind != "full-surplus-extraction"
                        or e.designer is None
                        or e.designer[t] > 0
                    )
                    if on_support:
                        rows.append((x, "=", 0))
        for k, i in product(rules, agents):
            x = {variable("t", k, i, t): 1}
            if design.transfers == "none":
                rows.append((x, "=", 0))
            elif design.transfers != "free":
                low, high = design.transfers[i]
                rows += [(x, ">=", here(low, t))] if low is not None else []
                rows += [(x, "<=", here(high, t))] if high is not None else []
    interim_ir = design.ir == "interim"
    for i in agents:
        for own in range(e.shape[i]):
            if ambiguous and belief(i, own):
                rows += _worst_rule(
                    design, rules, punisher, i, own, variable, expected, combine, belief, outside, at
                )
            for notion, lies in (
                ("none" if ambiguous else design.ic, True),
                ("bayesian" if interim_ir else design.ir, False),
            ):
                if notion == "none" or (ambiguous and interim_ir):
                    continue
                if notion.endswith("bayesian"):
                    pi = belief(i, own)
                    views = [] if pi is None else [pi]
                else:
                    views = [{whole(i, own, r): Fraction(1)} for r in others(i)]
                if notion.startswith("ordinal"):  # the k best outcomes, at least as likely under truth
                    for view, level, r in product(views, range(len(e.outcomes)), range(e.shape[i])):
                        row = {}
                        for t, w in view.items():
                            values = sorted({at(u[i], (a, *t)) for a in outcomes}, reverse=True)
                            least = values[min(level, len(values) - 1)]
                            for a in outcomes:
                                if at(u[i], (a, *t)) >= least:
                                    row = combine((1, row), (w, {q(rules[0], a, t): 1}))
                                    row = combine((1, row), (-w, {q(rules[0], a, swap(t, i, r)): 1}))
                        if can(i, own, r):
                            rows.append((row, ">=", -eased(i, own, r)))
                    continue
                for view, k in product(views, rules):
                    truth = combine(*((w, payoff(k, i, own, t)) for t, w in view.items()))
                    if lies:
                        for r in range(e.shape[i]):
                            lie = combine(*((w, payoff(k, i, r, t)) for t, w in view.items()))
                            if can(i, own, r):
                                rows.append(
                                    (
                                        combine((1, truth), (-1, lie)),
                                        ">=",
                                        -eased(i, own, r) * _money(e, i, own),
                                    )
                                )
                    else:
                        floor = sum(w * at(outside[i], t) for t, w in view.items())
                        rows.append((truth, "=" if design.ir_binds else ">=", floor))
    sense = "<=" if design.bb.endswith("weak") else "="
    for k in rules:
        sums = {t: {variable("t", k, i, t): 1 for i in agents} for t in profiles}
        if design.bb.startswith("ex-post"):
            rows += [(sums[t], sense, 0) for t in profiles]
        elif design.bb.startswith("ex-ante"):
            rows.append((combine(*((e.designer[t], sums[t]) for t in profiles)), sense, 0))
    for one, k in product(design.constraints, rules):
        form = {}  # the linear form at each profile
        for t in profiles:
            form[t] = {q(k, a, t): one.allocation[(a, *t)] for a in outcomes}
            form[t] |= {variable("t", k, i, t): one.transfers[i][t] for i in agents}
        if one.each == "profile":
            rows += [
                (form[t], one.sense, one.bound.broadcast_to(e.shape)[t])
                for t in profiles
                if one.where is None or one.where[t]
            ]
        elif one.each == "expected":
            rows.append((combine(*((e.designer[t], form[t]) for t in profiles)), one.sense, one.bound.item()))
        else:
            i = [a.name for a in e.agents].index(one.each)
            for own in range(e.shape[i]):
                if pi := belief(i, own):
                    here = combine(*((w, form[t]) for t, w in pi.items()))
                    rows.append((here, one.sense, one.bound[own]))
    wants = design.wants
    sign = 1 if wants.maximize else -1
    worth = {k: {} for k in rules}
    for k, t in product(rules, profiles):
        here = worth[k]
        for a in outcomes:
            x = q(k, a, t)
            if wants.kind == "surplus":
                here[x] = here.get(x, 0) + e.designer[t] * sum(at(u[i], (a, *t)) for i in agents)
            if wants.kind == "linear" and wants.allocation is not None:
                here[x] = here.get(x, 0) + sign * wants.allocation[(a, *t)] * (
                    e.designer[t] if wants.expected else 1
                )
        for i in agents:
            x = variable("t", k, i, t)
            if wants.kind == "revenue":
                here[x] = here.get(x, 0) - e.designer[t]
            if wants.kind == "linear" and wants.transfers is not None:
                here[x] = here.get(x, 0) + sign * wants.transfers[i][t] * (
                    e.designer[t] if wants.expected else 1
                )
    if wants.kind == "weighted-interim":
        for i in agents:
            for own in range(e.shape[i]):
                if belief(i, own):
                    worth[0] = combine((1, worth[0]), (wants.interim[i][own], expected(0, i, own, own)))
    if wants.kind not in ("feasibility", "full-surplus-extraction"):
        rows += [(combine((1, worth[k]), (-1, worth[rules[0]])), "=", 0) for k in rules[1:]]
    costs = [Fraction(0)] * len(number)
    for x, c in worth[rules[0]].items():
        costs[x] += c
    status, value = simplex(rows, costs)
    if wants.kind in ("feasibility", "full-surplus-extraction"):
        return ("feasible" if status == "optimal" else status), None
    return status, None if value is None else sign * value


def _worst_rule(design, rules, punisher, i, own, variable, expected, combine, belief, outside, at):
    """Rows of one type whose payoff is ``alpha`` times the worst rule's plus ``1 - alpha`` times the best one's."""
    alpha, m = design.alpha, {variable("m", i, own): Fraction(1)}
    rows = [(combine((1, expected(k, i, own, own)), (-1, m)), ">=", 0) for k in rules]
    best = m
    if alpha < 1:
        best = {variable("M", i, own): Fraction(1)}
        rows.append((combine((1, expected((i, own), i, own, own)), (-1, best)), ">=", 0))
    worth = combine((alpha, m), (1 - alpha, best))
    if design.ir == "interim":
        floor = sum(w * at(outside[i], t) for t, w in belief(i, own).items())
        if design.ir_binds:
            rows += [(expected(k, i, own, own), "=", floor) for k in rules]
            rows.append((m, "=", floor))
            rows.append((best, "=", floor))
        else:
            rows.append((worth, ">=", floor))
    for r in range(design.environment.shape[i]):
        if r == own:
            continue
        rule = (i, own, r) if punisher is None else punisher[i, own, r]
        low = {variable("low", i, own, r): Fraction(1)}
        high = low
        if alpha < 1:
            high = {variable("high", i, own, r): Fraction(1)}
            rows += [(combine((1, high), (-1, expected(k, i, own, r))), ">=", 0) for k in rules]
        rows.append((combine((1, low), (-1, expected(rule, i, own, r))), ">=", 0))
        rows.append((combine((1, worth), (-alpha, low), (alpha - 1, high)), ">=", 0))
    return rows
