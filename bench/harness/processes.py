"""Servers and load generators as child processes: started, watched, and always ended by pid."""

import contextlib
import os
import random
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path


class MeasurementError(Exception):
    """A measurement that failed; the text gives the reason."""


class NotHereError(MeasurementError):
    """A measurement that is impossible on this machine: a tool, a limit or a part of the build is missing."""


class Process:
    """A child process in a process group of its own; leaving the `with` block ends it.

    Not in a session of its own: the kernel first divides the cores between sessions (autogroup,
    sched(7)), regardless of the scheduling classes inside them.

    core: the core to pin it to, or None to leave the choice to the kernel.
    log:  the file of its output.
    """

    def __init__(self, command, log, core=None, environment=None, stdin=subprocess.DEVNULL):
        self.command = [str(part) for part in command]
        self.log = Path(log)
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                pinned(self.command, core), stdin=stdin, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})}, process_group=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def pid(self):
        return self._child.pid

    @property
    def stdin(self):
        return self._child.stdin

    def is_running(self):
        return self._child.poll() is None

    def interrupt(self, patience=10.0):
        """Sends SIGINT, at which a tool prints its results so far, and waits for the end."""
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            raise MeasurementError(f"{self.command[0]} does not end on SIGINT") from None

    def end(self, patience=10.0):
        """Asks the process to stop, and kills the rest of its group after `patience`."""
        if self._child.stdin:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        if self.is_running():
            self._child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(patience)
        # Children of a server that died stay in its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._child.wait()

    def tail(self):
        """The last lines of the output, for an error message."""
        return "; ".join(self.log.read_text(errors="replace").splitlines()[-5:])

    def cpu_seconds(self):
        """CPU time of the process and its children so far, threads that have ended included."""
        return sum(cpu_clock(pid) for pid in self.family())

    def rss_kib(self):
        """Resident memory of the process and its children."""
        return sum(rss_kib(pid) for pid in self.family())

    def family(self):
        """The process and all its descendants."""
        pids = [self.pid]
        for pid in pids:
            pids.extend(children(pid))
        return pids

    def wait_for_port(self, port, patience=20.0):
        """Waits until the process accepts connections on `port`."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not self.is_running():
                raise MeasurementError(f"{self.command[0]} ended: {self.tail()}")
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            time.sleep(0.02)
        raise MeasurementError(f"{self.command[0]} does not listen on port {port}: {self.tail()}")


def pinned(command, core):
    """`command`, pinned to `core` unless that is None."""
    return list(command) if core is None else ["taskset", "-c", str(core), *command]


def run(command, timeout, core=None, check=True):
    """Runs a short program to its end and returns its standard output."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(pinned(command, core), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"{command[0]} took longer than {timeout} s") from None
    if check and done.returncode != 0:
        raise MeasurementError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def children(pid):
    """Direct children of a process, of every one of its threads."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found.extend(int(child) for child in task.read_text().split())
    return found


def cpu_clock(pid):
    """CPU time of one process in seconds, from its CPU-time clock: exact to nanoseconds, while
    /proc/PID/stat counts ticks of 10 ms. 0 if the process has ended."""
    process_clock = (~pid << 3) | 2  # the result of clock_getcpuclockid(3) on Linux
    try:
        return time.clock_gettime(process_clock)
    except OSError:
        return 0.0


def rss_kib(pid):
    """Resident memory of one process; 0 if it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def free_port():
    """A port below the ephemeral range, so that no client takes it before the server does."""
    for _ in range(100):
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise MeasurementError("no free port between 20000 and 30000")


def raise_descriptor_limit():
    """Lets this process and its children open as many files as the system permits; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
