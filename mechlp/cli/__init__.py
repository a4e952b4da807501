"""The command line: parse, call, print.  Each command is a module of this package, read when it is called.

Exit status: 0 a mechanism exists, the condition holds, the certificate is accepted; 1 proved impossible, the condition
fails, the certificate is refused; 2 the input is wrong; 3 undecided; 70 a defect; 74 a file could not be written.
"""

from __future__ import annotations

import click

from ..version import __version__
from .group import Commands

__all__ = ["main"]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mechlp")
def main() -> None:
    """Design economic mechanisms by linear programming, with certificates.

    Exit status: 0 a mechanism exists, the condition holds, the certificate is accepted; 1 proved impossible, fails,
    refused; 2 the input is wrong; 3 undecided; 70 a defect of mechlp; 74 printed, but a file could not be written.
    """
