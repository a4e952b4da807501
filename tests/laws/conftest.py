"""What the parts of the laws and of the attack found, added up after the last test."""

import re
from collections import Counter


def pytest_terminal_summary(terminalreporter):
    found = {"laws": Counter(), "attack": Counter()}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, counts in getattr(report, "user_properties", ()):
                if name in found and report.when == "call":
                    found[name].update(counts)
    for name, counts in found.items():
        for line in _figures(counts):
            terminalreporter.write_line(f"{name}: {line}")


def _figures(counts):
    environments = sum(v for k, v in counts.items() if k.startswith("status "))
    if environments:
        yield f"{environments:,} environments"
    if counts:
        yield ", ".join(f"{v:,} {re.sub('^status ', '', k)}" for k, v in sorted(counts.items()))
