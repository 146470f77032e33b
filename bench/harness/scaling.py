"""The effect of each setting of threads and queues: the figures of docs/guide/scaling.md.

Every setting has a scenario in which it matters, and two or more values. A round measures all
values, each with a server of its own that ends before the next starts, because a polling server
disturbs the others; the next round begins with another value. The results are medians.
"""

import os
import statistics
import time
from dataclasses import dataclass
from typing import Callable

from . import adaptive, answers, contestants, machine, pool, wrk
from .processes import MeasurementError
from .settings import Figure

ROUNDS = 3
SECONDS = 1
# Work that takes much longer than a trip to the pool and back.
FIB = "/fib/25"
MOST_UNTIL_MOVED = 20
ONE_EACH = ("--reactors", 1, "--workers", 1)


@dataclass(frozen=True)
class Scenario:
    """One setting. `observe(settings, process, port, core)` returns a dictionary of numbers, of which
    `key` is the figure; `values` are the options of the server by the name of the value.

    pinned: whether server and load have a core each; false if the server needs all cores.
    """
    name: str
    key: str
    unit: str
    observe: Callable
    values: dict
    pinned: bool = False


def loaded(load):
    """CPU time per request under a load, the number of served and refused requests, and the latency."""
    def observe(settings, process, port, core=None):
        before = process.cpu_seconds()
        outcome = wrk.apply(load, port, SECONDS, core)
        used = process.cpu_seconds() - before
        return {"cpu_us": used * 1e6 / outcome.requests,
                "per_second": (outcome.requests - outcome.error_count) / outcome.seconds,
                "p50_us": outcome.p50_us, "p99_us": outcome.p99_us,
                "refused_per_second": outcome.error_count / outcome.seconds}
    return observe


def beside_work(settings, process, port, core=None):
    """p99 of /plaintext, one a millisecond, while the pool computes without pause."""
    load = wrk.Load(f"/fib/{pool.FIB_NUMBER}", connections=2 * len(os.sched_getaffinity(0)))
    seen, fibs = paced_beside(settings, port, load, 0.3, "/plaintext", 500, 1000)
    return {**seen, "fibs_per_second": fibs.per_second}


def paced_beside(settings, port, load, head_start, path, count, pause_us):
    """Latencies of `count` requests per measured second, with a pause before each, beside a load;
    and the results of that load."""
    with wrk.start(load, port, 600, settings.work_dir / "beside.log") as background:
        time.sleep(head_start)
        seen = pool.client(settings, port, path, SECONDS * count,
                           "--warmup", 20, "--pause-us", pause_us)
        background.interrupt()
        outcome = wrk.parse(background.log.read_text())
    return {"p99_us": seen["p99_us"], "p50_us": seen["p50_us"]}, outcome


def beside_a_blocking_route(milliseconds):
    """p99 of /ping, one a millisecond, beside an unmarked route that takes this long."""
    def observe(settings, process, port, core=None):
        adaptive.put(port, 1000 * milliseconds)
        load = wrk.Load("/variable", connections=4)
        return paced_beside(settings, port, load, 1.0, "/ping", 200, 1000)[0]
    return observe


def beside_long_tasks(path):
    """p99 of /fib/1 on the pool, one in 5 ms, while four clients request a computing route."""
    def observe(settings, process, port, core=None):
        load = wrk.Load(path, connections=4)
        return paced_beside(settings, port, load, 0.3, "/fib/1", 100, 5000)[0]
    return observe


def beside(load, path):
    """p99 of a route requested once a millisecond beside a load, and the results of that load."""
    def observe(settings, process, port, core=None):
        seen, outcome = paced_beside(settings, port, load, 0.3, path, 500, 1000)
        return {**seen, "beside_per_second": outcome.per_second}
    return observe


