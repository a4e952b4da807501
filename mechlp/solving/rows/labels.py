"""Names of single columns and rows, made only when someone reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .setting import Setting

Label = Callable[[tuple[int, ...]], str]


@dataclass(frozen=True, eq=False)
class Labels:
    """Makes labels of cells; axes are those of the blocks and families."""

    setting: Setting

    def under(self, rule: int) -> str:
        """Which rule, where there are several."""
        return f" | rule {rule + 1}" if self.setting.rules.count > 1 else ""

    def chance(self, cell: tuple[int, ...]) -> str:
        """Cells ``(copy, *profile, outcome)``."""
        environment = self.setting.environment
        outcome, profile = environment.outcomes[cell[-1]], environment.profile_label(cell[1:-1])
        return f"q[{outcome} | {profile}{self.under(cell[0]) if self.setting.copies > 1 else ''}]"

    def lottery(self, cell: tuple[int, ...]) -> str:
        """Cells ``(copy, *profile)``."""
        return f"lottery[{self.setting.environment.profile_label(cell[1:])}{self.under(cell[0])}]"

    def transfer(self, agent: int) -> Label:
        """Cells ``(rule, *profile)``."""
        environment = self.setting.environment
        name = environment.agents[agent].name
        return lambda c: f"t[{name} | {environment.profile_label(c[1:])}{self.under(c[0])}]"

    def rent(self, agent: int) -> Label:
        """Cells are profiles."""
        environment = self.setting.environment
        name = environment.agents[agent].name
        return lambda c: f"rent[{name} | {environment.profile_label(c)}]"

    def interim(self, name: str, agent: int, skip: int = 0) -> Label:
        """Cells ``(report, factor, ...)`` after ``skip`` more."""
        one = self.setting.environment.agents[agent]
        return lambda c: f"{name}[{one.name} | {one.types[c[skip]]}; {','.join(map(str, c[skip + 1 :]))}]"

    def balance(self, cell: tuple[int, ...]) -> str:
        """Cells ``(rule, *profile)`` or ``(rule,)``."""
        profile = self.setting.environment.profile_label(cell[1:]) if len(cell) > 1 else "expected"
        return f"BB[{profile}{self.under(cell[0])}]"

    def payoff(self, name: str, e: Evaluation, rules: int = 0) -> Label:
        """Cells ``(state[, rule], type[, others])``."""
        agent = self.setting.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own = int(e.types[cell[1 + rules]])
            under = self.under(cell[1]) if rules else ""
            return f"{name}[{agent.name}: {agent.types[own]}{context(e, cell[0], own, cell[2 + rules :])}{under}]"

        return label

    def lies(self, name: str, e: Evaluation) -> Label:
        """Cells ``(state, lie)``."""
        agent, (own, report) = self.setting.environment.agents[e.agent], self.setting.told(e)
        punishes = self.setting.rules.punishes[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            k, told = e.types[own[cell[1]]], report[cell[1]]
            where = context(e, cell[0], int(k), ())
            if e.worst:
                where = f" | {e.notion.seen(e.environment, e.agent, int(punishes[k, told]))}"
            return f"{name}[{agent.name}: {agent.types[k]} -> {agent.types[told]}{where}]"

        return label

    def grid(self, e: Evaluation) -> Label:
        """Cells ``(state, type, report[, others])``, truth among the reports."""
        agent = self.setting.environment.agents[e.agent]

        def label(cell: tuple[int, ...]) -> str:
            own, report = int(e.types[cell[1]]), cell[2]
            where = context(e, cell[0], own, cell[3:])
            if own == report:
                return f"truth[{agent.name}: {agent.types[own]}{where}]"
            return f"IC[{agent.name}: {agent.types[own]} -> {agent.types[report]}{where}]"

        return label


def context(e: Evaluation, state: int, own: int, others: tuple[int, ...]) -> str:
    """In which state of a type, and at which types of the others."""
    name = e.notion.named(e.environment, e.agent, e.states, (state, own, others)) if e.states.size > 1 else ""
    parts = [name] if name else []
    agents = [a for k, a in enumerate(e.environment.agents) if k != e.agent]
    parts += [f"{a.name}={a.types[k]}" for a, k in zip(agents, others, strict=False)]
    return " | " + ", ".join(parts) if parts else ""


__all__ = ["Label", "Labels", "context"]
