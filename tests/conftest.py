"""What every test shares: the repository's root and hypothesis without deadlines."""

import json
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from together import once

# A shared machine makes a deadline a coin toss; in CI the examples are the same every run.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# A shell starts what it puts in the background with interrupts ignored, and every process of a test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The directory of pyproject.toml."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shipped(root, tmp_path_factory, unhurried):
    """The saved answer to the question of a shipped file, by the file's name: solved once for all tests and workers."""

    def saved(name):
        import mechlp
        from mechlp.exact.saved import json_text

        with once(tmp_path_factory, f"shipped-{name}") as (place, first):
            if first:
                found = mechlp.read(root / "configs" / f"{name}.yaml").design.solve()
                (place / "answer.json").write_text(json_text(found.to_json()))
        return json.loads((place / "answer.json").read_text())

    return saved


@pytest.fixture(scope="session", autouse=True)
def unhurried():
    """What is said beside an answer has ten times its moment: a busy machine must not decide what a test sees."""
    from mechlp.deadline import BESIDE
    from mechlp.solving.solve import _Run

    beside = _Run.beside
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Run, "beside", lambda run, moment=BESIDE: beside(run, 10 * moment))
        yield
