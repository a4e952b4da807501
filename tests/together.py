"""What is made once for all tests and workers of a run."""

import fcntl
import os
from contextlib import contextmanager


@contextmanager
def once(factory, name):
    """A directory of all workers, and whether this one is the first there: the others wait until it is done."""
    base = factory.getbasetemp()
    place = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place, not (place / "done").exists()
        (place / "done").touch()
