"""What reading a small file loads."""

import subprocess
import sys

SMALL = "agents: {b: [1, 2]}\noutcomes: [x, y]\npayoffs: {x: {b: b}}\nbeliefs: {prior: uniform}\n"
HEAVY = ("scipy", "flint", "highspy", "rich", "click", "pydantic", "pandas", "matplotlib")


def test_reading_loads_numpy_and_yaml_and_nothing_else_that_is_heavy():
    script = (
        f"import sys, mechlp; mechlp.read_text({SMALL!r}); "
        f"print([m for m in {HEAVY} if m in sys.modules], 'numpy' in sys.modules, "
        "[m for m in sys.modules if m.startswith(('mechlp.solving', 'mechlp.program', 'mechlp.files.symmetric'))])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[] True []"
