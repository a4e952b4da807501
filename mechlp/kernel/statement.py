"""The environment and the question of an answer as definitions: what a reader of the file judges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from ..question.design import Design
from ..question.objective import goal
from ..question.requirements import Rows
from . import enclosed, lies
from .covered import BB, IC, IR
from .syntax import Numerals, by_agent, comment, common, definition, fractions, profile

#: By what there is or is not: the theorem's name and statement where there is, and where there is none.
EXISTENCE = {
    "mechanism": (
        ("a_mechanism", "exists M : mechanism, asks M"),
        ("no_mechanism", "~ exists M : mechanism, asks M"),
    ),
    "rules": (
        ("some_rules", "exists rules : list mechanism, asks rules"),
        ("no_rules", "~ exists rules : list mechanism, asks rules"),
    ),
    "whatever": (
        ("a_mechanism", "exists M : mechanism, forall x, between_ends ends x -> asks x M"),
        ("no_mechanism", "forall x, between_ends ends x -> ~ exists M : mechanism, asks x M"),
    ),
}


def heading(design: Design) -> Iterator[str]:
    """Title, source and names, as one comment."""
    environment = design.environment
    yield f"(** {comment(environment.title or 'Untitled')}"
    yield ""
    for i, agent in enumerate(environment.agents):
        types = ", ".join(f"{k} = {comment(t)}" for k, t in enumerate(agent.types))
        yield f"    agent {i} = {comment(agent.name)}; types {types}"
    yield (
        "    outcomes " + ", ".join(f"{k} = {comment(a)}" for k, a in enumerate(environment.outcomes)) + " *)"
    )


def environment(design: Design, write: Numerals) -> Iterator[str]:
    """``env``: utilities, beliefs, the prior, outside options; then that the data are an environment."""
    environment = design.environment
    shape, count = environment.shape, len(environment.outcomes)
    utilities = "pick2 utilities" if environment.exact else "from_below ends numbers"
    if environment.exact:
        yield by_agent(
            "utilities", environment, [fractions(u, (count, *shape)) for u in environment.utility], write
        )
    else:
        yield from enclosed.ends(environment, write)
    prior = None if environment.designer is None else fractions(environment.designer, shape)
    if prior is not None:
        yield f"Definition the_prior := {write.table(prior, common(prior))}."
    beliefs = environment.beliefs
    weights = None if beliefs is None else [fractions(w, shape) for w in beliefs.weights]
    believed = "fun _ _ => 0"
    if weights is not None and prior is not None and all(bool(np.all(w == prior)) for w in weights):
        believed = "fun _ => look the_prior"
    elif weights is not None:
        yield f"Definition weights := {write.tables(weights)}."
        believed = "weights"
    outside = [fractions(o, shape) for o in environment.outside]
    nothing = all(x == 0 for o in outside for x in o.flat)
    if not nothing:
        yield f"Definition outside_options := {write.tables(outside)}."
    yield f"""Definition env : environment := {{|
  sizes := {profile(shape)}; num_outcomes := {count};
  u := {utilities};
  weight := {believed};
  prior := {"fun _ => 0" if prior is None else "look the_prior"};
  outside := {"fun _ _ => 0" if nothing else "outside_options"} |}}."""
    if prior is not None:
        yield "Theorem data_are_an_environment : are_beliefs env /\\ is_distribution env (prior env)."
        yield "Proof. apply sane. checked. Qed."
    elif weights is not None:
        yield "Theorem data_are_an_environment : are_beliefs env."
        yield "Proof. apply beliefs_are. checked. Qed."


class Asked:
    """The requirements of one mechanism: in words of economics, and as the library's ``design``."""

    def __init__(self, design: Design, write: Numerals, ic: str, ir: str) -> None:
        self.defined: list[str] = []
        self.parts = ["lotteries env M"]
        self.allocation = self._allocation(design, write)
        self.limits = self._limits(design, write)
        self.ic, self.ir, self.bb = IC[ic], IR[ir], BB[design.bb]
        self.parts += [f"{part[1]} env M" for part in (self.ic, self.ir, self.bb) if part[1]]
        self.own, self.same = "[]", "same_question {} question"
        if design.constraints:
            self.defined.append(definition("own_rows", "list linear_row", list(_own_rows(design, write))))
            self.own = "own_rows"
            self.parts.append("linear_rows M own_rows")
        if design.misreports is not None:
            self._some_lies(design, write)

    def _some_lies(self, design: Design, write: Numerals) -> None:
        """IC of the lies that are possible, up to what they may pay: as linear rows before those of one's own."""
        said, rows, lemma = lies.AMONG[design.ic]
        self.defined += lies.tables(design, write)
        self.parts[self.parts.index(f"{self.ic[1]} env M")] = f"{said} env M can_report may_gain"
        self.ic, self.own = IC["none"], f"{rows} env can_report may_gain {self.own}"
        self.same = f"same_among {{}} question {lemma}"

    def _allocation(self, design: Design, write: Numerals) -> str:
        rule = design.allocation if isinstance(design.allocation, str) else "given"
        if rule == "efficient":
            self.parts.append("efficient env M")
            return "Efficient"
        if rule in ("chosen", "deterministic"):  # the statement says `deterministic` beside it
            return "Chosen"
        full = (len(design.environment.outcomes), *design.environment.shape)
        assert design.lottery is not None
        self.defined.append(f"Definition given := {write.tables(fractions(design.lottery, full))}.")
        self.parts.append("allocation_is env M given")
        return "Given given"

    def _limits(self, design: Design, write: Numerals) -> tuple[str, str]:
        environment = design.environment
        bounds = [design.transfer_bounds(i) for i in range(environment.n)]
        names = []
        for side, name in enumerate(("lower", "upper")):
            if all(pair[side] is None for pair in bounds):
                names.append("unlimited")
                continue
            cases = [
                f"{i}%nat => {_limit(pair[side], environment.shape, write)}" for i, pair in enumerate(bounds)
            ]
            self.defined.append(
                f"Definition {name} (i : nat) (theta : profile) : option Q :=\n  match i with "
                + " | ".join(cases)
                + " | _ => None end."
            )
            names.append(name)
        if names != ["unlimited", "unlimited"]:
            self.parts.append(f"transfers_within env M {names[0]} {names[1]}")
        return names[0], names[1]

    def besides(self, parts: list[str], shown: str, by: str) -> Iterator[str]:
        """The same, with what the library's ``design`` has no field for: its words, the same as it is checked, and a tactic."""
        self.parts += parts
        for line in self.lines("asks", "same", beside=shown):
            yield line.replace("same_question", by)

    def question(self) -> str:
        """The same as the library's ``design``."""
        return (
            f"Definition question : design := {{| ic := {self.ic[0]}; ir := {self.ir[0]}; bb := {self.bb[0]};\n"
            f"  allocation := {self.allocation}; low := {self.limits[0]}; high := {self.limits[1]}; own := {self.own} |}}."
        )

    def lines(self, name: str, same: str, also: str = "", beside: str = "") -> Iterator[str]:
        """The definitions, and that the statement is what the checker checks."""
        yield from self.defined
        parts = [*self.parts, also] if also else self.parts
        yield f"Definition {name} (M : mechanism) : Prop :=\n  " + " /\\\n  ".join(parts) + "."
        yield self.question()
        shown = f" /\\ {beside or also}" if beside or also else ""
        yield f"Lemma {same} : forall M, {name} M <-> satisfies env question M{shown}."
        yield f"Proof. {self.same.format(name)}. Qed."


