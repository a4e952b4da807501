"""An independent decision of small designs: rows by naive loops from the definitions, and a textbook simplex.

Nothing of mechlp's programs, compiler or solver is used; Fractions throughout.
"""

from fractions import Fraction
from itertools import product


def simplex(rows, costs):
    """``max costs.x`` over free x with rows ``(coefficients, sense, rhs)``: (status, value). Bland's rule, two phases."""
    n = len(costs)
    table, need = [], []
    width = 2 * n + sum(sense != "=" for _, sense, _ in rows)
    slack = 2 * n
    for coefficients, sense, rhs in rows:
        row = [Fraction(0)] * width
        for k, v in coefficients.items():
            row[2 * k], row[2 * k + 1] = Fraction(v), -Fraction(v)
        if sense != "=":
            row[slack] = Fraction(1 if sense == "<=" else -1)
            slack += 1
        rhs = Fraction(rhs)
        if rhs < 0:
            row, rhs = [-v for v in row], -rhs
        table.append(row)
        need.append(rhs)
    m = len(table)
    table = [
        row + [Fraction(int(k == r)) for k in range(m)] + [b] for r, (row, b) in enumerate(zip(table, need))
    ]
    basis = [width + r for r in range(m)]
    if _run(table, basis, [Fraction(0)] * width + [Fraction(-1)] * m, width + m) != "optimal":
        raise AssertionError("phase one is always bounded")
    if any(basis[r] >= width and table[r][-1] > 0 for r in range(m)):
        return "infeasible", None
    for r in range(m):
        if basis[r] >= width:
            pick = next((k for k in range(width) if table[r][k] != 0), None)
            if pick is not None:
                _pivot(table, basis, r, pick)
    keep = [r for r in range(m) if basis[r] < width]
    table = [[*table[r][:width], table[r][-1]] for r in keep]
    basis = [basis[r] for r in keep]
    full = [Fraction(0)] * width
    for k, c in enumerate(costs):
        full[2 * k], full[2 * k + 1] = Fraction(c), -Fraction(c)
    if _run(table, basis, full, width) == "unbounded":
        return "unbounded", None
    return "optimal", sum((full[b] * row[-1] for b, row in zip(basis, table)), Fraction(0))


def _pivot(table, basis, r, k):
    at = table[r][k]
    table[r] = [v / at if v else v for v in table[r]]
    for i, row in enumerate(table):
        if i != r and row[k]:
            factor = row[k]
            table[i] = [a - factor * b if b else a for a, b in zip(row, table[r])]
    basis[r] = k


def _run(table, basis, costs, width):
    while True:
        prices = [costs[b] for b in basis]
        enter = None
        for k in range(width):
            if (
                k not in basis
                and costs[k] - sum((p * row[k] for p, row in zip(prices, table) if p and row[k]), Fraction(0))
                > 0
            ):
                enter = k
                break
        if enter is None:
            return "optimal"
        ratios = [(row[-1] / row[enter], basis[r], r) for r, row in enumerate(table) if row[enter] > 0]
        if not ratios:
            return "unbounded"
        _pivot(table, basis, min(ratios)[2], enter)


