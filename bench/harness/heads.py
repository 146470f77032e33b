"""Heads of real clients that never repeat: CPU time against a server that parses nothing, and instructions."""

import json
import statistics
from dataclasses import dataclass

from . import contestants, counting, rounds
from .processes import MeasurementError, run
from .settings import Figure, median_ratio

HEADS = contestants.SOURCES.parent / "heads"
FLOOR = "floor"

# Of one browser's head of 655 octets with 13 fields: limits on CPU time against the floor.
DEPTHS = {1: 1.08, 16: 1.4}

@dataclass(frozen=True)
class Traffic:
    """Heads of one kind of client, and the limits on instructions by depth (None: no target)."""
    name: str
    file: str
    path: str
    targets: dict
    routes: int = 0  # further ones in the table
    how: tuple = ()


TRAFFIC = (
    Traffic("a browser's head that never repeats", "browser.txt", "/plaintext", {1: 4_500, 16: 3_800}),
    Traffic("an API client's head that never repeats", "api_client.txt", "/json", {1: None}),
    Traffic("a short head with a path that varies, 200 routes", "varying_path.txt", "/users",
            {1: 2_400, 16: 1_700}, routes=200),
    Traffic("a short head with a path that varies, 10 000 routes", "varying_path.txt", "/users",
            {1: None}, routes=10_000),
    Traffic("a health check's head, always the same", "health_check.txt", "/ping", {1: None},
            how=("--repeat",)),
)


def load(settings, port, head, path, depth, *how):
    """The number of answers to that load."""
    printed = run([settings.program("sake-bench-heads"), "--port", port, "--head", HEADS / head,
                   "--path", path, "--depth", depth, *how], timeout=180, core=settings.load_core)
    return json.loads(printed)["requests"]


def measure(settings, say):
    rows, figures = measure_cpu(settings, say)
    counts, more = measure_instructions(settings, say)
    return {"rounds": rows, "instructions": counts}, figures + more


def measure_cpu(settings, say):
    servers = [contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1),
               contestants.raw_beast(settings.build_dir), contestants.floor(settings.build_dir)]
    report, figures = {}, []
    with rounds.running(settings, servers) as started:
        for depth, target in DEPTHS.items():
            rows = rounds.interleaved(
                settings, say, f"heads that never repeat, depth {depth}", started,
                rounds.cpu_of(lambda port: load(settings, port, "browser.txt", "/plaintext", depth,
                                                "--seconds", settings.round_seconds)))
            report[f"depth {depth}"] = rows
            medians = {name: statistics.median(row["cpu_us"] for row in of) for name, of in rows.items()}
            figures.append(Figure(
                f"a browser's head that never repeats, depth {depth}: CPU time against the floor",
                median_ratio(rows["sake"], rows[FLOOR], "cpu_us"), "×", target,
                ", ".join(f"{name} {time:.2f} µs" for name, time in medians.items())))
    return report, figures


def measure_instructions(settings, say):
    counts, figures = {}, []
    for each in TRAFFIC:
        for depth, target in each.targets.items():
            name = f"{each.name}, depth {depth}"
            say(f"instructions, {name}")
            counts[name] = instructions(settings, each, depth)
            figures.append(Figure(f"instructions, {name}", counts[name], "", target))
    return counts, figures


def instructions(settings, traffic, depth):
    contestant = contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1,
                                  "--routes", traffic.routes)

    def ask(port, requests):
        answers = load(settings, port, traffic.file, traffic.path, depth, "--requests", requests,
                       *traffic.how)
        if answers != requests:
            raise MeasurementError("another number of answers")

    return counting.difference(settings, contestant, counting.Callgrind, (3_200, 19_200), ask)
