"""Adaptive mode: a handler that becomes slow under load, and the latency of other requests."""

import http.client
import threading
import time

from . import answers, contestants, wrk
from .processes import MeasurementError
from .settings import Figure

QUICK_US = 100
SLOW_US = 200_000
# The time after which /ping must be quick again.
GRACE = 2.0


def measure(settings, say):
    """p99 of /ping from two seconds after /variable went from 0.1 to 200 ms, under load on both."""
    say(f"/ping while /variable goes from {QUICK_US} µs to {SLOW_US} µs")
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "adaptive")
    with process:
        answers.check(port)
        put(port, QUICK_US)
        load = wrk.Load("/variable", connections=8)
        with wrk.start(load, port, 600, settings.work_dir / "variable.log") as variable:
            with Samples(port) as samples:
                time.sleep(1.0)
                begun = put(port, SLOW_US)
                time.sleep(GRACE + 2 * settings.round_seconds)
                slow_end = put(port, QUICK_US)
                back = time_until_back(port, slow_end)
            variable.interrupt()
            outcome = wrk.parse(variable.log.read_text())
        if not process.is_running():
            raise MeasurementError("the server ended")
    before = samples.p99_ms(0, begun)
    worst = samples.worst_ms(begun, begun + GRACE)
    after = samples.p99_ms(begun + GRACE, slow_end)
    errors = samples.errors + outcome.error_count
    detail = {"p99_ms_before": before, "worst_ms_in_grace": worst, "p99_ms_after": after,
              "errors": errors, "back_after_s": back}
    note = (f"before {before:.2f}, worst meanwhile {worst:.0f} ms, {errors} errors; "
            f"/variable back on its reactor {back:.1f} s after it was quick again")
    return detail, [
        Figure(f"p99 of /ping, from {GRACE:.0f} s after /variable became slow", after, "ms", 5.0, note),
        Figure("requests that failed meanwhile", errors, "errors", 0),
    ]


def put(port, us):
    """Sets the duration of /variable; returns the time of the change."""
    with answers.connected(port, timeout=10) as connection:
        answers.expect(answers.ask(connection, f"/variable/{us}", "PUT"), "/variable", 200)
    return time.monotonic()


def time_until_back(port, since):
    with answers.connected(port, timeout=10) as connection:
        while time.monotonic() < since + 60:
            if answers.ask(connection, "/variable")[2] == b"reactor":
                return time.monotonic() - since
            time.sleep(0.05)
    raise MeasurementError("/variable did not come back to its reactor within a minute")


class Samples:
    """Requests /ping every few milliseconds on connections of its own, inside a `with` block."""

    def __init__(self, port):
        self._samples = []
        self.errors = 0
        self._stop = threading.Event()
        # Several, so that both reactors are used and a slow answer does not delay further pings.
        self._threads = [threading.Thread(target=self._ask, args=(port,)) for _ in range(4)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while not self._stop.wait(0.005):
            begun = time.monotonic()
            try:
                answers.expect(answers.ask(connection, "/ping"), "/ping", 200, b"pong")
                self._samples.append((begun, time.monotonic() - begun))
            except (OSError, http.client.HTTPException, MeasurementError):
                self.errors += 1
                connection.close()

    def _between(self, begin, end):
        found = sorted(taken * 1000 for at, taken in self._samples if begin <= at < end)
        if not found:
            raise MeasurementError("/ping was not answered")
        return found

    def p99_ms(self, begin, end):
        found = self._between(begin, end)
        return found[int(len(found) * 0.99)]

    def worst_ms(self, begin, end):
        return self._between(begin, end)[-1]
