"""``mechlp completion``: completion for a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

WHERE = {
    "bash": "mechlp completion bash > ~/.local/share/bash-completion/completions/mechlp",
    "zsh": "mechlp completion zsh > _mechlp, in a folder of $fpath",
    "fish": "mechlp completion fish > ~/.config/fish/completions/mechlp.fish",
}


@click.command("completion", epilog="\b\n" + "\n".join(WHERE.values()))
@click.argument("shell", type=click.Choice(tuple(WHERE)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands, options and files in a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "mechlp", "_MECHLP_COMPLETE").source())