def decide(design):
    """(status, value) of a design: feasible, infeasible, optimal, unbounded."""
    e = design.environment
    agents, outcomes = range(e.n), range(len(e.outcomes))
    profiles = list(product(*(range(s) for s in e.shape)))
    u = [x.tolist() for x in e.utility]
    outside = [x.tolist() for x in e.outside]
    number = {}
    for t in profiles:
        for a in outcomes:
            number["q", a, t] = len(number)
        for i in agents:
            number["t", i, t] = len(number)

    def at(nested, index):
        for k in index:
            nested = nested[k]
        return nested

    def swap(t, i, r):
        return (*t[:i], r, *t[i + 1 :])

    def payoff(i, report, truth):
        """Coefficients of agent i's payoff at the true profile when she reports."""
        said = swap(truth, i, report)
        out = {number["q", a, said]: at(u[i], (a, *truth)) for a in outcomes}
        out[number["t", i, said]] = Fraction(1)
        return out

    def combine(*parts):
        out = {}
        for weight, part in parts:
            for k, v in part.items():
                out[k] = out.get(k, 0) + weight * v
        return out

    def others(i):
        return product(*(range(s) for k, s in enumerate(e.shape) if k != i))

    def whole(i, own, rest):
        return (*rest[:i], own, *rest[i:])

    def belief(i, own):
        """Agent i's conditional over full profiles, or None."""
        weights = e.beliefs.weights[i].tolist()
        cells = {whole(i, own, r): at(weights, whole(i, own, r)) for r in others(i)}
        total = sum(cells.values())
        return {t: w / total for t, w in cells.items()} if total else None

    rows = []
    for t in profiles:
        rows.append(({number["q", a, t]: 1 for a in outcomes}, "=", 1))
        best = max(sum(at(u[i], (a, *t)) for i in agents) for a in outcomes)
        efficient = [a for a in outcomes if sum(at(u[i], (a, *t)) for i in agents) == best]
        for a in outcomes:
            x = {number["q", a, t]: 1}
            rows.append((x, ">=", 0))
            if not isinstance(design.allocation, str):
                rows.append((x, "=", design.allocation[(a, *t)]))
            elif design.allocation == "efficient-first" and a != efficient[0]:
                rows.append((x, "=", 0))
            elif design.allocation == "efficient" and a not in efficient:
                on_support = (
                    design.wants.kind != "full-surplus-extraction" or e.designer is None or e.designer[t] > 0
                )
                if on_support:
                    rows.append((x, "=", 0))
        for i in agents:
            x = {number["t", i, t]: 1}
            if design.transfers == "none":
                rows.append((x, "=", 0))
            elif design.transfers != "free":
                low, high = design.transfers[i]
                rows += [(x, ">=", low)] if low is not None else []
                rows += [(x, "<=", high)] if high is not None else []
    for i in agents:
        for own in range(e.shape[i]):
            for notion, lies in (
                (design.ic, True),
                ({"interim": "bayesian"}.get(design.ir, design.ir), False),
            ):
                if notion == "none":
                    continue
                if notion == "bayesian":
                    pi = belief(i, own)
                    views = [] if pi is None else [pi]
                else:
                    views = [{whole(i, own, r): Fraction(1)} for r in others(i)]
                for view in views:
                    truth = combine(*((w, payoff(i, own, t)) for t, w in view.items()))
                    if lies:
                        for r in range(e.shape[i]):
                            lie = combine(*((w, payoff(i, r, t)) for t, w in view.items()))
                            rows.append((combine((1, truth), (-1, lie)), ">=", 0))
                    else:
                        floor = sum(w * at(outside[i], t) for t, w in view.items())
                        rows.append((truth, "=" if design.ir_binds else ">=", floor))
    sums = {t: {number["t", i, t]: 1 for i in agents} for t in profiles}
    sense = "<=" if design.bb.endswith("weak") else "="
    if design.bb.startswith("ex-post"):
        rows += [(sums[t], sense, 0) for t in profiles]
    elif design.bb.startswith("ex-ante"):
        rows.append((combine(*((e.designer[t], sums[t]) for t in profiles)), sense, 0))
    wants, costs = design.wants, [Fraction(0)] * len(number)
    sign = 1 if wants.maximize else -1
    for t in profiles:
        for a in outcomes:
            k = number["q", a, t]
            if wants.kind == "surplus":
                costs[k] += e.designer[t] * sum(at(u[i], (a, *t)) for i in agents)
            if wants.kind == "linear" and wants.allocation is not None:
                costs[k] += sign * wants.allocation[(a, *t)] * (e.designer[t] if wants.expected else 1)
        for i in agents:
            if wants.kind == "revenue":
                costs[number["t", i, t]] -= e.designer[t]
            if wants.kind == "linear" and wants.transfers is not None:
                costs[number["t", i, t]] += (
                    sign * wants.transfers[i][t] * (e.designer[t] if wants.expected else 1)
                )
    if wants.kind == "weighted-interim":
        for i in agents:
            for own in range(e.shape[i]):
                pi = belief(i, own)
                for t, w in (pi or {}).items():
                    for k, v in payoff(i, own, t).items():
                        costs[k] += wants.interim[i][own] * w * v
    status, value = simplex(rows, costs)
    if wants.kind in ("feasibility", "full-surplus-extraction"):
        return ("feasible" if status == "optimal" else status), None
    return status, None if value is None else sign * value
