"""The worker pool: the effect of CPU work on latency, and the cost of a trip to the pool."""

import json
import os
import time
from statistics import median

from . import answers, contestants, wrk
from .processes import run
from .settings import Figure

PLAINTEXT = wrk.Load("/plaintext", threads=2)
FIB_NUMBER = 32
THROUGHPUT_NUMBER = 30
LONGER_NUMBER = 35


def measure_interference(settings, say):
    """p99 of /plaintext while the pool computes without pause, against the unloaded p99.

    Measured twice: under full load, where CPU work gets only unused CPU time, and with a request
    every millisecond, which leaves the workers busy all the time. The server has its default settings.
    """
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "interference")
    rounds = []
    with process:
        answers.check_sake(port)
        wrk.apply(PLAINTEXT, port, 1)
        for number in range(settings.rounds):
            say(f"/plaintext beside /fib, round {number + 1} of {settings.rounds}")
            rounds.append({
                "unloaded": observe(settings, port),
                "saturated": beside_fib(settings, port, lambda: observe(settings, port)),
                "paced_unloaded": paced(settings, port),
                "paced_saturated": beside_fib(settings, port, lambda: paced(settings, port)),
            })
    return {"rounds": rounds}, [
        ratio_figure(rounds, "unloaded", "saturated",
                     "p99 of /plaintext while /fib saturates the pool, against unloaded", 2.0),
        ratio_figure(rounds, "paced_unloaded", "paced_saturated",
                     "the same with one /plaintext a millisecond", None),
    ]


def observe(settings, port):
    outcome = wrk.apply(PLAINTEXT, port, settings.round_seconds)
    return {"p99_us": outcome.p99_us, "requests_per_second": outcome.per_second,
            "errors": outcome.error_count}


def paced(settings, port):
    return client(settings, port, "/plaintext", settings.round_seconds * 500,
                  "--warmup", 20, "--pause-us", 1000)


def beside_fib(settings, port, observation):
    """Makes an observation while four requests per core keep the pool busy."""
    load = wrk.Load(f"/fib/{FIB_NUMBER}", connections=4 * len(os.sched_getaffinity(0)))
    with wrk.start(load, port, 3600, settings.work_dir / "fib.log") as fib:
        time.sleep(0.5)
        observed = observation()
        fib.interrupt()
        fibs = wrk.parse(fib.log.read_text())
    return {**observed, "fibs_per_second": fibs.per_second, "fib_errors": fibs.error_count}


def ratio_figure(rounds, before, after, name, target):
    ratio = median(row[after]["p99_us"] / row[before]["p99_us"] for row in rounds)
    base, loaded, fibs = (median(row[phase][key] for row in rounds)
                          for phase, key in ((before, "p99_us"), (after, "p99_us"),
                                             (after, "fibs_per_second")))
    return Figure(name, ratio, "×", target, f"{base:.0f} → {loaded:.0f} µs, {fibs:.0f} fib/s")


def measure_round_trip(settings, say):
    """p50 of a trip from a reactor to the pool and back, and of CAF's own request to a detached
    actor: both compute fib(1) on another thread and return the answer.

    CAF's figure depends on the cores of its two threads, so it is measured with two cores, with one
    core, and with the kernel's choice; the quickest is the reference, because a worker may share the
    reactor's core as well. The client's view is reported beside it: /fib/1 over one connection,
    which is /fib-inline/1 and a trip, and depends on the cores of client and reactor.
    """
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "round_trip")
    ways = {
        "pool": lambda: offload_trips(settings, port),
        "request": lambda: client(settings, port, "/fib/1", settings.round_trips),
        "inline": lambda: client(settings, port, "/fib-inline/1", settings.round_trips),
        "caf_two_cores": lambda: caf(settings, settings.server_core, settings.load_core),
        "caf_one_core": lambda: caf(settings, settings.server_core, settings.server_core),
        "caf_unpinned": lambda: caf(settings, None, None),
    }
    rounds = []
    with process:
        answers.check_sake(port)
        for number in range(settings.rounds):
            say(f"pool round trip, round {number + 1} of {settings.rounds}")
            rounds.append({name: way()["p50_us"] for name, way in ways.items()})
            rounds[-1]["caf"] = min(us for name, us in rounds[-1].items() if name.startswith("caf"))
    medians = {name: median(row[name] for row in rounds) for name in rounds[0]}
    ratio = median(row["pool"] / row["caf"] for row in rounds)
    whole = median(row["request"] / row["caf"] for row in rounds)
    note = (f"{medians['pool']:.1f} against {medians['caf']:.1f} µs; CAF on two cores "
            f"{medians['caf_two_cores']:.1f}, one {medians['caf_one_core']:.1f}, "
            f"unpinned {medians['caf_unpinned']:.1f}")
    return {"p50_us": medians, "rounds": rounds}, [
        Figure("pool round trip p50, against CAF's request to a detached actor", ratio, "×", 1.0,
               note),
        Figure("a request to the pool by a client, p50, against the same", whole, "×", None,
               f"/fib/1 {medians['request']:.1f} µs, /fib-inline/1 {medians['inline']:.1f}")]


