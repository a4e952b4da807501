"""Simple mechanisms of a distribution over prices: the traders, a distribution, and tangents that none exceeds."""

from __future__ import annotations

from collections.abc import Iterator

from ..answer.answer import Answer
from ..exact.numbers import Rationals
from ..mechanism.simple import SimpleMechanism, tangents
from .covered import NotCovered
from .syntax import Numerals, comment, common, fractions, real


def heading(answer: Answer) -> Iterator[str]:
    """Title and names, as one comment."""
    environment = answer.design.environment
    yield f"(** {comment(environment.title or 'Untitled')}"
    yield ""
    for agent in environment.agents:
        yield f"    {comment(agent.name)}; types " + ", ".join(
            f"{k} = {comment(t)}" for k, t in enumerate(agent.types)
        )
    yield "    prices and types are numbered from 0 in the tables below *)"


def theorems(answer: Answer, write: Numerals) -> Iterator[str]:
    """The definitions and the theorem.  Raises NotCovered."""
    found = answer.simple
    if found is None or answer.status not in ("feasible", "optimal", "bracket", "undecided"):
        raise NotCovered(f"a simple mechanism that is {answer.status}")
    yield from _market(found, write)
    yield f"Definition distribution := {write.row(found.distribution)}."
    yield """
(** What is asked of a distribution over prices: of the simple mechanism that it makes. *)
Definition asks (F : nat -> R) : Prop := is_lottery traders F /\\ simple_IC traders F /\\ nobody_loses traders F.
Lemma same : forall F, asks F <-> is_lottery traders F /\\ simple_IC traders F /\\ nobody_loses traders F.
Proof. same_simple. Qed.
"""
    if answer.status == "feasible":
        yield """(** The answer. *)
Theorem the_given_mechanism : asks (fun p => Q2R (nth_of distribution p)).
Proof. apply (given_fulfils traders asks same (nth_of distribution)). checked. Qed.
Print Assumptions the_given_mechanism."""
        return
    yield from _ends(answer, found, write)


def _ends(answer: Answer, found: SimpleMechanism, write: Numerals) -> Iterator[str]:
    assert answer.value is not None and answer.bound is not None
    for agent, name in enumerate(("seller", "buyer")):
        low, _ = found.utilities(agent)
        yield f"Definition least_of_{name} := {_table(low, found, write)}."
    steepest, shape = Rationals.zeros((len(found.prices.grid),)), found.environment.shape
    for name, (stakes, worth, powers, slants) in zip(("seller", "buyer"), tangents(found), strict=True):
        yield f"(** Tangents of the power at what the {name} gains. *)"
        yield f"Definition powers_of_{name} := {_table(powers, found, write)}."
        yield f"Definition slants_of_{name} := {_table(slants, found, write)}."
        steepest = steepest + ((stakes * slants).reshape(*shape, 1) * worth).sum(axis=(0, 1))
    number = lambda x: f"({write.number(x)})%Q"  # noqa: E731
    least, most = (f"{number(x)} {real(x)}" for x in (answer.value, answer.bound))
    both = lambda what: f"(both (look {what}_of_seller) (look {what}_of_buyer))"  # noqa: E731
    yield f"""
(** The answer. *)
Open Scope R_scope.
Theorem best_simple_mechanism :
  (exists F, asks F /\\ {real(answer.value)} <= expected_welfare traders F) /\\
  (forall F, asks F -> expected_welfare traders F <= {real(answer.bound)}).
Proof.
  split.
  - apply (one_worth traders asks same {least} (nth_of distribution) {both("least")}).
    + number_is. + checked.
  - apply (none_worth_more traders asks same {most} {both("powers")} {both("slants")} {number(steepest.max())}).
    + number_is. + checked.
Qed.
Print Assumptions best_simple_mechanism."""


def _market(found: SimpleMechanism, write: Numerals) -> Iterator[str]:
    environment, (first, second) = found.environment, found.environment.agents
    assert environment.designer is not None and first.values is not None and second.values is not None
    weights = [_table(w, found, write) for w in found.weights]
    yield f"Definition the_prior := {_table(environment.designer, found, write)}."
    yield f"""Definition traders : market := {{|
  costs := {write.row(first.values)};
  values := {write.row(second.values)};
  prices := {write.row(found.prices.grid)};
  power := {write.number(found.prices.powers[0])};
  odds := look the_prior;
  seller_weight := look ({weights[0]});
  buyer_weight := look ({weights[1]}) |}}."""
    yield "Theorem data_are_a_market : is_market traders."
    yield "Proof. apply market_fine_sound. checked. Qed."


def _table(numbers: Rationals, found: SimpleMechanism, write: Numerals) -> str:
    own = fractions(numbers, found.environment.shape)
    return write.table(own, common(own))
