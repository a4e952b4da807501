"""One environment under many requirements, side by side."""

from __future__ import annotations

from collections.abc import Callable

from ..answer import Answer
from ..design.design import BB, IC, IR, Design, InvalidDesign


def compare(
    design: Design, *, time_limit: float | None = None, progress: Callable[[str], None] | None = None
) -> list[tuple[tuple[str, str, str], Answer]]:
    """The answer to a design under every IC x IR x BB that makes sense for it.

    Notions that need beliefs or a prior are left out where there are none.  ``time_limit`` is for each.
    """
    rows = []
    for ic in IC:
        for ir in IR:
            for bb in BB:
                try:
                    asked = design.asking(ic=ic, ir=ir, bb=bb)
                except InvalidDesign:
                    continue
                if progress is not None:
                    progress(f"ic {ic}, ir {ir}, bb {bb}")
                rows.append(((ic, ir, bb), asked.solve(time_limit=time_limit, relax=False)))
    return rows
