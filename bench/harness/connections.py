"""Many simultaneous keep-alive connections: the memory of an idle one, and whether all are answered."""

import json
import subprocess
import time

from . import answers, contestants
from .processes import MeasurementError, NotHereError, Process, raise_descriptor_limit
from .settings import Figure

IDLE_CONNECTIONS = 5_000
CONCURRENT_CONNECTIONS = 15_000


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
