"""The shape of a problem file: which keys there are and what each takes (pydantic; also the JSON schema)."""

# mypy: disable-error-code="valid-type,call-arg,arg-type"
# The choices come from the design room's own tuples, which a type checker cannot read as literals.

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from ..question.design import ALLOCATIONS, BB, IC, IR, OBJECTIVES, SECONDARY

_SCALAR = {"type": ["string", "number", "integer"]}


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a single value, found {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "keys" if isinstance(value, dict) else "a list"
    return repr(value)[:60]


Scalar = Annotated[str, BeforeValidator(_scalar), WithJsonSchema(_SCALAR)]
#: A number, a formula, or nested lists of them: its own check is in the reader, where the grid is known.
Table = Annotated[Any, WithJsonSchema({"anyOf": [_SCALAR, {"type": "array"}]})]


class OrAlso:
    """In the JSON schema: the model, or a shorthand."""

    def __init__(self, shorthand: dict[str, Any]) -> None:
        self.shorthand = shorthand

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [self.shorthand, handler(core_schema)]}


def _as(model: str) -> Any:
    """Shorthand: a plain value stands for ``{model: value}``."""
    return lambda value: value if isinstance(value, dict) else {model: value}


class Model(BaseModel):
    """Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid")


def _types(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError("expected a list of types, or {from: , to: , count: }")
    return value if isinstance(value, dict) else {"values": value}


class Types(Model):
    """Types by list, or by range."""

    values: list[Scalar] | None = Field(None, min_length=1)
    start: Scalar | None = Field(None, alias="from")
    to: Scalar | None = None
    count: Scalar | None = None
    dimensions: Scalar | None = Field(
        None, description="with outcomes: graded-good, the number of grades: a type has one value a grade"
    )


class AgentSpec(Model):
    """An agent: her types, and how many identical agents (named NAME1, NAME2, ...) are meant."""

    types: Annotated[Types, BeforeValidator(_types), OrAlso({"type": "array", "items": _SCALAR})]
    copies: Scalar | None = Field(None, description="make this many identical agents")


class Marginal(Model):
    """A distribution over one agent's types, from a named family."""

    family: Literal["uniform", "trapezoid", "triangular", "geometric", "power"]
    ratio: Scalar | None = Field(None, description="geometric: weight of a type over that of the one before")
    exponent: Scalar | None = Field(None, description="power: F(k/m) = (k/m)^exponent, a positive integer")


class Mixture(Model):
    """``weight`` on all agents having the same position in their type lists, the rest independent uniform."""

    weight: Scalar


class Prior(Model):
    """One prior over type profiles."""

    table: Table | None = Field(None, description="probabilities, nested lists over the type grid")
    product: dict[str, Any] | None = Field(
        None, description="independent marginals: agent -> list, `uniform`, or a family"
    )
    mixture: Mixture | None = Field(
        None, description="correlated: a mixture of identical and independent uniform types"
    )
    named: Literal["uniform"] | None = Field(None, description="uniform and independent")


PriorSpec = Annotated[Prior, BeforeValidator(_as("named")), OrAlso({"const": "uniform"})]


class Moment(Model):
    """An expectation that is known, or bounded."""

    of: Table = Field(description="a formula of types, or a table over the grid")
    equals: Scalar | None = None
    at_most: Scalar | None = Field(None, alias="at-most")
    at_least: Scalar | None = Field(None, alias="at-least")


class SetSpec(Model):
    """A set of distributions; keys that constrain intersect."""

    named: Literal["everything"] | None = Field(None, description="every distribution")
    listed: Table | None = Field(None, alias="list", description="distributions, and their mixtures")
    around: Table | None = Field(
        None,
        description="the center of contamination, variation or contractions: a distribution, `uniform`, or `prior` (the default)",
    )
    contamination: Scalar | None = Field(None, description="(1 - eps) center + eps anything")
    variation: Scalar | None = Field(None, description="total-variation ball: 1/2 |phi - center| <= radius")
    contractions: Literal["true"] | None = Field(
        None, description="mean-preserving contractions of the center"
    )
    mean: Any = Field(None, description="a number, or agent -> number")
    variance: Any = Field(None, description="a number, or agent -> number; needs the mean")
    quantiles: Any = Field(
        None, description="type -> chance of a type of at most that (by agent where there are several)"
    )
    moments: list[Moment] | None = None
    marginals: dict[str, Any] | None = Field(
        None, description="agent -> distribution; the correlation is unknown"
    )
    support: Table | None = Field(None, description="a formula that is not 0 where types are possible")
    range: Any = Field(None, description="[least, largest] type, or agent -> that")
    independent: dict[str, SetSpec] | None = Field(
        None, description="agent -> set: products of beliefs about each"
    )


def _sets(value: Any) -> Any:
    return [_as("named")(v) for v in (value if isinstance(value, list) else [value])]