def until_moved(settings, process, port, core=None):
    """The number of requests of 40 ms, 150 ms apart, that a route answers before it moves."""
    adaptive.put(port, 40_000)
    with answers.connected(port, timeout=10) as connection:
        for number in range(MOST_UNTIL_MOVED):
            if answers.ask(connection, "/variable")[2] == b"pool":
                return {"requests": number}
            time.sleep(0.15)
    return {"requests": MOST_UNTIL_MOVED}


def idle(settings, process, port, core=None):
    """CPU time of an idle server."""
    time.sleep(0.3)
    before = process.cpu_seconds()
    time.sleep(SECONDS)
    return {"ms_per_second": (process.cpu_seconds() - before) * 1e3 / SECONDS}


def core_scenarios(reactor_core, worker_core):
    """One scenario, or none if there is only one core."""
    if reactor_core is None:
        return []
    apart = (*ONE_EACH, "--reactor-cores", reactor_core, "--worker-cores", worker_core)
    return [Scenario(
        "reactor_cores, worker_cores: p99 of /plaintext beside CPU work", "p99_us", "µs",
        beside_work, {
            "shared": ONE_EACH,
            "a core each": apart,
            "shared, normal": (*ONE_EACH, "--worker-scheduling", "normal"),
            "a core each, normal": (*apart, "--worker-scheduling", "normal"),
        })]


PLAINTEXT = wrk.Load("/plaintext", threads=2)
SCHEDULED = wrk.Load("/scheduled", connections=32)
# One actor always has hundreds of messages.
RUNS_OF_HITS = wrk.Load("/scheduled-hits", connections=32, depth=16)

