"""An answer in a notebook: the terminal page, as HTML."""

from __future__ import annotations

import io

from rich.console import Console

from ..answer.protocol import BaseAnswer
from .pages import page


def answer_html(answer: BaseAnswer) -> str:
    """HTML of the answer's page, self-contained."""
    console = Console(record=True, markup=False, width=110, file=io.StringIO(), force_terminal=True)
    console.print(page(answer))
    return console.export_html(
        inline_styles=True, code_format="<pre style='font-family:monospace'>{code}</pre>"
    )