def _limit(end: Any, shape: tuple[int, ...], write: Numerals) -> str:
    if end is None:
        return "None"
    if isinstance(end, Fraction):
        return f"Some {write.number(end)}"
    table = fractions(end, shape)
    return f"Some (look ({write.table(table, common(table))}) theta)"


def _own_rows(design: Design, write: Numerals) -> Iterator[str]:
    """Requirements of one's own, family by family, cell by cell, as they are stored."""
    for rows in own_families(design):
        rhs = rows.rhs.broadcast_to(rows.shape)
        for cell in np.ndindex(*rows.shape):
            chances: list[str] = []
            paid: list[str] = []
            for part in rows.parts:
                cells, coefficients = part.at(rows.shape)
                for at, value in zip(cells[cell], coefficients[cell].fractions(), strict=True):
                    if value:
                        (chances if part.block == "q" else paid).append(
                            _entry(design, part.block, int(at), value, write)
                        )
            yield (
                f"(* {comment(rows.label(cell))} *) {{| on_chances := [{'; '.join(chances)}];\n"
                f"    on_transfers := [{'; '.join(paid)}]; is_equality := {'true' if rows.sense == '=' else 'false'};\n"
                f"    bound_below := {write.number(rhs[cell])} |}}"
            )


def _entry(design: Design, block: str, at: int, value: Fraction, write: Numerals) -> str:
    environment = design.environment
    shape = (len(environment.outcomes), *environment.shape) if block == "q" else environment.shape
    cell = [int(k) for k in np.unravel_index(at, shape)]
    which = cell.pop(0) if block == "q" else int(block.removeprefix("t "))
    return f"({write.number(value)}, {which}%nat, {profile(cell)})"


