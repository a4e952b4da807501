"""What reading a small file loads, and what it is called."""

import json
import subprocess
import sys

import mechlp

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


def test_a_file_without_a_title_has_its_name_in_pages_pictures_and_answers(tmp_path):
    text = "parameters: {h: 2}\nagents: {buyer: [1, h]}\nbeliefs: {prior: uniform}\noutcomes: [keep, sell]\npayoffs: {sell: {buyer: buyer}}\n"
    path, named = tmp_path / "selling.yaml", tmp_path / "named.yaml"
    path.write_text(text)
    named.write_text(f"title: A sale\n{text}")
    reading = mechlp.read(path)
    assert reading.design.environment.title == "selling" and mechlp.read(named).design.environment.title == "A sale"
    found = mechlp.region(reading, over="h=3/2:6")
    assert found.title == "selling" and "selling" in found._repr_html_()
    (tmp_path / "found.json").write_text(json.dumps(found.to_json()))
    assert mechlp.verify_file(tmp_path / "found.json", named).accepted  # a title makes no other problem
    assert mechlp.read_text(text).design.environment.title == ""
