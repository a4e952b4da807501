"""A task that ends the process in which it runs."""

import os
import signal


def poisoned(task):
    if task == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    yield task
