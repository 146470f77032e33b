"""wrk, the load generator of the throughput and latency figures."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from .processes import MeasurementError, Process, run

SCRIPT = Path(__file__).parent.parent / "load" / "report.lua"


@dataclass(frozen=True)
class Load:
    """One way to load a server; `depth` is the number of requests in a pipelined batch."""
    path: str
    connections: int = 100
    threads: int = 1
    depth: int = 1

    def command(self, port, seconds):
        return ["wrk", f"-t{self.threads}", f"-c{self.connections}", f"-d{seconds}s",
                "-s", str(SCRIPT), f"http://127.0.0.1:{port}{self.path}", "--", str(self.depth)]


@dataclass(frozen=True)
class Outcome:
    """The results of wrk. `errors` counts by kind: connect, read, write, status, timeout.

    There are no latencies of pipelined requests: wrk's correction for requests it could not send
    in time counts each request of a batch, which makes the percentiles meaningless.
    """
    requests: int
    seconds: float
    p50_us: float | None
    p99_us: float | None
    errors: dict

    @property
    def per_second(self):
        return self.requests / self.seconds

    @property
    def error_count(self):
        return sum(self.errors.values())


def apply(load, port, seconds, core=None):
    """Loads the server on `port` for whole `seconds`; raises if no request was answered."""
    outcome = parse(run(load.command(port, seconds), timeout=seconds + 30, core=core))
    if outcome.requests == 0:
        raise MeasurementError(f"no request for {load.path} was answered: {outcome.errors}")
    return outcome if load.depth == 1 else replace(outcome, p50_us=None, p99_us=None)


def start(load, port, seconds, log):
    """Starts a load in the background; `parse` its log once it has ended."""
    return Process(load.command(port, seconds), log)


def parse(printed):
    """The outcome in the last line of wrk's output."""
    lines = printed.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise MeasurementError(f"wrk reported nothing: {printed.strip()}")
    return Outcome(**json.loads(lines[-1]))