class RowsSpec(Model):
    """Linear rows on the probabilities of type profiles, as saved answers hold them."""

    name: Scalar
    equals: list[Scalar] | None = None
    at_least: list[Scalar] | None = Field(None, alias="at-least")
    at_most: list[Scalar] | None = Field(None, alias="at-most")
    entries: list[tuple[Scalar, Scalar, Scalar]] = Field(description="[row, column, value]")


def _designer(value: Any) -> Any:
    if isinstance(value, list):
        return {"list": value}
    return value if isinstance(value, dict) else {"named": value}


class DesignerSpec(SetSpec):
    """What the designer holds possible: one prior, or a set of them."""

    named: Literal["uniform", "everything"] | None = Field(  # type: ignore[assignment]
        None, description="the uniform and independent prior, or every prior"
    )
    table: Table | None = Field(None, description="one prior: probabilities over the type grid")
    product: dict[str, Any] | None = Field(None, description="one prior of independent marginals")
    mixture: Mixture | None = Field(None, description="one prior that mixes identical and independent types")
    data: Any = Field(
        None, description="observed type profiles: a CSV file with a column an agent, or lists in agent order"
    )
    distance: Scalar | None = Field(
        None,
        description="with data: the Wasserstein ball of this radius (sum of absolute differences of types) around them",
    )
    continuum: (
        Annotated[Literal["true", "rounded"], WithJsonSchema({"enum": [True, "true", "rounded"]})] | None
    ) = Field(
        None,
        description="true: the types stand for a continuum, so also certify a guarantee there; rounded: only that",
    )
    kind: Scalar = Field("rows", description="a name for the set of `rows`")
    rows: list[RowsSpec] | None = Field(
        None, description="linear rows on the probabilities of the profiles (row-major) and further variables"
    )
    further: Scalar = Field("0", description="how many further variables the rows have")


class BeliefsSpec(Model):
    """What types believe: one common prior, or beliefs type by type."""

    prior: PriorSpec | None = Field(None, description="the common prior")
    per_type: dict[str, Table] | None = Field(
        None,
        alias="per-type",
        description="agent -> for each of her types, a distribution over the others' profiles",
    )
    sets: (
        dict[str, Annotated[list[SetSpec], BeforeValidator(_sets), OrAlso({"type": ["object", "string"]})]]
        | None
    ) = Field(
        None,
        description="agent -> what her types hold possible about the others: one set, or a list with one a type",
    )
    designer: (
        Annotated[DesignerSpec, BeforeValidator(_designer), OrAlso({"enum": ["uniform", "everything"]})]
        | None
    ) = Field(
        None,
        description="the designer's own prior, for ex-ante objectives, or a set of priors: then the worst one counts",
    )


class TradeRoles(Model):
    """Who sells and who buys when `outcomes: trade`."""

    seller: Scalar
    buyer: Scalar


class MechanismSpec(Model):
    """A mechanism for trade at prices: chosen, the best simple one, or given by a distribution over the prices."""

    named: Literal["chosen", "simple"] | None = None
    posted: Scalar | None = Field(None, description="a posted price")
    lottery: Any = Field(None, description="uniform, or price -> probability: a price is drawn")
    simple_from: Any = Field(
        None,
        alias="simple-from",
        description="uniform, or price -> probability: the simple mechanism of a distribution",
    )


class PricesSpec(Model):
    """Trade at prices without side payments, when `outcomes: prices`."""

    grid: Annotated[Types, BeforeValidator(_types), OrAlso({"type": "array", "items": _SCALAR})] = Field(
        description="the prices: a list or a range"
    )
    power: Any = Field(
        "1", description="utility = surplus ** power, in (0, 1]; one number, or agent -> number"
    )
    weights: dict[str, Table] = Field(
        default_factory=dict, description="agent -> welfare weight (formula); default 1"
    )
    mechanism: Annotated[
        MechanismSpec, BeforeValidator(_as("named")), OrAlso({"enum": ["chosen", "simple"]})
    ] = Field(default_factory=lambda: MechanismSpec(named="chosen"), description="chosen, simple, or given")


class Require(Model):
    """IC, IR and BB, and the attitude to ambiguity."""

    ic: Literal[IC] | None = Field(None, description="incentive compatibility")
    ir: Literal[IR] | None = Field(None, description="individual rationality")
    bb: Literal[BB] | None = Field(None, description="budget balance")
    alpha: Scalar = Field(
        "1",
        description="with ic: ambiguous-transfers, the weight of a type on the worst rule (the rest is on the best)",
    )


class AllocationSpec(Model):
    """The allocation rule."""

    named: Literal[ALLOCATIONS] | None = None
    table: Table | None = Field(None, description="outcome names, nested lists over the type grid")
    lottery: dict[str, Table] | None = Field(None, description="outcome -> probability (table or formula)")
    rule: dict[str, Scalar] | None = Field(None, description="outcome -> condition; the first that holds")


