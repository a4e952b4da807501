"""The entry of ``mechlp`` and ``python -m mechlp``: an interrupt has its own exit status, at any moment."""

import os
import sys


def main() -> None:
    """Run the command line."""
    try:
        from .cli import main as run  # inside, so that an interrupt while it loads is one like any other

        run(prog_name="mechlp")
    except KeyboardInterrupt:  # before, or after, the commands look after themselves
        os.write(2, b"interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
