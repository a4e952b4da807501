"""``python -m mechlp``."""

from .cli import main

main(prog_name="mechlp")
