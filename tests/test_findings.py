"""The findings are listed, pinned, and name tests that exist; the scripts themselves run outside CI."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))


def test_every_script_is_listed_with_a_test_that_exists():
    rows = re.findall(
        r"^\| `([\w-]+)` \|.*\| ([^|]+) \|$", (ROOT / "findings/README.md").read_text(), re.MULTILINE
    )
    assert sorted(name for name, _ in rows) == [path.stem for path in SCRIPTS]
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for _, where in rows:
        for name in re.findall(r"test_\w+(?=[`.]| )", where.replace(".py", "")):
            assert f"def {name.rstrip('_')}" in tests or f"{name}.py" in [
                p.name for p in (ROOT / "tests").rglob("*.py")
            ]


def test_every_script_pins_what_it_installs_and_fails_where_it_must():
    for path in SCRIPTS:
        text = path.read_text()
        for line in re.findall(r"pip install (.*)", text):
            packages = [word for word in line.split() if not word.startswith("-")]
            assert packages and all("==" in word for word in packages), path.name
        assert "set -euo pipefail" in text and "mktemp -d" in text
        assert "no longer so" in text
