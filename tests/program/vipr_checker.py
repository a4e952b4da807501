"""A checker of VIPR 1.1 files without integers, from its specification: nothing of mechlp is imported."""

from fractions import Fraction

SIGN = {"G": 1, "E": 0, "L": -1}


class Refused(Exception):
    """Why a file proves nothing."""


class Tokens:
    def __init__(self, text):
        lines = [line for line in text.splitlines() if not line.startswith("%")]
        self.words = iter(" ".join(lines).split())

    def word(self, *expected):
        found = next(self.words, None)
        if found is None or (expected and found not in expected):
            raise Refused(f"expected {' or '.join(expected) or 'more'}, found {found}")
        return found

    def whole(self):
        return int(self.word())

    def number(self):
        return Fraction(self.word())

    def sparse(self, count=None):
        count = self.whole() if count is None else count
        out = {}
        for _ in range(count):
            index = self.whole()
            if index in out:
                raise Refused(f"index {index} twice")
            out[index] = self.number()
        return {k: v for k, v in out.items() if v}

    def constraint(self, objective):
        name, sense, right = self.word(), self.word("G", "E", "L"), self.number()
        first = self.word()
        return name, sense, right, dict(objective) if first == "OBJ" else self.sparse(int(first))


def combined(constraints, multipliers):
    """The sense, left and right side of a suitable linear combination."""
    left, right, senses = {}, Fraction(0), set()
    for k, y in multipliers.items():
        if not 0 <= k < len(constraints):
            raise Refused(f"no constraint {k}")
        _, sense, b, a = constraints[k]
        senses.add((y > 0) - (y < 0) if SIGN[sense] == 1 else (y < 0) - (y > 0) if SIGN[sense] == -1 else 0)
        right += y * b
        for j, v in a.items():
            left[j] = left.get(j, Fraction(0)) + y * v
    if {1, -1} <= senses:
        raise Refused("no suitable combination: inequalities in both directions")
    sense = "G" if 1 in senses else "L" if -1 in senses else "E"
    return sense, {j: v for j, v in left.items() if v}, right


def absurd(sense, left, right):
    return not left and (right > 0 if sense == "G" else right < 0 if sense == "L" else right != 0)


def dominates(one, other):
    """Whether a constraint (sense, left, right) implies another."""
    (s, a, b), (t, c, d) = one, other
    if absurd(s, a, b):
        return True
    if a != c:
        return False
    return {"G": s in "GE" and b >= d, "L": s in "LE" and b <= d, "E": s == "E" and b == d}[t]


def satisfied(constraints, point):
    for name, sense, b, a in constraints:
        gap = sum((v * point.get(j, 0) for j, v in a.items()), Fraction(0)) - b
        if gap * SIGN[sense] < 0 or (sense == "E" and gap):
            raise Refused(f"the solution breaks {name}")


def check(text):
    """What is proved: ``infeasible``, or the optimal value's range.  Raises Refused."""
    t = Tokens(text)
    t.word("VER"), t.word("1.0", "1.1"), t.word("VAR")
    names = [t.word() for _ in range(t.whole())]
    t.word("INT")
    if t.whole():
        raise Refused("integer variables")
    t.word("OBJ")
    maximize = t.word("max", "min") == "max"
    objective = t.sparse()
    t.word("CON")
    count, _ = t.whole(), t.whole()
    constraints = [t.constraint(objective) for _ in range(count)]
    t.word("RTP")
    ends = None if t.word("infeas", "range") == "infeas" else [t.word(), t.word()]
    t.word("SOL")
    values = []
    for _ in range(t.whole()):
        t.word()
        point = t.sparse()
        satisfied(constraints, point)
        values.append(sum((c * point.get(j, 0) for j, c in objective.items()), Fraction(0)))
    t.word("DER")
    for _ in range(t.whole()):
        name, sense, right, left = t.constraint(objective)
        t.word("{"), t.word("lin")
        found = combined(constraints, t.sparse())
        t.word("}"), t.whole()
        if not dominates(found, (sense, left, right)):
            raise Refused(f"{name} does not follow")
        constraints.append((name, sense, right, left))
    if any(j >= len(names) or j < 0 for _, _, _, a in constraints for j in a):
        raise Refused("a variable that does not exist")
    if len({c[0] for c in constraints}) != len(constraints):
        raise Refused("two constraints of one name")
    last = constraints[-1][1:]
    last = (last[0], last[2], last[1])
    if ends is None:
        if not absurd(*last):
            raise Refused("the last constraint is no absurdity")
        return "infeasible"
    low, high = ends
    reached, bound = (low, high) if maximize else (high, low)
    if not reached.endswith("inf") and not any(
        v >= Fraction(low) if maximize else v <= Fraction(high) for v in values
    ):
        raise Refused("no solution attains the value")
    if not bound.endswith("inf") and not dominates(
        last, ("L" if maximize else "G", objective, Fraction(bound))
    ):
        raise Refused("the last constraint does not bound the objective")
    return Fraction(low), Fraction(high)
