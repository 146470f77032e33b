"""The built-in simulation: its findings, and whether it is repeatable."""

import re

from .processes import MeasurementError, run
from .settings import Figure

SEEDS = 10_000
RUNS = 2
LAST_LINE = re.compile(r"seeds=(\d+) seconds=([\d.]+) findings=(\d+) trace=([0-9a-f]{16})")


def measure(settings, say):
    """Findings, traces and time of repeated runs with the same seeds."""
    rows = []
    for number in range(RUNS):
        say(f"{SEEDS} seeds of the simulation, run {number + 1} of {RUNS}")
        rows.append(simulate(settings))
    found = sum(row["findings"] for row in rows)
    traces = sorted({row["trace"] for row in rows})
    slowest = max(row["seconds"] for row in rows)
    return {"seeds": SEEDS, "runs": rows}, [
        Figure(f"findings in {RUNS} × {SEEDS} seeds of the simulation", found, "", 0,
               next((row["first"] for row in rows if row["findings"]), "")),
        Figure("different traces of the same seeds", len(traces), "", 1, ", ".join(traces)),
        Figure(f"time for {SEEDS} seeds", slowest, "s", 60),
    ]


def simulate(settings):
    """The output of one run. It exits with 1 if there are findings, which is a valid result."""
    printed = run([settings.program("sake-simulate"), "--seeds", SEEDS], timeout=300, check=False)
    lines = printed.splitlines() or [""]
    told = LAST_LINE.fullmatch(lines[-1])
    if not told or int(told[1]) != SEEDS:
        raise MeasurementError(f"the simulation did not come to its end: {lines[-1]}")
    return {"seconds": float(told[2]), "findings": int(told[3]), "trace": told[4],
            "first": lines[0] if len(lines) > 1 else ""}
