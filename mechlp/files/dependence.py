"""How a problem file depends on some of its parameters, read off the file: a proof, not a sample.

Payoffs, outside options, bounds on transfers, slack of IC and requirements of one's own may be polynomials of them, types that
are numbers too, and probabilities; everything else must not name them.  Whatever holds for polynomials of such a degree at
enough points then holds wherever the file is a problem.  Weights that are divided by their sum are polynomials before they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..environment.degrees import Below, Degrees, NotPolynomial, degree
from ..environment.formulas import Definition, InvalidFormula
from ..question.design import InvalidDesign
from .definitions import _HEAD
from .schema import File, Types
from .strings import AROUND, around_prior, keys, parts, strings, taken, words

#: What may name the parameters, each in its own way; and what the existence of a mechanism does not depend on.
PAYOFFS = ("payoffs", "outside", "transfers")
#: Where coefficients multiply payoffs and probabilities.
ROWS = "constraints"
WITHOUT = (
    "title", "description", "source", "parameters", "let", "assume", "agents", "trade", "objective", "secondary", "given", "map",
)  # fmt: skip
#: What a set of beliefs is given by, on the right-hand side of its rows.
SIDES = ("around", "contamination", "mean", "variance", "quantiles", "marginals", "equals", "at-most", "at-least")
#: What the rows of a designer's set are given by: of a guarantee only rows are used, and any number in them may be a polynomial.
ROWS_OF_SET = (*SIDES, "variation", "of", "list", "distance")
#: A designer's one prior.
SINGLE = ("table", "weights", "product", "mixture")
#: Beliefs that say nothing of the types' values; what is built in, and takes them as they are.
BY_POSITION = {"prior", "per-type", "table", "weights", "product", "mixture", "weight", "normalise"}
BY_VALUE = ("trade", "single-good", "public-good")


class NoFamily(InvalidDesign):
    """A file that depends on its parameters in a way that is not covered; the message says where."""


@dataclass(frozen=True)
class Dependence:
    """Degrees at most in the parameters: of payoffs, outside options, bounds on transfers and slack; of what types (and the
    designer) believe, as weights; of the coefficients of requirements of one's own.  ``divided`` where weights are divided by a
    sum that depends on the parameters; ``below`` is the degree of a common denominator of payoffs, which times it are polynomials
    of degree ``payoffs``, and ``under`` that of probabilities; ``sets`` that of numbers of belief sets; ``convex`` where types
    and sets stay, and every probability and bound on transfers that is written is affine: the numbers of the file are then in
    order between two points where they are at both."""

    payoffs: int = 0
    beliefs: int = 0
    rows: int = 0
    divided: bool = False
    below: int = 0
    under: int = 0
    sets: int = 0
    convex: bool = False

    @property
    def together(self) -> int:
        """Of requirements, as linear forms in the mechanism, each multiplied by the weight of its type."""
        return self.payoffs + self.beliefs * (2 if self.divided else 1) + self.rows

    @property
    def flat(self) -> bool:
        """Whether payoffs are affine, and nothing else depends."""
        return self.payoffs <= 1 and not (self.beliefs or self.rows or self.below)


def dependence(
    document: Mapping[str, Any],
    names: Sequence[str],
    agents: Sequence[str],
    *,
    wanted: bool = False,
    quotients: bool = False,
) -> Dependence:
    """How a problem depends on the parameters ``names``.

    Parameters
    ----------
    document : a problem as it is read, nested dicts, lists and strings.
    agents : the names of all agents, copies included.
    wanted : whether the objective must not depend on the parameters either.
    quotients : whether payoffs and probabilities may be divided by polynomials of the parameters.

    Raises
    ------
    NoFamily
        Something else depends on them, or what may is no polynomial of them.
    """
    file = File.read(dict(document), (), lambda at, said: None)
    return _Walk(file, document, names, agents, wanted, quotients).run()


class _Walk:
    def __init__(
        self,
        file: Any,
        document: Mapping[str, Any],
        names: Sequence[str],
        agents: Sequence[str],
        wanted: bool,
        quotients: bool,
    ) -> None:
        self.file, self.document, self.wanted, self.agents = file, document, wanted, agents
        self.names = names
        self.divided, self.quotients, self.written, self.sets = False, quotients, 0, 0
        self.feared = False
        self.degrees: dict[str, int | Definition | None] = {}
        #: Denominators of names that stand for quotients, and of payoffs and probabilities.
        self.below: dict[str, Below] = {}
        self.common = {section: Below(()) for section in ("payoffs", "beliefs")}
        for name, formula in file.parameters.items():
            at = f"parameters.{name}"
            self.degrees[name] = 1 if name in names else self._moving(name, [formula], at)
        for head, body in file.let.items():
            match = _HEAD.fullmatch(head)
            assert match is not None
            given = match["arguments"]
            self.degrees[match["name"]] = Definition(
                tuple(a.strip() for a in given.split(",")) if given is not None else (), body
            )
        own = {name: self._types(name, spec.types, f"agents.{name}") for name, spec in file.agents.items()}
        self.degrees |= own
        for agent in agents:
            group = next((g for g in own if re.fullmatch(rf"{re.escape(g)}\d+", agent)), None)
            if agent not in own and group is not None:
                self.degrees[agent] = own[group]
                self.below |= {agent: self.below[group]} if group in self.below else {}
        self.moving = [agent for agent, found in own.items() if found]

    def run(self) -> Dependence:
        """The degrees, once nothing else depends on the parameters."""
        skipped = [name for name in WITHOUT if name != "objective" or not self.wanted]
        slack, asked = taken(self.document.get("require"), "ic", "slack")
        for section, value in self.document.items():
            if section not in (*PAYOFFS, ROWS, "beliefs", "require", *skipped):
                self._untouched(value, section)
        self._untouched(asked, "require")
        for name, spec in self.file.agents.items():
            self._untouched(spec.copies or "", f"agents.{name}.copies")
        if self.moving:
            self._by_position(self.document.get("beliefs"))
            kind = self.document.get("outcomes")
            if isinstance(kind, str) and kind not in BY_VALUE:
                raise NoFamily(
                    f"outcomes: {kind} with types that depend on the parameters ({self.moving[0]}): only "
                    f"{', '.join(BY_VALUE)} or a list of outcomes with payoffs"
                )
        moving = [d for d in (self.degrees[name] for name in self.moving) if isinstance(d, int)]
        payoffs = [self._most(self.document.get(section), section) for section in PAYOFFS]
        payoffs.append(self._most(slack, "require.ic.slack"))
        bounds, rows = self._rows()
        beliefs = self._beliefs()
        for name in self.moving:
            self._together("payoffs", self.below.get(name, Below(())))
        below, under = self.common["payoffs"].degree, self.common["beliefs"].degree
        unlike = self.moving or below or under or self.sets > 1 or self.feared
        convex = max(self.written, *payoffs[2:]) <= 1 and not unlike
        most = max([*moving, *payoffs, bounds]) + below
        return Dependence(most, beliefs + under, rows, self.divided, below, under, self.sets, convex)

    def _most(self, value: Any, place: str, section: str = "payoffs") -> int:
        """The largest degree of formulas, once they are multiplied by what those of a section have below."""
        found = [0]
        for at, formula in strings(value, place):
            below = Below(self._constants, self.below)
            found.append(self._degree(formula, at, below))
            self._together(section, below)
        if section == "beliefs":
            self.written = max(self.written, *found)
        return max(found)

    def _together(self, section: str, below: Below) -> None:
        self.common[section] = self.common[section].joined(below)

    @property
    def _constants(self) -> set[str]:
        """Names that stand for one number in all cells."""
        let = {n for n, d in self.degrees.items() if isinstance(d, Definition) and not d.arguments}
        return {*self.file.parameters, *let}

    def _rows(self) -> tuple[int, int]:
        """Of the bounds and the coefficients of requirements of one's own; where they are asked must not name the parameters."""
        bounds, coefficients = [0], [0]
        given = self.document.get(ROWS)
        for name, spec in given.items() if isinstance(given, Mapping) else ():
            for key, value in spec.items() if isinstance(spec, Mapping) else ():
                place = f"{ROWS}.{name}.{key}"
                if key in ("allocation", "transfers", "payoffs"):
                    coefficients += [self._degree(formula, at) for at, formula in strings(value, place)]
                elif key in ("at-least", "at-most", "equals"):
                    bounds.append(self._most(value, place))
                else:
                    self._untouched(value, place)
        return max(bounds), max(coefficients)

    def _beliefs(self) -> int:
        """Of weights, before they are divided by their sum."""
        given = self.document.get("beliefs")
        if not isinstance(given, Mapping):
            return 0
        found = [0]
        for key, value in given.items():
            place = f"beliefs.{key}"
            if key == "designer" and isinstance(value, list):
                value = {"list": value}
            if key == "per-type":
                found.append(self._most(value, place, "beliefs"))
            elif key == "designer" and isinstance(value, Mapping) and not set(value) & set(SINGLE):
                found.append(self._designer(value, place, max(found)))
            elif key in ("prior", "designer") and isinstance(value, Mapping):
                found.append(self._prior(value, place, "normalise" in given or "normalise" in value))
            elif key == "sets" and isinstance(value, Mapping):
                self._sets(value, place)
            else:
                self._untouched(value, place)
        sets = given.get("sets")
        centered = list(around_prior(sets if isinstance(sets, Mapping) else {}))
        if max(found) and centered:
            raise NoFamily(
                f"beliefs.sets: {centered[0]} around beliefs that depend on the parameters: give the center as numbers"
            )
        return max(*found, self.sets)

    def _sets(self, given: Any, place: str) -> None:
        """Of belief sets: what stands on the right-hand side of their rows may be affine."""
        degrees: dict[str, int] = {}
        for at, key, value in parts(given, place):
            one = at.rpartition(".")[0]
            for where, found in self._numbers(at, key, value, SIDES):
                if found > 1 and len(self.names) > 1:
                    raise NoFamily(
                        f"{where} has degree {found} in the parameters: over two of them a number of a belief set may be affine"
                    )
                self.sets = max(self.sets, found)
                degrees[one] = degrees.get(one, 0) + (found if key in ("around", "contamination") else 0)
        self.sets = max(self.sets, *degrees.values(), 0)  # a share of a center
        if self.sets > 1 and len(self.names) > 1:
            raise NoFamily(f"{place}: over two parameters a share of a center may be affine in them")

    def _designer(self, given: Mapping[str, Any], place: str, prior: int) -> int:
        """Of the rows of the designer's set.  Existence depends on it where something is required under every prior of it, by
        its vertices; a guarantee by its rows alone, ``prior`` being the degree of the prior that is their center by default."""
        rows = self.document.get(ROWS)
        expected = [r for r in rows.values() if isinstance(r, Mapping)] if isinstance(rows, Mapping) else []
        if any(r.get("each") == "expected" for r in expected):
            self._sets({"": given}, place)
        if not self.wanted:
            return self.sets
        if prior and given.get("around", "prior") == "prior" and set(given) & set(AROUND):
            raise NoFamily(f"{place}: around beliefs that depend on the parameters: give the center as numbers")
        found = [0]
        for at, key, value in parts({"": given}, place):
            found += [own for _, own in self._numbers(at, key, value, ROWS_OF_SET)]
        self.feared = max(found) > 1 or bool(set(given) & {"list", "variance", "moments"})
        return 2 * max(found)  # a share of a center, the square of a distance to a mean

    def _numbers(self, at: str, key: str, value: Any, moving: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Where numbers of a set are, and their degrees; what is not among ``moving`` must not name the parameters."""
        if key not in moving:
            self._untouched(value, at)
            return
        if key == "marginals" and isinstance(value, Mapping):
            value = {name: own for name, own in value.items() if not self._divides(name, own, f"{at}.{name}")}
        for where, formula in strings(value, at):
            yield where, self._degree(formula, where)

    def _divides(self, name: str, value: Any, place: str) -> bool:
        """Whether a marginal is no polynomial of what it is given by (a family, weights that are divided by their sum), or one of
        a higher degree (of a vector, once for each coordinate); then it must not name the parameters."""
        group = next((g for g in self.file.agents if name == g or re.fullmatch(rf"{re.escape(g)}\d+", name)), name)
        types = self.file.agents[group].types if group in self.file.agents else None
        vector = types is not None and (types.coordinates is not None or types.dimensions is not None)
        if isinstance(value, Mapping) or vector:
            self._untouched(value, place)
            return True
        return False

    def _prior(self, given: Mapping[str, Any], place: str, divided: bool) -> int:
        """Of one prior: ``divided`` where a sum that depends on the parameters would be divided out unseen."""
        degrees = []
        for key, value in given.items():
            at = f"{place}.{key}"
            scaled = key in ("table", "weights") and place == "beliefs.prior"  # their sum is known
            if key == "mixture" or (key == "table" and not divided) or scaled:
                degrees.append(self._most(value, at, "beliefs"))
                self.divided |= scaled and bool(degrees[-1]) and (divided or key == "weights")
            elif key == "product" and isinstance(value, Mapping):
                degrees.append(self._product(value, at, divided))
            else:
                self._untouched(value, at)
        return max(degrees, default=0)

    def _product(self, given: Mapping[str, Any], place: str, divided: bool) -> int:
        """Of a product of marginals: their degrees add up, once for each copy of an agent."""
        total = 0
        for name, value in given.items():
            if divided:
                self._untouched(value, f"{place}.{name}")
            elif not self._divides(name, value, f"{place}.{name}"):
                times = max(self._copies(name), 1)
                before, self.common["beliefs"] = self.common["beliefs"], Below(())
                total += self._most(value, f"{place}.{name}", "beliefs") * times
                before.add(self.common["beliefs"], times)
                self.common["beliefs"] = before
        return total

    def _copies(self, name: str) -> int:
        return sum(bool(re.fullmatch(rf"{re.escape(name)}\d+", agent)) for agent in self.agents)

    def _moving(self, name: str, formulas: Sequence[str], place: str) -> int:
        """The degree of what a name stands for: at least one where it is a quotient."""
        own, found = Below(()), [0]
        for formula in formulas:
            below = Below(self._constants, self.below)
            found.append(self._degree(formula, place, below))
            own = own.joined(below)
        if not own.powers:
            return max(found)
        self.below[name] = own
        return max(max(found), 1)

    def _degree(self, formula: str, place: str, below: Below | None = None) -> int:
        degrees: Degrees = self.degrees
        try:
            return degree(formula, degrees, below if self.quotients else None) or 0
        except NotPolynomial as error:
            what = "a quotient of polynomials" if self.quotients and below is not None else "a polynomial"
            raise NoFamily(f"{place}: {error}: {what} is needed (`mechlp map` asks point by point)") from None
        except InvalidFormula:
            return 0  # a word, such as `free`

    def _types(self, name: str, spec: Types, place: str) -> int | None:
        """The degree of types that are numbers; what is no plain list or range must not name the parameters."""
        for part in (spec.count, spec.dimensions):
            self._untouched(part or "", place)
        if spec.coordinates is not None or spec.dimensions is not None:
            for own in (spec.coordinates or {"": spec}).values():
                for value in (own.values, own.start, own.to, own.count):
                    self._untouched(value if value is not None else "", place)
            return 0
        if spec.values is None:
            return self._moving(name, [end or "0" for end in (spec.start, spec.to)], place)
        if not all(isinstance(v, str) for v in spec.values):
            self._untouched(spec.values, place)
            return 0
        if any(words(v) - set(self.degrees) for v in spec.values):
            return None  # labels
        return self._moving(name, spec.values, place)

    def _untouched(self, value: Any, place: str) -> None:
        """Raises NoFamily where something names the parameters, or what depends on them."""
        for where, formula in strings(value, place):
            named = sorted(word for word in words(formula) if self._touches(word, ()))
            if named:
                raise NoFamily(
                    f"{where} depends on the parameters (through {named[0]}): only payoffs, outside options, bounds on "
                    "transfers, slack, `constraints`, probabilities in lists and formulas (or the weight of a mixture), and "
                    "numbers of belief sets (contamination, mean, quantiles, moments, marginals) may"
                )

    def _touches(self, word: str, seen: tuple[str, ...]) -> bool:
        found = self.degrees.get(word)
        if isinstance(found, Definition):
            inner = words(found.body) - set(found.arguments)
            return word not in seen and any(self._touches(w, (*seen, word)) for w in inner)
        return bool(found)

    def _by_position(self, beliefs: Any) -> None:
        """Raises NoFamily unless beliefs are given type by type, whatever the types' values."""
        for key in keys(beliefs):
            if key not in BY_POSITION and key not in self.degrees:
                raise NoFamily(
                    f"beliefs: {key} may use the values of types, and those of {self.moving[0]} depend on the parameters: "
                    "give a table"
                )


__all__ = ["Dependence", "NoFamily", "dependence"]
