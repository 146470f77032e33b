"""Servers side by side in one run: the same load on each, in interleaved rounds."""

import contextlib
from dataclasses import dataclass

from . import answers, rounds, wrk
from .contestants import available
from .processes import MeasurementError
from .settings import Figure, median_of, median_ratio

BASELINE = "raw_beast"
OURS = ("sake", BASELINE)


@dataclass(frozen=True)
class Scenario:
    name: str
    load: wrk.Load
    target: float | None = None


SCENARIOS = (
    Scenario("plaintext", wrk.Load("/plaintext"), target=1.0),
    Scenario("plaintext, 16 pipelined", wrk.Load("/plaintext", depth=16), target=1.0),
    Scenario("json", wrk.Load("/json")),
)


def measure(settings, say):
    """Rounds, medians and ratios by scenario and server; the figures that follow from them.

    Another server that does not start or answers wrongly is omitted with a note.
    """
    report, notes = {}, []
    with contextlib.ExitStack() as stack:
        running = start_all(settings, stack, notes)
        for scenario in SCENARIOS:
            able = [server for server in running if is_able(server, scenario, notes)]
            rows_of = rounds.interleaved(
                settings, say, scenario.name, able,
                lambda _, process, port: one_round(settings, scenario, process, port))
            report[scenario.name] = {name: summary(rows, rows_of.get(BASELINE))
                                     for name, rows in rows_of.items()}
    return {"scenarios": report, "notes": notes}, figures(report)


def start_all(settings, stack, notes):
    """Starts, checks and warms up the servers; a failure of another server is noted, Sake must not fail."""
    running = []
    for contestant in available(settings.build_dir, settings.work_dir):
        if settings.servers and contestant.name not in settings.servers:
            continue
        try:
            process, port = contestant.start(settings.work_dir, settings.server_core)
            stack.enter_context(process)
            answers.check(port)
            if contestant.name == "sake":
                answers.check_sake(port)
            wrk.apply(wrk.Load("/plaintext"), port, 1, settings.load_core)
            running.append((contestant.name, process, port))
        except (MeasurementError, OSError) as error:
            if contestant.name in OURS:
                raise MeasurementError(f"{contestant.name}: {error}") from error
            notes.append(f"{contestant.name}: left out: {error}")
    return running


def is_able(server, scenario, notes):
    """Whether the server can answer the scenario's requests, pipelined ones included."""
    name, _, port = server
    if scenario.load.depth == 1:
        return True
    try:
        answers.check_pipelining(port, scenario.load.depth)
        return True
    except (MeasurementError, OSError) as error:
        if name in OURS:
            raise MeasurementError(f"{name}: {error}") from error
        notes.append(f"{name}: left out of '{scenario.name}': {error}")
        return False


def one_round(settings, scenario, process, port):
    before = process.cpu_seconds()
    outcome = wrk.apply(scenario.load, port, settings.round_seconds, settings.load_core)
    spent = process.cpu_seconds() - before
    return {
        "requests_per_second": outcome.per_second,
        "p50_us": outcome.p50_us,
        "p99_us": outcome.p99_us,
        "cpu_us_per_request": spent * 1e6 / outcome.requests,
        "rss_kib": process.rss_kib(),
        "errors": outcome.error_count,
    }


def summary(rows, base_rows):
    """Medians over the rounds, the sum of the errors, and the CPU time against the baseline's."""
    medians = {key: median_of(rows, key) for key in rows[0] if key != "errors"}
    ratio = median_ratio(rows, base_rows, "cpu_us_per_request") if base_rows else None
    return {**medians, "errors": sum(row["errors"] for row in rows),
            "cpu_against_baseline": ratio, "rounds": rows}


def figures(report):
    """The rows of the table of targets for these runs."""
    rows = []
    for scenario in SCENARIOS:
        ours = report.get(scenario.name, {}).get("sake")
        if ours is None or ours["cpu_against_baseline"] is None:
            continue
        base = report[scenario.name][BASELINE]
        rows.append(Figure(
            f"/{scenario.name}: CPU time per request against raw_beast",
            ours["cpu_against_baseline"], "×", scenario.target,
            f"{ours['cpu_us_per_request']:.2f} µs against {base['cpu_us_per_request']:.2f} µs"))
    return rows
