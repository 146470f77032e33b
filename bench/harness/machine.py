"""The machine of the figures: cores, versions, and its load beforehand."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path


def pick_cores():
    """Two cores for server and load generator, if possible not two hardware threads of one core.

    Returns (None, None), which pins nothing, when only one core is allowed.
    """
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        return None, None
    siblings = thread_siblings(allowed[0])
    apart = [core for core in allowed[1:] if core not in siblings]
    return allowed[0], (apart or allowed[1:])[0]


def thread_siblings(core):
    """The hardware threads that share a physical core with `core`, itself included."""
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    found = {core}
    if path.exists():
        for part in path.read_text().strip().split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def describe(source_dir):
    """Machine, system and versions, as they go into the report."""
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commit": first_line(["git", "--no-optional-locks", "-C", str(source_dir),
                              "describe", "--always", "--dirty"]),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load_average": os.getloadavg()[0],
        "versions": {name: version for name, command in VERSION_COMMANDS.items()
                     if (version := first_line(command))},
    }


VERSION_COMMANDS = {
    "g++": ["g++", "--version"],
    "wrk": ["wrk", "--version"],
    "h2load": ["h2load", "--version"],
    "valgrind": ["valgrind", "--version"],
    "strace": ["strace", "--version"],
    "nginx": ["nginx", "-v"],
    "h2o": ["h2o", "--version"],
    "go": ["go", "version"],
    "node": ["node", "--version"],
}


def processor():
    """The model name of the first core."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def first_line(command):
    """The first line that a program prints, or nothing if it is not installed or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    # wrk prints its version and ends with status 1.
    return lines[0] if lines and (done.returncode == 0 or command[0] == "wrk") else ""