def offload_trips(settings, port):
    """The durations that the server measured on a reactor. The first trips start the pool."""
    with answers.connected(port, timeout=60) as connection:
        for count in (100, settings.round_trips):
            path = f"/offload-trips/{count}"
            answer = answers.ask(connection, path)
            answers.expect(answer, path, 200)
        return json.loads(answer[2])


def client(settings, port, path, count, *options):
    return json.loads(run([settings.program("sake-bench-client"), "--port", port, "--path", path,
                           "--count", count, *options], timeout=120))


def caf(settings, ask_core, worker_core):
    pins = [] if ask_core is None else ["--ask-core", ask_core, "--worker-core", worker_core]
    return json.loads(run([settings.program("sake-bench-caf-roundtrip"),
                           "--count", settings.round_trips, *pins], timeout=120))


def measure_throughput(settings, say):
    """Answers to /fib per second while the pool is always busy, against the results of one thread
    without a server, times the cores. Hardware threads share a core, so the results of as many
    threads as cores without a server are reported beside it; and the same for longer work.
    """
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "throughput")
    with process:
        rounds = {number: throughput_rounds(settings, process, port, number, say)
                  for number in (THROUGHPUT_NUMBER, LONGER_NUMBER)}
    cores = len(os.sched_getaffinity(0))
    usual, longer = rounds[THROUGHPUT_NUMBER], rounds[LONGER_NUMBER]
    return {"medians": {number: medians_of(rows) for number, rows in rounds.items()},
            "rounds": rounds}, [
        Figure(f"throughput of CPU routes on {cores} cores, against {cores} × one native thread",
               median(row["sake"] / (cores * row["one_thread"]) for row in usual), "×", 0.95,
               throughput_note(usual, cores), at_least=True),
        Figure("answers of CPU routes per CPU second of the server, against native threads",
               median(cores * row["sake_by_cpu"] / row["all_threads"] for row in usual), "×", None,
               "without what the load generator takes of the cores"),
        Figure(f"throughput of CPU routes that take longer, fib({LONGER_NUMBER})",
               median(row["sake"] / (cores * row["one_thread"]) for row in longer), "×", None,
               throughput_note(longer, cores))]


def throughput_rounds(settings, process, port, number, say):
    cores = len(os.sched_getaffinity(0))
    load = wrk.Load(f"/fib/{number}", connections=4 * cores)
    wrk.apply(load, port, 1)
    rounds = []
    for round_number in range(settings.rounds):
        say(f"CPU routes, fib({number}), round {round_number + 1} of {settings.rounds}")
        one_thread = native(settings, number, 1)
        before = process.cpu_seconds()
        outcome = wrk.apply(load, port, settings.round_seconds)
        used = process.cpu_seconds() - before
        rounds.append({
            "one_thread": one_thread,
            "sake": outcome.per_second,
            "sake_by_cpu": outcome.requests / used,
            "all_threads": native(settings, number, cores),
        })
    return rounds


def throughput_note(rounds, cores):
    seen = medians_of(rounds)
    of_all = median(row["sake"] / row["all_threads"] for row in rounds)
    return (f"{seen['sake']:.0f} answers/s; one thread alone {seen['one_thread']:.0f}/s, "
            f"{cores} threads {seen['all_threads']:.0f}/s, of which it is {of_all:.2f}")


def medians_of(rounds):
    return {key: median(row[key] for row in rounds) for key in rounds[0]}


def native(settings, number, threads):
    return json.loads(run([settings.program("sake-bench-native"), "--n", number,
                           "--seconds", settings.round_seconds, "--threads", threads],
                          timeout=60))["per_second"]
