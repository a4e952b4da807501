"""The entry of ``mechlp`` and ``python -m mechlp``: an interrupt has its own exit status, at any moment."""

import gc
import os
import sys

#: Objects between two searches for rubbish: while modules load there is none, and little of what a solve makes has circles.
RUBBISH = 50_000


def main() -> None:
    """Run the command line."""
    gc.set_threshold(RUBBISH)
    # Before numpy loads: dense matrices are small here, and threads for them cost more than they save, most beside other work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from .cli import main as run  # inside, so that an interrupt while it loads is one like any other

        run(prog_name="mechlp")
    except KeyboardInterrupt:  # before, or after, the commands look after themselves
        os.write(2, b"interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