def own_families(design: Design) -> tuple[Rows, ...]:
    """The requirements of one's own: those that are not obedience."""
    return design.requirements[len(design.requirements) - len(design.constraints) :]


def own_index(design: Design, family: int, cell: tuple[int, ...]) -> tuple[int, Rows]:
    """The place of a requirement of one's own in the list, and its family."""
    rows, first = design.requirements[family], len(design.requirements) - len(design.constraints)
    before = sum(math.prod(rows.shape) for rows in design.requirements[first:family])
    return before + int(np.ravel_multi_index(cell, rows.shape)), rows


class Worth:
    """The objective: its definition, its name in statements, the library's constructor, and a word for it.

    ``under`` is the same as a function of a prior, where the designer holds several possible.
    """

    def __init__(self, design: Design, write: Numerals) -> None:
        wants, plain = design.wants, design.environment.money is None
        self.defined: list[str] = []
        self.sign = 1 if wants.maximize else -1
        if wants.kind == "revenue":
            self.name, self.library, self.word = "expected_revenue env", "Revenue", "revenue"
            self.under = "revenue_under env"
        elif wants.kind == "surplus" and wants.weights is None and plain:
            self.name, self.library, self.word = "expected_surplus env", "Surplus", "surplus"
            self.under = "surplus_under env"
        elif wants.kind == "weighted-interim" and plain:
            assert wants.interim is not None
            cases = [
                f"{i}%nat, {k}%nat => {write.number(w)}"
                for i, own in enumerate(wants.interim)
                for k, w in enumerate(own.broadcast_to((design.environment.agents[i].size,)).fractions())
            ]
            self.defined.append(
                "Definition welfare_weights (i k : nat) : Q :=\n  match i, k with "
                + " | ".join(cases)
                + " | _, _ => 0 end."
            )
            self.name = "(fun M => weighted_interim env M welfare_weights)"
            self.library, self.word = "(WeightedInterim welfare_weights)", "weighted_payoff"
        else:
            self._linear(design, write)
        if self.sign < 0:
            self.library = f"(Less {self.library})"

    def _linear(self, design: Design, write: Numerals) -> None:
        aim = goal(design)
        assert aim is not None
        full = (len(design.environment.outcomes), *design.environment.shape)
        on_q, on_t = (
            fractions(aim.allocation, full),
            fractions(aim.transfers, (design.environment.n, *full[1:])),
        )
        self.defined.append(
            "(** What is wanted: coefficients on the chances of outcomes, and on transfers. *)"
        )
        self.defined.append(
            f"Definition wanted_q := {write.tables(on_q)}.\nDefinition wanted_t := {write.tables(on_t)}."
        )
        self.name, self.library, self.word = (
            "(value env (Linear wanted_q wanted_t))",
            "(Linear wanted_q wanted_t)",
            "value",
        )
        self.under = "linear_under env wanted_q wanted_t"


def found(rule: Any, design: Design, write: Numerals) -> tuple[str, str]:
    """The tables of a mechanism: of its lotteries, and of its transfers."""
    full = (len(design.environment.outcomes), *design.environment.shape)
    return (
        write.tables(fractions(rule.allocation, full), digits=True),
        write.tables(fractions(rule.transfers, (design.environment.n, *full[1:])), digits=True),
    )


def found_one(rule: Any, design: Design, write: Numerals, name: str = "found") -> str:
    """The definition of a mechanism."""
    q, t = found(rule, design, write)
    return f"Definition {name} := ({q},\n  {t})."


def existence(some: bool, by: str, what: str = "mechanism") -> str:
    """That there is what is asked, or none (``EXISTENCE``), closed by a lemma of the library."""
    name, claim = EXISTENCE[what][0 if some else 1]
    return f"""
(** The answer. *)
Theorem {name} : {claim}.
Proof. apply ({by}). checked. Qed.
Print Assumptions {name}."""


__all__ = [
    "Asked",
    "Worth",
    "environment",
    "existence",
    "found",
    "found_one",
    "heading",
    "own_families",
    "own_index",
]
