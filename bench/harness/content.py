"""Content of 1 MiB both ways against servers that parse nothing: CPU time and system calls; and the
memory that large uploads leave behind."""

import shutil
import statistics
import time

from . import contestants, counting, rounds
from .processes import MeasurementError, NotHereError, run
from .settings import Figure, median_ratio

MIB = 1024 * 1024
CONNECTIONS = 10

# What is asked, the limit against the floor, and the floor that has it.
KINDS = (
    ("GET", "/large", 1.05, "floor"),
    ("echo", "/echo", 0.85, "floor_64_kib"),
)
CALLS = 8

UPLOADS, UPLOADED = 64, 30_000_000
SETTLED = 10


def measure(settings, say):
    if not shutil.which("h2load"):
        raise NotHereError("h2load is not installed")
    content = settings.work_dir / "content"
    content.write_bytes(b"x" * MIB)
    rows, figures = measure_cpu(settings, say, content)
    calls, more = measure_calls(settings, say, content)
    memory, last = measure_memory(settings, say)
    return {"rounds": rows, "system_calls": calls, "memory": memory}, figures + more + last


def ask(settings, port, path, requests, content=None, connections=CONNECTIONS):
    """The number of answers."""
    body = ["-d", content] if content and path == "/echo" else []
    printed = run(["h2load", "--h1", "-n", requests, "-c", connections, "-t", 1, *body,
                   f"http://127.0.0.1:{port}{path}"], timeout=180, core=settings.load_core)
    if f"{requests} succeeded, 0 failed" not in printed:
        raise MeasurementError(f"h2load: {printed}")
    return requests


def sake(settings, *options):
    return contestants.sake(settings.build_dir, "--reactors", 1, "--workers", 1, *options)


def measure_cpu(settings, say, content):
    servers = [sake(settings), contestants.content_floor(settings.build_dir),
               contestants.content_floor(settings.build_dir, 64 * 1024)]
    report, figures = {}, []
    requests = 200 * settings.round_seconds
    with rounds.running(settings, servers) as started:
        for kind, path, target, floor in KINDS:
            rows = rounds.interleaved(
                settings, say, f"{kind} of 1 MiB", started,
                rounds.cpu_of(lambda port: ask(settings, port, path, requests, content)))
            report[kind] = rows
            times = {name: statistics.median(row["cpu_us"] for row in of) for name, of in rows.items()}
            figures.append(Figure(f"{kind} of 1 MiB: CPU time against the {floor.replace('_', ' ')}",
                                  median_ratio(rows["sake"], rows[floor], "cpu_us"), "×", target,
                                  ", ".join(f"{name} {time:.0f} µs" for name, time in times.items())))
    return report, figures


def measure_calls(settings, say, content):
    say("system calls of an echo of 1 MiB")
    count = counting.difference(
        settings, sake(settings), counting.Strace, (200, 1200),
        lambda port, requests: ask(settings, port, "/echo", requests, content))
    return count, [Figure("system calls of an echo of 1 MiB", count, "", CALLS)]


def measure_memory(settings, say):
    say(f"memory after {UPLOADS} uploads of {UPLOADED / 1e6:.0f} MB at once")
    content = settings.work_dir / "upload"
    content.write_bytes(b"x" * UPLOADED)
    process, port = contestants.sake(settings.build_dir, "--limits.content-bytes", "64MiB").start(
        settings.work_dir, settings.server_core)
    with process:
        ask(settings, port, "/plaintext", 1_000, connections=UPLOADS)
        before = process.rss_kib()
        ask(settings, port, "/echo", UPLOADS, content, connections=UPLOADS)
        time.sleep(SETTLED)
        more = (process.rss_kib() - before) / 1024
    content.unlink()
    return more, [Figure(f"memory {SETTLED} s after {UPLOADS} echoes of {UPLOADED / 1e6:.0f} MB at once, "
                         "over before", more, "MiB", 8)]
