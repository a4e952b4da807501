"""The shape of a problem file: which keys there are and what each takes.

Long because it is read as one list, from which the reference of the file format is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..exact.enclosed import BITS
from ..question.design import ALLOCATIONS, BB, IC, IR, OBJECTIVES, SECONDARY
from ..question.economy import ECONOMY_CHECKS
from ..question.implementation import CHECKS
from ..question.named import ALSO, NAMED
from ..question.premises import DOMINANT, SYNONYMS
from .keys import Anything, Choice, Later, ListOf, MapOf, Model, Report, Scalar, json_schema, key
from .mistakes import Path, brief

SCALAR = Scalar()
#: A number, a formula, or nested lists of them: judged where the grid is known.
TABLE = Anything(SCALAR.described({}), {"type": "array"})
ANY = Anything()
NAMED_OBJECTIVES = (*OBJECTIVES[:4], "undominated")


class TypeValue:
    """One type: a value, or a vector of values."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`~mechlp.files.keys.Kind`."""
        if isinstance(value, Mapping):
            return MapOf(SCALAR).read(value, path, report)
        return (ListOf(SCALAR) if isinstance(value, list) else SCALAR).read(value, path, report)

    def described(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """See :class:`~mechlp.files.keys.Kind`."""
        vectors = [ListOf(SCALAR).described({}), MapOf(SCALAR).described({})]
        return {"title": "values, or vectors of values", "anyOf": [SCALAR.described({}), *vectors]}


class Types(Model):
    """Types by list, by range, or coordinate -> list or range: then every combination is a type, `NAME.COORDINATE` in
    formulas."""

    values: list[Any] | None = key(ListOf(TypeValue(), least=1))
    start: str | None = key(SCALAR, name="from")
    to: str | None = key(SCALAR)
    count: str | None = key(SCALAR)
    dimensions: str | None = key(
        SCALAR,
        about="a type is a vector of so many such numbers, `NAME[0]`, `NAME[1]`, ... in formulas; with outcomes: "
        "graded-good, its value for each grade",
    )
    coordinates: dict[str, Types] | None = None
    short = "values"
    shorthand = ListOf(TypeValue()).described({})

    @classmethod
    def read(cls, value: Any, path: Path, report: Report) -> Any:
        """See :class:`~mechlp.files.keys.Kind`; keys that are no keys of ranges name coordinates."""
        if isinstance(value, Mapping) and value and not set(value) & {k.name for k in cls.keys.values()}:
            out = cls()
            out.coordinates = MapOf(Types).read(value, path, report)
            return out
        return super().read(value, path, report)

    @classmethod
    def described(cls, definitions: dict[str, Any]) -> dict[str, Any]:
        """See :class:`~mechlp.files.keys.Kind`."""
        own = super().described(definitions)
        return {"title": "Types", "anyOf": [*own["anyOf"], {"type": "object", "additionalProperties": own}]}

    @classmethod
    def lengthened(cls, value: Any) -> Any:
        """A list is one of types."""
        if isinstance(value, str):
            raise ValueError("expected a list of types, or {from: , to: , count: }")
        return super().lengthened(value)


class AgentSpec(Model):
    """An agent: her types, and how many identical agents (named NAME1, NAME2, ...) are meant."""

    types: Types = key(Types, needed=True)
    copies: str | None = key(SCALAR, about="make this many identical agents")
    short = "types"
    shorthand = Types.shorthand


class Mixture(Model):
    """``weight`` on all agents having the same position in their type lists, the rest independent uniform."""

    weight: str = key(SCALAR, needed=True)


class Prior(Model):
    """One prior over type profiles."""

    table: Any = key(TABLE, about="probabilities, nested lists over the type grid")
    weights: Any = key(TABLE, about="as table, but divided by their sum, exactly: counts, or any weights")
    product: dict[str, Any] | None = key(
        MapOf(ANY),
        about="independent marginals: agent -> list or formula of her type, {weights: }, or a family by name; of a bidder with a "
        "value for each grade also by grade, {0: , 1: }, or of vectors: lists in lists, {weights: lists in lists}, "
        "{mixture: chance}, {marginals: , copula: }",
    )
    copula: Any = key(
        TABLE,
        about="with product: masses of equal boxes of the unit cube with uniform marginals, for types that are not independent",
    )
    mixture: Mixture | None = key(
        Mixture, about="correlated: a mixture of identical and independent uniform types"
    )
    data: Any = key(
        ANY, about="observed type profiles: a CSV file with a column an agent, or lists in agent order"
    )
    normalise: str | None = key(
        Choice("true"), about="divide by the sum, exactly: for numbers that were rounded"
    )
    named: str | None = key(Choice("uniform"), about="uniform and independent")
    short = "named"
    shorthand = Choice("uniform").described({})


class Moment(Model):
    """An expectation that is known, or bounded."""

    of: Any = key(TABLE, about="a formula of types, or a table over the grid", needed=True)
    equals: str | None = key(SCALAR)
    at_most: str | None = key(SCALAR, name="at-most")
    at_least: str | None = key(SCALAR, name="at-least")


class SetSpec(Model):
    """A set of distributions; keys that constrain intersect."""

    named: str | None = key(Choice("everything"), about="every distribution")
    listed: Any = key(TABLE, name="list", about="distributions, and their mixtures")
    around: Any = key(
        TABLE,
        about="the center of contamination, variation or contractions: a distribution, `uniform`, or `prior` (the default)",
    )
    contamination: str | None = key(SCALAR, about="(1 - eps) center + eps anything")
    variation: str | None = key(SCALAR, about="total-variation ball: 1/2 |phi - center| <= radius")
    contractions: str | None = key(Choice("true"), about="mean-preserving contractions of the center")
    mean: Any = key(ANY, about="a number, or agent -> number")
    variance: Any = key(ANY, about="a number, or agent -> number; needs the mean")
    quantiles: Any = key(
        ANY, about="type -> chance of a type of at most that (by agent where there are several)"
    )
    moments: list[Moment] | None = key(ListOf(Moment))
    marginals: dict[str, Any] | None = key(
        MapOf(ANY), about="agent -> distribution; the correlation is unknown"
    )
    support: Any = key(TABLE, about="a formula that is not 0 where types are possible")
    range: Any = key(ANY, about="[least, largest] type, or agent -> that")
    independent: dict[str, SetSpec] | None = key(
        MapOf(Later(lambda: SetSpec)), about="agent -> set: products of beliefs about each"
    )
    short = "named"
    shorthand = Choice("everything").described({})


class RowsSpec(Model):
    """Linear rows on the probabilities of type profiles, as saved answers hold them."""

    name: str = key(SCALAR, needed=True)
    equals: list[str] | None = key(ListOf(SCALAR))
    at_least: list[str] | None = key(ListOf(SCALAR), name="at-least")
    at_most: list[str] | None = key(ListOf(SCALAR), name="at-most")
    entries: list[list[str]] = key(
        ListOf(ListOf(SCALAR, exactly=3)), about="[row, column, value]", needed=True
    )


class DesignerSpec(SetSpec):
    """What the designer holds possible: one prior, or a set of them."""

    named: str | None = key(
        Choice("uniform", "everything"), about="the uniform and independent prior, or every prior"
    )
    table: Any = key(TABLE, about="one prior: probabilities over the type grid")
    weights: Any = key(TABLE, about="one prior, divided by its sum")
    product: dict[str, Any] | None = key(MapOf(ANY), about="one prior of independent marginals")
    copula: Any = key(TABLE, about="with product: how the types depend")
    mixture: Mixture | None = key(Mixture, about="one prior that mixes identical and independent types")
    normalise: str | None = key(Choice("true"), about="one prior, divided by its sum")
    data: Any = key(
        ANY, about="observed type profiles: a CSV file with a column an agent, or lists in agent order"
    )
    distance: str | None = key(
        SCALAR,
        about="with data: the Wasserstein ball of this radius (sum of absolute differences of types) around them",
    )
    continuum: str | None = key(
        Choice("true", "rounded"),
        about="true: the types stand for a continuum, so also certify a guarantee there; rounded: only that",
    )
    kind: str = key(SCALAR, "rows", about="a name for the set of `rows`")
    rows: list[RowsSpec] | None = key(
        ListOf(RowsSpec),
        about="linear rows on the probabilities of the profiles (row-major) and further variables",
    )
    further: str = key(SCALAR, "0", about="how many further variables the rows have")
    shorthand = Choice("uniform", "everything").described({})

    @classmethod
    def lengthened(cls, value: Any) -> Any:
        """A list is one of priors, a word a name."""
        return {"list": value} if isinstance(value, list) else super().lengthened(value)


class TypeSets:
    """One set for all types of an agent, or a list with one a type."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`~mechlp.files.keys.Kind`."""
        if isinstance(value, list):
            return ListOf(SetSpec).read(value, path, report)
        return [SetSpec.read(value, path, report)]

    def described(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """See :class:`~mechlp.files.keys.Kind`."""
        return {"anyOf": [SetSpec.described(definitions), ListOf(SetSpec).described(definitions)]}


class BeliefsSpec(Model):
    """What types believe: one common prior, or beliefs type by type."""

    elsewhere = dict.fromkeys(
        ("uniform", "table", "product", "weights", "data"), "it under prior, as in {prior: uniform}"
    )

    @classmethod
    def lengthened(cls, value: Any) -> Any:
        """Nothing is short for keys.  Raises ValueError."""
        raise ValueError(f"expected keys, as in {{prior: uniform}}, found {brief(value)}")

    normalise: str | None = key(
        Choice("true"), about="divide distributions by their sums, exactly: for numbers that were rounded"
    )

    prior: Prior | None = key(Prior, about="the common prior")
    per_type: dict[str, Any] | None = key(
        MapOf(TABLE),
        name="per-type",
        about="agent -> for each of her types, a distribution over the others' profiles",
    )
    sets: dict[str, list[SetSpec]] | None = key(
        MapOf(TypeSets()),
        about="agent -> what her types hold possible about the others: one set, or a list with one a type",
    )
    designer: DesignerSpec | None = key(
        DesignerSpec,
        about="the designer's own prior, for ex-ante objectives, or a set of priors: then the worst one counts",
    )
    continuum: str | None = key(
        Choice("true"),
        about="types fill a box: those listed are the ends of its cells, spread evenly within each; certified ends of the best "
        "revenue for one object in grades, or for one buyer of several goods",
    )


class GoodsSpec(Model):
    """What is assigned when `outcomes: goods`, and what it is worth."""

    items: Any = key(
        Anything(ListOf(SCALAR).described({}), MapOf(SCALAR).described({})),
        about="a list of goods, or good -> how many units; default: the coordinates of the types",
    )
    units: str | None = key(SCALAR, about="instead of items: so many units of one good")
    values: Any = key(
        Anything({"enum": ["additive", "unit-demand"]}, {"type": "object"}),
        "additive",
        about="additive, unit-demand, or agent -> one of these, or bundle -> value (formula), as in {A: 1, A+2B: NAME.A}; "
        "types say what a good is worth by the coordinate of its name",
    )
    free_disposal: str | None = key(
        Choice("true"),
        name="free-disposal",
        about="with bundle -> value: a bundle is worth the best of what it contains; else one that is not listed is worth 0",
    )
    capacity: Any = key(
        Anything(SCALAR.described({}), MapOf(SCALAR).described({})),
        about="how many units an agent may get in all, or agent -> that; default: any number",
    )
    all_assigned: str | None = key(Choice("true"), name="all-assigned", about="no unit remains unsold")


class TradeRoles(Model):
    """Who sells and who buys when `outcomes: trade`."""

    seller: str = key(SCALAR, needed=True)
    buyer: str = key(SCALAR, needed=True)


class MechanismSpec(Model):
    """A mechanism for trade at prices: chosen, the best simple one, or given by a distribution over the prices."""

    named: str | None = key(Choice("chosen", "simple"))
    posted: str | None = key(SCALAR, about="a posted price")
    lottery: Any = key(ANY, about="uniform, or price -> probability: a price is drawn")
    simple_from: Any = key(
        ANY,
        name="simple-from",
        about="uniform, or price -> probability: the simple mechanism of a distribution",
    )
    price: Any = key(TABLE, about="with `chance`, a simple mechanism: the price at each profile of types (formula or table)")
    chance: Any = key(TABLE, about="the probability of trading at `price`; no trade otherwise")
    short = "named"
    shorthand = Choice("chosen", "simple").described({})


class PricesSpec(Model):
    """Trade at prices without side payments, when `outcomes: prices`."""

    grid: Types = key(Types, about="the prices: a list or a range", needed=True)
    power: Any = key(ANY, "1", about="utility = surplus ** power, in (0, 1]; one number, or agent -> number")
    weights: dict[str, Any] = key(MapOf(TABLE), {}, about="agent -> welfare weight (formula); default 1")
    mechanism: MechanismSpec = key(
        MechanismSpec, MechanismSpec(named="chosen"), about="chosen, simple, or given"
    )
    always_trade: str | None = key(
        Choice("true"),
        name="always-trade",
        about="they trade for sure wherever some price leaves neither a loss and one a gain",
    )


class Incentives(Model):
    """A notion of IC, and by how much it may be missed."""

    notion: str | None = key(Choice(*IC, also=SYNONYMS["ic"]))
    slack: Any = key(
        ANY,
        about="by how much a lie may pay more than truth: a number, a formula of the own type and `report`, or agent -> one of "
        "these or a table (type, report)",
    )
    short = "notion"
    shorthand = Choice(*IC, also=SYNONYMS["ic"]).described({})


class Require(Model):
    """IC, IR and BB, and the attitude to ambiguity."""

    ic: Any = key(Incentives, about="incentive compatibility")
    ir: str | None = key(Choice(*IR, also=SYNONYMS["ir"]), about="individual rationality")
    bb: str | None = key(Choice(*BB, also=SYNONYMS["bb"]), about="budget balance")
    alpha: str = key(
        SCALAR,
        "1",
        about="with ic: ambiguous-transfers, the weight of a type on the worst rule (the rest is on the best)",
    )
    dominant = False
    slack: Any = None
    elsewhere = dict.fromkeys(("slack", "epsilon"), "ic: {notion: bayesian, slack: 1/100}")

    @classmethod
    def read(cls, value: Any, path: Path, report: Report) -> Any:
        """See :class:`~mechlp.files.keys.Kind`; ``dominant`` keeps that dominant strategies were asked for."""
        out = super().read(value, path, report)
        asked = value.get("ic") if isinstance(value, Mapping) else None
        notion = asked.get("notion") if isinstance(asked, Mapping) else asked
        out.dominant = str(notion).lower() in DOMINANT
        if out.ic is not None:
            out.ic, out.slack = out.ic.notion, out.ic.slack
        return out


class AllocationSpec(Model):
    """The allocation rule."""

    named: str | None = key(Choice(*ALLOCATIONS))
    table: Any = key(TABLE, about="outcome names, nested lists over the type grid")
    lottery: dict[str, Any] | None = key(MapOf(TABLE), about="outcome -> probability (table or formula)")
    rule: dict[str, str] | None = key(MapOf(SCALAR), about="outcome -> condition; the first that holds")
    short = "named"
    shorthand = Choice(*ALLOCATIONS).described({})


class Limits(Model):
    """Bounds on a transfer: |t| <= limit, or lower and upper."""

    limit: Any = key(TABLE, about="a number or formula of the reports, or a list over the agent's own types")
    lower: Any = key(TABLE)
    upper: Any = key(TABLE)


class Linear(Model):
    """A linear function of the mechanism."""

    allocation: dict[str, Any] | None = key(MapOf(TABLE), about="outcome -> coefficient (formula or table)")
    transfers: dict[str, Any] | None = key(MapOf(TABLE), about="agent -> coefficient (formula or table)")
    expected: str = key(Choice("true", "false"), "true", about="weigh profiles by the designer's prior")


class ObjectiveSpec(Model):
    """What is wanted."""

    named: str | None = key(Choice(*NAMED_OBJECTIVES, also=SYNONYMS["objective"]))
    weighted_interim: dict[str, Any] | None = key(MapOf(TABLE), name="weighted-interim")
    maximize: Linear | None = key(Linear)
    minimize: Linear | None = key(Linear)
    short = "named"
    shorthand = Choice(*NAMED_OBJECTIVES).described({})


class Range(Model):
    """Equally spaced values of a parameter, ends included."""

    start: str = key(SCALAR, name="from", needed=True)
    to: str = key(SCALAR, needed=True)
    count: str = key(SCALAR, needed=True)


class MapSpec(Model):
    """What `mechlp map` shows without options."""

    over: dict[str, Range] = key(MapOf(Range), {}, about="two parameters -> {from: , to: , count: }")
    closed_form: str | None = key(
        Choice("known-means"),
        name="closed-form",
        about="a formula that answers the question at every point",
    )


class ConstraintSpec(Model):
    """A requirement of one's own: a linear form in the mechanism, and its bound."""

    allocation: dict[str, Any] | None = key(
        MapOf(TABLE), about="outcome -> coefficient on its chance (formula or table)"
    )
    transfers: dict[str, Any] | None = key(
        MapOf(TABLE), about="agent -> coefficient on what she receives (formula or table)"
    )
    payoffs: dict[str, Any] | None = key(
        MapOf(TABLE), about="agent -> weight on her payoff, transfers included"
    )
    at_least: Any = key(TABLE, name="at-least")
    at_most: Any = key(TABLE, name="at-most")
    equals: Any = key(TABLE)
    each: str = key(
        SCALAR,
        "profile",
        about="profile, an agent (each of her types, in expectation), or expected (as a whole)",
    )
    where: Any = key(TABLE, about="the profiles at which it is asked: a formula that is not 0 there")


class Given(Model):
    """A mechanism to be examined (`mechlp audit`, `mechlp efficient`): it is not what `solve` looks for."""

    mechanism: str | None = key(Choice(*NAMED, also=ALSO), about="by name, instead of the other keys")
    numbers: dict[str, str] = key(
        MapOf(SCALAR),
        {},
        about="what a mechanism by name takes: reserve (of auctions), price, k; each a formula of parameters",
    )
    allocation: AllocationSpec = key(
        AllocationSpec, about="a table, a lottery, a rule or a name", needed=True, unless="mechanism"
    )
    transfers: dict[str, Any] = key(
        MapOf(TABLE), {}, about="agent -> what she receives (formula or table); default 0"
    )


class Forms:
    """A linear utility, good -> coefficient, or a list of them of which the least counts."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """See :class:`~mechlp.files.keys.Kind`."""
        forms = value if isinstance(value, list) else [value]
        return ListOf(MapOf(TABLE), least=1).read(forms, path, report)

    def described(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """See :class:`~mechlp.files.keys.Kind`."""
        own = MapOf(TABLE).described(definitions)
        return {"anyOf": [own, {"type": "array", "items": own}]}


class EconomySpec(Model):
    """Divisible goods and private values when `outcomes: economy`; every type holds every belief possible."""

    goods: list[str] = key(ListOf(SCALAR, least=1), [], about="their names", needed=True)
    endowments: dict[str, dict[str, str]] = key(
        MapOf(MapOf(SCALAR)), {}, about="agent -> good -> how much she owns; default 0", needed=True
    )
    utilities: dict[str, list[dict[str, Any]]] = key(
        MapOf(Forms()),
        {},
        about="agent -> good -> coefficient (a formula of her type, or a list over her types), and `constant`; or a list of "
        "these, of which the least counts",
        needed=True,
    )
    consumption: dict[str, dict[str, Any]] | None = key(
        MapOf(MapOf(TABLE)),
        about="the social choice function: agent -> good -> how much (a formula of all types, or a table)",
    )


class GameSpec(Model):
    """A finite mechanism: messages, what is done with them, and, where they are to be examined, strategies."""

    messages: dict[str, list[str]] = key(
        MapOf(ListOf(SCALAR, least=1)),
        {},
        about="agent -> her messages; formulas name them as they name types",
    )
    allocation: AllocationSpec = key(
        AllocationSpec,
        AllocationSpec(),
        about="what is done with messages: a table, a lottery or a rule",
        needed=True,
    )
    transfers: dict[str, Any] = key(
        MapOf(TABLE),
        {},
        about="agent -> what she receives, a formula of messages or a table over them; default 0",
    )
    strategies: dict[str, list[str]] = key(
        MapOf(ListOf(SCALAR)),
        {},
        about="agent -> the message of each of her types; default: the one of the type's name",
    )


class CoalitionsSpec(Model):
    """Which coalitions can form, and what is asked about the social choice function that `given:` gives (`mechlp implement`).
    Single agents always can."""

    named: str | None = key(Choice("all", "singletons"))
    size: str | None = key(SCALAR, about="all coalitions of at most so many agents")
    islands: list[list[str]] | None = key(
        ListOf(ListOf(SCALAR, least=1)), about="groups of agents: all coalitions within one of them"
    )
    listed: list[list[str]] | None = key(
        ListOf(ListOf(SCALAR, least=1)), name="list", about="the coalitions one by one"
    )
    functions: dict[str, Given] = key(
        MapOf(Given), {}, about="name -> a further function of the social choice set, as in `given:`"
    )
    game: GameSpec | None = key(
        GameSpec,
        about="a finite mechanism whose equilibria are examined; default: the direct one, and the truth",
    )
    patterns: str | None = key(
        Choice("true"), about="ask what depends on the coalitions that can form also at every pattern within"
    )
    deception: dict[str, list[str]] | None = key(
        MapOf(ListOf(SCALAR)),
        about="agent -> the report of each of her types: who refutes it is asked by interim-refutation; default: the truth",
    )
    update: Prior | None = key(
        Prior,
        about="what members of a coalition believe about the others where Bayes' rule is silent: a prior, whose conditionals on "
        "the members' types are taken",
    )
    checks: list[str] | None = key(
        ListOf(Choice(*CHECKS, *ECONOMY_CHECKS)), about="the conditions that `mechlp implement` examines"
    )
    short = "named"
    shorthand = Choice("all", "singletons").described({})


class File(Model):
    """An environment and what is asked of a mechanism for it."""

    title: str = key(SCALAR, "", about="one line; default: the name of the file")
    description: str = key(SCALAR, "", about="longer text for people")
    source: str = key(SCALAR, "", about="where the environment comes from")
    parameters: dict[str, str] = key(MapOf(SCALAR), {}, about="named numbers; --set NAME=VALUE overrides")
    let: dict[str, str] = key(
        MapOf(SCALAR),
        {},
        about="formulas with a name, for use in formulas: {share: cost/3}, or with arguments, numbers or agents: "
        "{rent(who): who - share}",
    )
    assume: dict[str, str] = key(
        MapOf(SCALAR),
        {},
        about="in words -> a condition on the parameters, without which the file makes no sense",
    )
    agents: dict[str, AgentSpec] = key(
        MapOf(AgentSpec, least=1), {}, about="agent -> types", needed=True, unless="actions"
    )
    actions: dict[str, Types] | None = key(
        MapOf(Types, least=1),
        about="agent -> the actions that may be recommended to her: outcomes are profiles of actions",
    )
    outcomes: Any = key(
        Anything(
            {"type": "array", "items": {"type": "string"}},
            {"enum": ["trade", "single-good", "graded-good", "public-good", "goods", "prices", "economy"]},
            MapOf(MapOf(Types)).described({"Types": {}}),
        ),
        about="a list of names; name -> numbers of its own, as in {keep: {}, sell: {quality: [1, 2]}}: one outcome for each, and "
        "`quality` in its formulas; or built in: trade, single-good, graded-good, public-good, goods, prices, economy",
        needed=True,
        unless="actions",
    )
    goods: GoodsSpec | None = key(
        GoodsSpec, about="with `outcomes: goods`: which goods, who may get how many, and what they are worth"
    )
    trade: TradeRoles | None = key(TradeRoles, about="roles when `outcomes: trade` or `outcomes: prices`")
    prices: PricesSpec | None = key(
        PricesSpec, about="with `outcomes: prices`: the prices, and what is asked of them"
    )
    economy: EconomySpec | None = key(
        EconomySpec, about="with `outcomes: economy`: what agents own and like, and who consumes what"
    )
    payoffs: dict[str, dict[str, Any]] = key(
        MapOf(MapOf(TABLE)), {}, about="outcome -> agent -> number, formula or table; default 0"
    )
    precision: str = key(
        SCALAR,
        str(BITS),
        about="bits to which irrational payoffs (sqrt, exp, log, powers, cara, crra) are known",
    )
    beliefs: BeliefsSpec | None = key(BeliefsSpec, about="needed for anything Bayesian or in expectation")
    outside: dict[str, Any] = key(MapOf(TABLE), {}, about="agent -> payoff of not taking part; default 0")
    allocation: AllocationSpec = key(
        AllocationSpec,
        AllocationSpec(named="chosen"),
        about="efficient, chosen, deterministic, or given",
    )
    transfers: Any = key(
        Anything({"enum": ["free", "none"]}, {"type": "object"}),
        "free",
        about="free, none, {limit: }, {lower: , upper: }, or one of these per agent",
    )
    require: Require = key(Require, Require(), about="ic, ir, bb, alpha")
    money: dict[str, Any] | None = key(
        MapOf(TABLE),
        about="agent -> what a unit of money is worth to her: a formula of her type, or a list over her types; 1 unless given",
    )
    may_report: dict[str, Any] = key(
        MapOf(ANY),
        {},
        name="may-report",
        about="agent -> the lies that are possible: a formula of the own type and `report` that is not 0 there, or type -> list "
        "of reports; the own type always is",
    )
    constraints: dict[str, ConstraintSpec] = key(
        MapOf(ConstraintSpec), {}, about="name -> a linear requirement of one's own"
    )
    objective: ObjectiveSpec = key(ObjectiveSpec, ObjectiveSpec(named="feasibility"), about="what is wanted")
    given_mechanism: Given | None = key(Given, name="given", about="a mechanism to be examined")
    coalitions: CoalitionsSpec | None = key(
        CoalitionsSpec, about="which coalitions can form, for `mechlp implement`"
    )
    secondary: str = key(
        Choice(*SECONDARY),
        "nice",
        about="which optimum is shown: nice (symmetric, then least transfers, then few numbers), the one with the smallest "
        "transfers in max-norm or 1-norm, or none, whichever is found first",
    )
    elsewhere: ClassVar[Mapping[str, str]] = {
        "misreports": "may-report",
        "capacity": "constraints: {capacity: {allocation: {OUTCOME: 1}, at-most: 1/4, each: expected}}",
        "prior": "beliefs: {prior: uniform}",
        "types": "types under agents, as in agents: {buyer: [1, 2, 3]}",
        "mechanism": "given: {mechanism: pivot}",
    }
    map: MapSpec | None = key(MapSpec, about="two parameters, for mechlp map")


def schema() -> dict[str, Any]:
    """The JSON schema of a problem file, for editors."""
    return {"title": "mechlp problem", **json_schema(File)}