SCENARIOS = (
    Scenario("reactors: /plaintext, CPU per request", "cpu_us", "µs", loaded(PLAINTEXT), {
        "1": ("--reactors", 1),
        "1, pinned": ("--reactors", 1, "--reactor-pinning", "on"),
        "2": ("--reactors", 2),
        "2, pinned": ("--reactors", 2, "--reactor-pinning", "on"),
    }),
    Scenario("worker_scheduling: p99 of /plaintext beside CPU work", "p99_us", "µs",
             beside_work, {
        "background": ("--worker-scheduling", "background"),
        "idle": ("--worker-scheduling", "idle"),
        "batch": ("--worker-scheduling", "batch"),
        "batch, nice 10": ("--worker-scheduling", "batch", "--worker-nice", 10),
        "normal": ("--worker-scheduling", "normal"),
    }),
    *core_scenarios(*machine.pick_cores()),
    Scenario(f"workers: {FIB}, CPU per request", "cpu_us", "µs",
             loaded(wrk.Load(FIB, connections=16)), {
                 "1": ("--reactors", 1, "--workers", 1),
                 "2": ("--reactors", 1, "--workers", 2),
                 "4": ("--reactors", 1, "--workers", 4),
                 "2, not pinned": ("--reactors", 1, "--workers", 2, "--worker-pinning", "off"),
             }),
    Scenario("worker_pool: p99 of /ping beside /fib/30 by 4 clients", "p99_us", "µs",
             beside(wrk.Load("/fib/30", connections=4), "/ping"), {
                 "on": ("--reactors", 1, "--worker-pool", "on"),
                 "off": ("--reactors", 1, "--worker-pool", "off"),
             }),
    Scenario("pools.NAME: p99 of /fib/1 beside work of 20 ms on the same pool", "p99_us", "µs",
             beside_long_tasks("/slow/20"), {"one pool": ()}),
    Scenario("pools.NAME: p99 of /fib/1 beside work of 20 ms on a pool with a name", "p99_us", "µs",
             beside_long_tasks("/batch/20"), {"two pools": ()}),
    Scenario("scheduler_policy: /scheduled, CPU per request", "cpu_us", "µs",
             loaded(SCHEDULED), {
        "sharing": ("--reactors", 1, "--scheduler-policy", "sharing"),
        "stealing": ("--reactors", 1, "--scheduler-policy", "stealing"),
        "sharing, 2 threads": ("--reactors", 1, "--scheduler-policy", "sharing",
                               "--scheduler-threads", 2),
        "stealing, 2 threads": ("--reactors", 1, "--scheduler-policy", "stealing",
                                "--scheduler-threads", 2),
    }),
    Scenario("scheduler_policy: CPU of an idle server", "ms_per_second", "ms/s",
             idle, {
        "sharing": ("--scheduler-policy", "sharing"),
        "stealing": ("--scheduler-policy", "stealing"),
    }),
    Scenario("scheduler_throughput: p99 of /scheduled beside an actor with long runs of messages",
             "p99_us", "µs", beside(RUNS_OF_HITS, "/scheduled"), {
        "1": ("--reactors", 1, "--scheduler-throughput", 1),
        "300": ("--reactors", 1, "--scheduler-throughput", 300),
    }),
    Scenario("scheduler_throughput: /scheduled-hits, CPU per request", "cpu_us", "µs",
             loaded(wrk.Load("/scheduled-hits", connections=32)), {
        "1": ("--reactors", 1, "--scheduler-throughput", 1),
        "300": ("--reactors", 1, "--scheduler-throughput", 300),
    }),
    Scenario("adaptive: p99 of /ping beside a route that takes 20 ms", "p99_us", "µs",
             beside_a_blocking_route(20), {
                 "on": ("--reactors", 1, "--adaptive", "on"),
                 "off": ("--reactors", 1, "--adaptive", "off"),
             }),
    Scenario("blocking_threshold: p99 of /ping beside a route that takes 10 ms", "p99_us", "µs",
             beside_a_blocking_route(10), {
                 threshold: ("--reactors", 1, "--blocking-threshold", threshold)
                 for threshold in ("1ms", "50ms")
             }),
    Scenario("adaptive_window: requests of 40 ms, 150 ms apart, until the route moves", "requests",
             "requests", until_moved, {
                 window: ("--reactors", 1, "--adaptive-window", window)
                 for window in ("200ms", "1s")
             }),
    Scenario("adaptive: /plaintext, CPU per request", "cpu_us", "µs",
             loaded(wrk.Load("/plaintext")), {
        "on": ("--reactors", 1, "--adaptive", "on"),
        "off": ("--reactors", 1, "--adaptive", "off"),
    }, pinned=True),
    # wrk repeats a refused request at once, so the reactor is under full load as well.
    Scenario("worker_max_queued: /slow/2 by 64 clients, served", "per_second", "/s",
             loaded(wrk.Load("/slow/2", connections=64)), {
                 limit: ("--reactors", 1, "--workers", 1, "--worker-scheduling", "normal",
                         "--worker-max-queued", limit) for limit in ("8", "32", "1024")
             }),
)


def measure(settings, say):
    rows = {scenario.name: {value: [] for value in scenario.values} for scenario in SCENARIOS}
    for number in range(ROUNDS):
        for scenario in SCENARIOS:
            say(f"{scenario.name}, round {number + 1} of {ROUNDS}")
            values = list(scenario.values)
            first = number % len(values)
            for value in values[first:] + values[:first]:
                rows[scenario.name][value].append(observe(settings, scenario, value))
    return rows, [figure(scenario, value, rows[scenario.name][value])
                  for scenario in SCENARIOS for value in scenario.values]


def observe(settings, scenario, value):
    """One observation of a server without other load."""
    server = contestants.sake(settings.build_dir, *scenario.values[value])
    core = settings.server_core if scenario.pinned else None
    process, port = server.start(settings.work_dir / "scaling", core)
    with process:
        row = scenario.observe(settings, process, port,
                               settings.load_core if scenario.pinned else None)
        if not process.is_running():
            raise MeasurementError(f"the server ended: {process.tail()}")
    return row


def figure(scenario, value, rows):
    medians = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    note = ", ".join(f"{key} {value:,.1f}" for key, value in medians.items() if key != scenario.key)
    return Figure(f"{scenario.name}: {value}", medians[scenario.key], scenario.unit, note=note)
