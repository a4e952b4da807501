"""README's theorems are what the commands print."""

import pytest
from theorems import README, printed, rows

TABLE = rows(README.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", TABLE)
def test_the_table_says_what_the_command_prints(command):
    assert TABLE[command] == printed(command)


def test_every_shipped_theorem_is_there():
    assert len(TABLE) >= 6 and "possible iff B <= a, or a = 0" in " ".join(TABLE.values())