class Limits(Model):
    """Bounds on a transfer: |t| <= limit, or lower and upper."""

    limit: Scalar | None = None
    lower: Scalar | None = None
    upper: Scalar | None = None


class Linear(Model):
    """A linear function of the mechanism."""

    allocation: dict[str, Table] | None = Field(None, description="outcome -> coefficient (formula or table)")
    transfers: dict[str, Table] | None = Field(None, description="agent -> coefficient (formula or table)")
    expected: Literal["true", "false"] = Field("true", description="weigh profiles by the designer's prior")


class ObjectiveSpec(Model):
    """What is wanted."""

    named: Literal[(*OBJECTIVES[:4], "undominated")] | None = None
    weighted_interim: dict[str, Table] | None = Field(None, alias="weighted-interim")
    maximize: Linear | None = None
    minimize: Linear | None = None


class Range(Model):
    """Equally spaced values of a parameter, ends included."""

    start: Scalar = Field(alias="from")
    to: Scalar
    count: Scalar


class MapSpec(Model):
    """What `mechlp map` shows without options."""

    over: dict[str, Range] = Field(
        default_factory=dict, description="two parameters -> {from: , to: , count: }"
    )
    closed_form: Literal["known-means"] | None = Field(
        None, alias="closed-form", description="a formula that answers the question at every point"
    )


class Given(Model):
    """A mechanism to be examined (`mechlp efficient`): it is not what `solve` looks for."""

    allocation: AllocationSpec = Field(description="a table, a lottery or a rule")
    transfers: dict[str, Table] = Field(
        default_factory=dict, description="agent -> what she receives (formula or table); default 0"
    )


def _agent(value: Any) -> Any:
    return value if isinstance(value, dict) else {"types": value}


_Agent = Annotated[AgentSpec, BeforeValidator(_agent), OrAlso({"type": "array", "items": _SCALAR})]


class File(Model):
    """An environment and what is asked of a mechanism for it."""

    title: Scalar = Field("", description="one line")
    description: Scalar = Field("", description="longer text for people")
    source: Scalar = Field("", description="where the environment comes from")
    parameters: dict[str, Scalar] = Field(
        default_factory=dict, description="named numbers; --set NAME=VALUE overrides"
    )
    assume: dict[str, Scalar] = Field(
        default_factory=dict,
        description="in words -> a condition on the parameters, without which the file makes no sense",
    )
    agents: dict[str, _Agent] = Field(min_length=1, description="agent -> types")
    outcomes: Annotated[
        Any,
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    {"enum": ["trade", "single-good", "graded-good", "public-good", "prices"]},
                ]
            }
        ),
    ] = Field(
        description="a list of names, or built in: trade, single-good, graded-good, public-good, prices"
    )
    trade: TradeRoles | None = Field(None, description="roles when `outcomes: trade` or `outcomes: prices`")
    prices: PricesSpec | None = Field(
        None, description="with `outcomes: prices`: the prices, and what is asked of them"
    )
    payoffs: dict[str, dict[str, Table]] = Field(
        default_factory=dict, description="outcome -> agent -> number, formula or table; default 0"
    )
    beliefs: BeliefsSpec | None = Field(None, description="needed for anything Bayesian or in expectation")
    outside: dict[str, Table] = Field(
        default_factory=dict, description="agent -> payoff of not taking part; default 0"
    )
    allocation: Annotated[
        AllocationSpec, BeforeValidator(_as("named")), OrAlso({"enum": list(ALLOCATIONS)})
    ] = Field(
        default_factory=lambda: AllocationSpec(named="chosen"),
        description="efficient, chosen, deterministic, or given",
    )
    transfers: Annotated[Any, WithJsonSchema({"anyOf": [{"enum": ["free", "none"]}, {"type": "object"}]})] = (
        Field("free", description="free, none, {limit: }, {lower: , upper: }, or one of these per agent")
    )
    require: Require = Field(default_factory=Require, description="ic, ir, bb, alpha")
    objective: Annotated[
        ObjectiveSpec, BeforeValidator(_as("named")), OrAlso({"enum": [*OBJECTIVES[:4], "undominated"]})
    ] = Field(default_factory=lambda: ObjectiveSpec(named="feasibility"), description="what is wanted")
    given: Given | None = Field(None, description="a mechanism to be examined")
    secondary: Literal[SECONDARY] = Field("none", description="among optima, the smallest transfers")
    map: MapSpec | None = Field(None, description="two parameters, for mechlp map")


def schema() -> dict[str, Any]:
    """The JSON schema of a problem file, for editors."""
    out = File.model_json_schema(by_alias=True)
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    out["title"] = "mechlp problem"
    return out
