"""Connections: the memory of an idle one, whether very many are answered, what one for each request
costs, and how few are shared out among reactors."""

import collections
import contextlib
import json
import socket
import statistics
import subprocess
import time

from . import answers, contestants, rounds
from .processes import MeasurementError, NotHereError, Process, raise_descriptor_limit, run
from .settings import Figure, median_ratio

IDLE_CONNECTIONS = 5_000
CONCURRENT_CONNECTIONS = 15_000

FEW_CONNECTIONS = (2, 4, 8, 16)
STARTS = 50


def measure_memory(settings, say):
    """Resident memory that one idle connection adds to the server, in bytes."""
    servers = [contestants.sake(settings.build_dir), contestants.raw_beast(settings.build_dir)]
    bytes_each = {}
    for server in servers:
        say(f"{IDLE_CONNECTIONS} idle connections, {server.name}")
        bytes_each[server.name] = idle_bytes(settings, server)
    detail = {"connections": IDLE_CONNECTIONS, "bytes_per_connection": bytes_each}
    return detail, [Figure(
        "memory per idle keep-alive connection after one request",
        bytes_each["sake"] / 1024, "KiB", 3.0,
        f"raw_beast {bytes_each['raw_beast'] / 1024:.1f} KiB")]


def idle_bytes(settings, contestant):
    process, port = contestant.start(settings.work_dir / "memory")
    with process:
        answers.check(port)
        before = process.rss_kib()
        with hold(settings, port, IDLE_CONNECTIONS, rounds=1) as client:
            expect_all(client, IDLE_CONNECTIONS)
            grown = process.rss_kib() - before
    return grown * 1024 / IDLE_CONNECTIONS


def measure_concurrent(settings, say):
    """Two requests on each of many open connections, all in flight at the same time."""
    if raise_descriptor_limit() < CONCURRENT_CONNECTIONS + 100:
        raise NotHereError(f"needs {CONCURRENT_CONNECTIONS + 100} open files (ulimit -n)")
    say(f"{CONCURRENT_CONNECTIONS} concurrent connections")
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir / "concurrent")
    with process, hold(settings, port, CONCURRENT_CONNECTIONS, rounds=2) as client:
        counts = wait_for_counts(client)
        rss = process.rss_kib()
    return {**counts, "rss_kib": rss}, [Figure(
        f"{CONCURRENT_CONNECTIONS} concurrent keep-alive connections, each answered twice",
        counts["errors"] + 2 * CONCURRENT_CONNECTIONS - counts["answered"], "errors", 0,
        f"{counts['answered']} answers")]


def measure_churn(settings, say):
    """CPU time of a connection for each request, against a server that parses nothing."""
    servers = [contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1),
               contestants.raw_beast(settings.build_dir), contestants.floor(settings.build_dir)]

    def load(port):
        printed = run([settings.program("sake-bench-churn"), "--port", port, "--seconds",
                       settings.round_seconds], timeout=60, core=settings.load_core)
        return json.loads(printed)["requests"]

    with rounds.running(settings, servers) as started:
        rows = rounds.interleaved(settings, say, "a connection per request", started,
                                  rounds.cpu_of(load))
    times = {name: statistics.median(row["cpu_us"] for row in of) for name, of in rows.items()}
    return rows, [Figure("a connection per request: CPU time against the floor",
                         median_ratio(rows["sake"], rows["floor"], "cpu_us"), "×", 1.03,
                         ", ".join(f"{name} {time:.2f} µs" for name, time in times.items()))]


def measure_sharing(settings, say):
    """The larger share of two reactors, of few connections that are opened at once."""
    process, port = contestants.sake(settings.build_dir, "--reactors", 2).start(settings.work_dir)
    shares, figures = {}, []
    with process:
        for count in FEW_CONNECTIONS:
            say(f"{count} connections over two reactors")
            shares[count] = [larger_share(port, count) for _ in range(STARTS)]
            figures.append(Figure(f"{count} connections over two reactors: larger share, mean of {STARTS}",
                                  statistics.mean(shares[count]), "", 0.55))
    return shares, figures


def larger_share(port, count):
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
                  for _ in range(count)]
        by_reactor = collections.Counter()
        for each in opened:
            each.sendall(b"GET /reactor HTTP/1.1\r\nHost: a\r\n\r\n")
            by_reactor[each.recv(4096).rsplit(b"\r\n", 1)[1]] += 1
    time.sleep(0.1)  # until the server has seen the end of all
    return max(by_reactor.values()) / count


def hold(settings, port, connections, rounds):
    """A client that opens the connections and holds them until it is stopped."""
    return Process([settings.program("sake-bench-idle"), "--port", port, "--path", "/plaintext",
                    "--connections", connections, "--rounds", rounds],
                   settings.work_dir / "idle-client.log", stdin=subprocess.PIPE)


def wait_for_counts(client, patience=60.0):
    """The client's report, printed once every connection has had its answers."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for line in client.log.read_text().splitlines():
            if line.startswith("{"):
                return json.loads(line)
        if not client.is_running():
            break
        time.sleep(0.05)
    raise MeasurementError(f"the client of many connections reported nothing: {client.tail()}")


def expect_all(client, connections):
    counts = wait_for_counts(client)
    if counts["answered"] != connections or counts["errors"]:
        raise MeasurementError(f"not all {connections} connections were answered: {counts}")
