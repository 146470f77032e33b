"""Ten times the capacity of the pool: the requests still served, and their cost."""

import http.client
import json
import os
import threading

from . import answers, contestants, wrk
from .processes import run
from .settings import Figure

BUSY_MS = 5
PATH = f"/busy/{BUSY_MS}"
FACTOR = 10
CONNECTIONS = 400
# The server's limit of queued requests for /busy.
QUEUE = 16


def measure(settings, say):
    """Goodput, memory and /health at ten times the capacity of a bounded CPU route.

    Server and load have a core each: workers of the idle class get only unused CPU time, and the
    load takes half a core.
    """
    # The same limit as for /busy: without its priority /health would be refused as well.
    limit = ("--worker-max-queued", QUEUE)
    process, port = contestants.sake(settings.build_dir, *limit).start(
        settings.work_dir / "overload", settings.server_core)
    seconds = 2 * settings.round_seconds
    with process:
        say(f"the capacity for {PATH}")
        wrk.apply(wrk.Load(PATH, connections=8), port, 1, settings.load_core)
        capacity = wrk.apply(wrk.Load(PATH, connections=8), port, seconds,
                             settings.load_core).per_second
        # Once before, so that the memory for this number of connections is allocated already.
        overload(settings, port, FACTOR * capacity, 1)
        before = process.rss_kib()
        say(f"{PATH} at {FACTOR * capacity:.0f} requests a second")
        with Health(port, settings.load_core) as health:
            loaded = overload(settings, port, FACTOR * capacity, seconds)
        grown = process.rss_kib() - before
    goodput = loaded["ok"] / loaded["seconds"] / capacity
    wrong = (loaded["other"] + loaded["unanswered"] + loaded["shed_without_retry_after"])
    detail = {"capacity": capacity, "grown_kib": grown, "health": health.asked,
              "health_errors": health.errors, **loaded}
    return detail, [
        Figure(f"goodput at {FACTOR} times the capacity", goodput, "×", 0.9,
               f"capacity {capacity:.0f}/s, {loaded['ok']} served, {loaded['shed']} shed",
               at_least=True),
        Figure("answers that were neither 200 nor 503 with Retry-After", wrong, "", 0),
        Figure("memory that the server gained meanwhile", grown, "KiB", 1024),
        Figure("answers of /health that were not 200 meanwhile", health.errors, "", 0,
               f"of {health.asked}"),
    ]


def overload(settings, port, rate, seconds):
    return json.loads(run([settings.program("sake-bench-rate"), "--port", port, "--path", PATH,
                           "--rate", round(rate), "--connections", CONNECTIONS,
                           "--seconds", seconds], timeout=seconds + 30,
                          core=settings.load_core))


class Health:
    """Requests /health every few milliseconds, inside a `with` block."""

    def __init__(self, port, core):
        self.asked = self.errors = 0
        self._port = port
        self._core = core
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _ask(self):
        if self._core is not None:
            os.sched_setaffinity(0, {self._core})  # of this thread alone
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        while not self._stop.wait(0.005):
            self.asked += 1
            try:
                self.errors += answers.ask(connection, "/health")[0] != 200
            except (OSError, http.client.HTTPException):
                self.errors += 1
                connection.close()
