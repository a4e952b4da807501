"""How large a program is, before it is written."""

from __future__ import annotations

from dataclasses import dataclass

from ...question.design import Design


@dataclass(frozen=True)
class Size:
    """Rows, columns and entries of a program."""

    rows: int
    columns: int
    entries: int

    def __str__(self) -> str:
        return f"{self.rows:,} rows, {self.columns:,} columns, {self.entries:,} entries"


def full_size(design: Design) -> Size:
    """The size of the program without reductions, by counting."""
    environment = design.environment
    profiles, outcomes = environment.num_profiles, len(environment.outcomes)
    chosen, paid = design.lottery is None, design.transfers != "none"
    rows = profiles * chosen
    columns = profiles * (outcomes * chosen + environment.n * paid)
    entries = profiles * outcomes * chosen
    for i, agent in enumerate(environment.agents):
        others = profiles // agent.size
        for notion, truth in ((design.ic_notion, False), (design.ir_notion, True)):
            if notion is None:
                continue
            states = notion.states(environment, i)
            count = states.size * len(states.types) * (1 if states.summed else others)
            cells = (outcomes * chosen + paid) * (others if states.summed else 1)
            rows += count if truth else count * agent.size
            columns += 0 if truth else count
            if truth:
                entries += count if design.ic_notion is notion else count * cells
            else:
                entries += count * agent.size * (1 + cells)
    if design.bb != "none" and paid:
        rows += profiles if design.bb.startswith("ex-post") else 1
        entries += profiles * environment.n
    return Size(rows, columns, entries)


__all__ = ["Size", "full_size"]
