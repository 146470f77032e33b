"""How often the threads of an idle server wake."""

import time
from pathlib import Path

from . import answers, contestants
from .settings import Figure

SECONDS = 10

# By then the deadlines of the last connection have passed, which may wake its reactor once.
SETTLED = 12


def measure(settings, say):
    process, port = contestants.sake(settings.build_dir).start(settings.work_dir, settings.server_core)
    with process:
        answers.check(port)
        time.sleep(SETTLED)
        say(f"an idle server, {SECONDS} s")
        before = sleeps(process.pid)
        time.sleep(SECONDS)
        after = sleeps(process.pid)
    woken = {thread: after[thread] - count for thread, count in before.items() if after[thread] > count}
    return {"by_thread": woken}, [Figure(f"wake-ups of an idle process in {SECONDS} s",
                                         sum(woken.values()), "", 0)]


def sleeps(pid):
    """How often each thread has gone to sleep, by its id and name."""
    counts = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
        counts[f"{task.name} {status['Name'].strip()}"] = int(status["voluntary_ctxt_switches"])
    return counts
