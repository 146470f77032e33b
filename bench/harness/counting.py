"""Counted, not timed: user-space instructions and system calls per keep-alive request.

Each count is taken on two servers that differ only in the number of requests they answer, so that
the costs of start, connections and end cancel out.
"""

import contextlib
import os
import re
import shutil
import signal
import time

from . import contestants
from .processes import MeasurementError, NotHereError, children, run
from .settings import Figure

CONNECTIONS = 100


class Callgrind:
    """Counts user-space instructions; `without` is a function in which none are counted."""
    tool = "valgrind"

    def __init__(self, folder, without=None):
        self.output = folder / "callgrind.out"
        # In this order: the first option makes it start without counting.
        self._options = ([f"--toggle-collect={without}", "--collect-atstart=yes"]
                         if without else [])

    def wrap(self, command):
        return ["valgrind", "--tool=callgrind", *self._options,
                f"--callgrind-out-file={self.output}", *command]

    def count(self):
        return int(find(r"^(?:totals|summary): (\d+)", self.output))


class Strace:
    """Counts system calls, of all threads."""
    tool = "strace"

    def __init__(self, folder):
        self.output = folder / "strace.out"

    def wrap(self, command):
        return ["strace", "-c", "-f", "-U", "calls,name", "-o", self.output, *command]

    def count(self):
        return int(find(r"^\s*(\d+)\s+total$", self.output))


def find(pattern, file):
    found = re.search(pattern, file.read_text(), re.MULTILINE) if file.exists() else None
    if not found:
        raise MeasurementError(f"no count in {file}")
    return found[1]


def per_request(settings, contestant, counter_type, lengths, depth=1, path="/plaintext"):
    """The count per request for `contestant` under h2load with that many pipelined requests."""
    if not shutil.which("h2load"):
        raise NotHereError("h2load is not installed")
    return difference(settings, contestant, counter_type, lengths,
                      lambda port, requests: h2load(port, requests, depth, path, settings.load_core))


def difference(settings, contestant, counter_type, lengths, ask):
    """The count per request; `ask(port, requests)` loads a server with one of the `lengths`."""
    if not shutil.which(counter_type.tool):
        raise NotHereError(f"{counter_type.tool} is not installed")
    folder = settings.work_dir / "counting"
    folder.mkdir(parents=True, exist_ok=True)
    counts = [count_once(settings, contestant, counter_type(folder), requests, ask)
              for requests in lengths]
    return (counts[1] - counts[0]) / (lengths[1] - lengths[0])


def count_once(settings, contestant, counter, requests, ask):
    wrapped = contestants.Contestant(
        contestant.name, lambda port, at: counter.wrap(contestant.command(port, at)))
    process, port = wrapped.start(settings.work_dir / "counting", settings.server_core)
    with process:
        ask(port, requests)
        end_inner(process)
    return counter.count()


def h2load(port, requests, depth, path, core):
    """Exactly `requests` requests over keep-alive connections; raises unless all succeed."""
    printed = run(["h2load", "--h1", "-n", requests, "-c", CONNECTIONS, "-m", depth,
                   f"http://127.0.0.1:{port}{path}"], timeout=120, core=core)
    if f"{requests} succeeded, 0 failed" not in printed:
        raise MeasurementError(f"h2load: {printed}")


def end_inner(process):
    """Ends the server and lets the tool around it write its counts.

    strace runs the server as a child; valgrind is the server's process.
    """
    for pid in children(process.pid) or [process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while process.is_running() and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.is_running():
        raise MeasurementError(f"{process.command[0]} did not end on SIGTERM")


def contenders(settings):
    return [contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1),
            contestants.raw_beast(settings.build_dir)]


def measure_instructions(settings, say):
    counts = {}
    for contestant in contenders(settings):
        say(f"instructions per request, {contestant.name}")
        counts[contestant.name] = per_request(settings, contestant, Callgrind, (2_000, 12_000))
    return counts, [Figure("user-space instructions per keep-alive request", counts["sake"],
                           "", 4_500, f"raw_beast {counts['raw_beast']:.0f}")]


def measure_system_calls(settings, say):
    counts, figures = {}, []
    for depth, target in ((1, 2.1), (16, 0.2)):
        say(f"system calls per request, depth {depth}")
        ours, base = (per_request(settings, contestant, Strace, (3_200, 19_200), depth)
                      for contestant in contenders(settings))
        counts[f"depth {depth}"] = {"sake": ours, "raw_beast": base}
        figures.append(Figure(f"system calls per request, depth {depth}", ours, "", target,
                              f"raw_beast {base:.2f}"))
    return counts, figures
