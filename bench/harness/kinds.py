"""The cost of each kind of handler: the same answer from a route of each kind, in one server."""

import functools
import statistics

from . import answers, contestants, counting, wrk
from .settings import Figure

FUNCTION = "function"
PATHS = {
    FUNCTION: "/plaintext",
    "coroutine without wait": "/hop/coroutine",
    "actor": "/hop/actor",
    "actor per request": "/hop/per-request",
    "actor per key": "/hop/keyed/7",
    "function on the pool": "/hop/pool",
}
# The number of polls of an idle worker depends on unrelated timing, so they are not counted.
WAIT_OF_WORKERS = "sake::actors::worker::await_data()"


def measure(settings, say):
    """CPU time and instructions per request by kind of handler."""
    contestant = contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1)
    rounds = cpu_rounds(settings, contestant, say)
    counter = functools.partial(counting.Callgrind, without=WAIT_OF_WORKERS)
    counter.tool = counting.Callgrind.tool
    counts = {}
    for name in PATHS:
        say(f"instructions per request, {name}")
        counts[name] = counting.per_request(settings, contestant, counter, (2_000, 7_000),
                                            path=PATHS[name])
    medians = {name: statistics.median(row[name] for row in rounds) for name in PATHS}
    return {"cpu_us": medians, "instructions": counts, "rounds": rounds}, figures(
        rounds, medians, counts)


def cpu_rounds(settings, contestant, say):
    """CPU time per request in µs: each kind once a round, each round begins with another kind."""
    process, port = contestant.start(settings.work_dir / "kinds", settings.server_core)
    rounds = []
    with process:
        for path in PATHS.values():
            answers.expect_text(port, path, answers.HELLO)
            wrk.apply(wrk.Load(path), port, 1, settings.load_core)
        names = list(PATHS)
        for number in range(settings.rounds):
            say(f"kinds of handlers, round {number + 1} of {settings.rounds}")
            first = number % len(names)
            rounds.append({name: cpu_us(settings, process, port, PATHS[name])
                           for name in names[first:] + names[:first]})
    return rounds


def cpu_us(settings, process, port, path):
    before = process.cpu_seconds()
    outcome = wrk.apply(wrk.Load(path), port, settings.round_seconds, settings.load_core)
    return (process.cpu_seconds() - before) * 1e6 / outcome.requests


def figures(rounds, medians, counts):
    base = medians[FUNCTION]
    note = f"function: {base:.2f} µs, {counts[FUNCTION]:.0f} instructions"
    rows = []
    for name in PATHS:
        if name == FUNCTION:
            continue
        hop_ns = 1000 * statistics.median(row[name] - row[FUNCTION] for row in rounds)
        more = f", {counts[name] - counts[FUNCTION]:+.0f} instructions"
        target = 3000 if name == "actor" else None
        rows.append(Figure(f"{name}: CPU time over a function", hop_ns, "ns", target, note + more))
    coroutine = statistics.median(row["coroutine without wait"] / row[FUNCTION] for row in rounds)
    rows.append(Figure("coroutine without wait, against a function: CPU time", coroutine, "×", 1.1))
    ratio = counts["coroutine without wait"] / counts[FUNCTION]
    rows.append(Figure("coroutine without wait, against a function: instructions", ratio, "×", 1.1))
    return rows
