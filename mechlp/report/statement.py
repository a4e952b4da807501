"""A question in formulas, as LaTeX: what is wanted, and what is asked, each with a few words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from ..question.box import BoxDesign
from ..question.design import Design
from ..question.symmetric import SymmetricDesign

#: What a report r is worth to a type, at a profile of the others'.
WORTH = (
    r"v_i(r, \theta_{-i}; \theta_i) = \sum_a q(a \mid r, \theta_{-i})\, u_i(a, \theta) + t_i(r, \theta_{-i})"
)
EXPECTED = r"\sum_{\theta_{-i}} p(\theta_{-i} \mid \theta_i)\, v_i({}, \theta_{-i}; \theta_i)"
ALL = r"\quad \text{for all } i, \theta_i, r"


def _expected(report: str) -> str:
    return EXPECTED.replace("{}", report, 1)


def _compared(truth: str, lie: str, further: str = "") -> str:
    return rf"{truth} \ge {lie}{ALL}{further}"


_TRUTH, _LIE = _expected(r"\theta_i"), _expected("r")
_REGRET = r"\max_{p \in P_i(\theta_i),\, s} " + rf"\Bigl[ {_expected('s')} - {_expected('{r}')} \Bigr]"
_ONE = r"v_i({}, \theta_{{-i}}; \theta_i)"
IC = {
    "bayesian": _compared(_TRUTH, _LIE),
    "ambiguous-transfers": _compared(
        r"\min_k " + _TRUTH.replace("v_i", "v_i^k"), r"\min_k " + _LIE.replace("v_i", "v_i^k")
    ),
    "maxmin": _compared(r"\min_{p \in P_i(\theta_i)} " + _TRUTH, r"\min_{p \in P_i(\theta_i)} " + _LIE),
    "minmax-regret": _compared(_REGRET.replace("{r}", r"\theta_i"), _REGRET.replace("{r}", "r")).replace(
        r"\ge", r"\le"
    ),
    "bewley": _compared(_TRUTH, _LIE, r", p \in P_i(\theta_i)"),
    "ex-post": _compared(_ONE.format(r"\theta_i"), _ONE.format("r"), r", \theta_{-i}"),
    "ordinal": r"\sum_{a: u_i(a,\theta) \ge c} q(a \mid \theta) \ge \sum_{a: u_i(a,\theta) \ge c} q(a \mid r, \theta_{-i})"
    + ALL
    + r", \theta_{-i}, c",
    "ordinal-bayesian": r"\sum_{\theta_{-i}} p(\theta_{-i} \mid \theta_i) \Bigl[ \sum_{a: u_i(a,\theta) \ge c} q(a \mid \theta) "
    r"- \sum_{a: u_i(a,\theta) \ge c} q(a \mid r, \theta_{-i}) \Bigr] \ge 0" + ALL + ", c",
    "obedience": r"\sum_{\theta} p(\theta) \sum_{a: a_i = b} q(a \mid \theta) \bigl[ u_i(a, \theta) "
    r"- u_i(b', a_{-i}, \theta) \bigr] \ge 0 \quad \text{for all } i, b, b'",
}
IR = {
    "interim": r"\sum_{\theta_{-i}} p(\theta_{-i} \mid \theta_i) \bigl[ v_i(\theta_i, \theta_{-i}; \theta_i) - "
    r"\underline{u}_i(\theta) \bigr] {sign} 0 \quad \text{for all } i, \theta_i",
    "ex-post": r"v_i(\theta_i, \theta_{-i}; \theta_i) {sign} \underline{u}_i(\theta) \quad \text{for all } i, \theta",
}
BB = {
    "ex-post": r"\sum_i t_i(\theta) = 0 \quad \text{for all } \theta",
    "ex-post-weak": r"\sum_i t_i(\theta) \le 0 \quad \text{for all } \theta",
    "ex-ante": r"\sum_{\theta} p(\theta) \sum_i t_i(\theta) = 0",
    "ex-ante-weak": r"\sum_{\theta} p(\theta) \sum_i t_i(\theta) \le 0",
}
WANTED = {
    "revenue": r"-\sum_{\theta} p(\theta) \sum_i t_i(\theta)",
    "surplus": r"\sum_{\theta} p(\theta) \sum_a q(a \mid \theta) \sum_i u_i(a, \theta)",
    "weighted-interim": r"\sum_i \sum_{\theta_i} w_i(\theta_i)\, U_i(\theta_i)",
    "linear": r"\sum_{\theta} \Bigl[ \sum_a c(a, \theta)\, q(a \mid \theta) + \sum_i d_i(\theta)\, t_i(\theta) \Bigr]",
    "undominated": r"\sum_{\theta} p(\theta) \sum_i \bigl[ v_i(\theta_i, \theta_{-i}; \theta_i) - v_i^0(\theta) \bigr]",
}
LOTTERY = r"q(a \mid \theta) \ge 0, \quad \sum_a q(a \mid \theta) = 1 \quad \text{for all } \theta"
SYMBOLS = (
    ("the chance of the outcome a when the types \u03b8 are reported", r"q(a \mid \theta)"),
    ("what agent i receives then", r"t_i(\theta)"),
)


@singledispatch
def statement(question: Any) -> Iterator[tuple[str, str]]:
    """Rows of a few words and a formula of LaTeX; none for what is no question about a mechanism."""
    return iter(())


@statement.register
def _ordinary(design: Design) -> Iterator[tuple[str, str]]:
    yield from SYMBOLS if design.transfers != "none" else SYMBOLS[:1]
    wants = design.wants
    if wants.kind in WANTED:
        aim = "largest" if wants.maximize else "least"
        worst = r"\min_{p \in P} " if design.robust else ""
        yield (
            f"wanted: the {aim} {wants.kind if wants.kind != 'linear' else 'value'}",
            worst + WANTED[wants.kind],
        )
    yield "lotteries", LOTTERY
    if design.ic in IC:
        if design.ic not in ("ordinal", "ordinal-bayesian", "obedience"):
            yield "what the report r is worth", WORTH
        yield "incentive compatibility", IC[design.ic]
    if design.ir in IR:
        sign = "=" if design.ir_binds else r"\ge"
        yield "individual rationality", IR[design.ir].replace("{sign}", sign)
    if design.bb in BB:
        yield "budget balance", BB[design.bb]


@statement.register
def _symmetric(design: SymmetricDesign) -> Iterator[tuple[str, str]]:
    yield "the chance that a type wins grade k", r"x_k(s)"
    yield "her payoff", r"U(s)"
    if design.objective == "revenue":
        yield "wanted: the largest revenue", r"N \sum_s f(s) \Bigl[ \sum_k v_k(s)\, x_k(s) - U(s) \Bigr]"
    yield (
        "incentive compatibility",
        r"U(s) \ge U(r) + \sum_k \bigl[ v_k(s) - v_k(r) \bigr] x_k(r) \quad \text{for all } s, r",
    )
    yield "individual rationality", r"U(s) \ge 0 \quad \text{for all } s"
    yield (
        "some rule over profiles has these chances (Border)",
        r"N \sum_{s \in S} f(s) \sum_k x_k(s) \le 1 - \Bigl( 1 - \sum_{s \in S} f(s) \Bigr)^N \quad \text{for all } S",
    )


@statement.register
def _box(design: BoxDesign) -> Iterator[tuple[str, str]]:
    yield "the chance that a type wins grade (or good) k", r"x_k(\theta)"
    yield "her payoff", r"U(\theta)"
    yield (
        "wanted: the largest revenue",
        r"N \int f(\theta) \Bigl[ \sum_k \theta_k\, x_k(\theta) - U(\theta) \Bigr] d\theta",
    )
    yield (
        "incentive compatibility",
        r"U(\theta) \ge U(r) + \sum_k (\theta_k - r_k)\, x_k(r) \quad \text{for all } \theta, r",
    )
    yield "individual rationality", r"U(\theta) \ge 0 \quad \text{for all } \theta"
    if design.environment.goods:
        yield "what there is", r"0 \le x_k(\theta) \le 1"
        return
    yield (
        "some rule over profiles has these chances (Border)",
        r"N \int_S f(\theta) \sum_k x_k(\theta)\, d\theta \le 1 - \Bigl( 1 - \int_S f(\theta)\, d\theta \Bigr)^N "
        r"\quad \text{for all } S",
    )
