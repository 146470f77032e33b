"""Clients that leave before they are served: the number of handlers that still run for them."""

import contextlib
import socket
import time

from . import answers, contestants
from .processes import MeasurementError, NotHereError, raise_descriptor_limit
from .settings import Figure

CONNECTIONS = 1_000
WORKERS = 2
SLOW_MS = 1_000
REQUEST = f"GET /slow/{SLOW_MS} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
# The pause between the last request and the first close.
STAY = 0.01
# Long enough for a worker to begin a third request, if there were one.
AFTERWARDS = 2.5 * SLOW_MS / 1000


def measure(settings, say):
    """Handlers that begin for clients which ask for a second of CPU time and leave at once."""
    if raise_descriptor_limit() < CONNECTIONS + 100:
        raise NotHereError(f"needs {CONNECTIONS + 100} open files (ulimit -n)")
    say(f"{CONNECTIONS} clients that ask for /slow/{SLOW_MS} and leave")
    server = contestants.sake(settings.build_dir, "--workers", WORKERS)
    process, port = server.start(settings.work_dir / "departed")
    with process:
        answers.expect_text(port, "/slow-count", b"0")
        stayed_ms = ask_and_leave(port) * 1000
        time.sleep(AFTERWARDS)
        begun = slow_count(port)
    # If none has begun, the server may not have seen the requests, and the result would mean nothing.
    if begun == 0:
        raise MeasurementError(f"no handler had begun when the clients left: {process.tail()}")
    return {"connections": CONNECTIONS, "workers": WORKERS, "stayed_ms": stayed_ms,
            "begun": begun}, [Figure(
        f"handlers begun for {CONNECTIONS} clients that left", begun, "", WORKERS,
        f"{WORKERS} workers; all had left {stayed_ms:.0f} ms after the first had asked")]


def ask_and_leave(port):
    """Sends a request on every connection, then closes all; returns the seconds from first to last."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                  for _ in range(CONNECTIONS)]
        begun = time.monotonic()
        for connection in opened:
            connection.sendall(REQUEST)
        time.sleep(STAY)
        for connection in opened:
            connection.close()
        return time.monotonic() - begun


def slow_count(port):
    with answers.connected(port) as connection:
        answer = answers.ask(connection, "/slow-count")
    answers.expect(answer, "/slow-count", 200)
    return int(answer[2])
