"""Rounds of load on several servers that run at once."""

import contextlib

from .processes import MeasurementError


@contextlib.contextmanager
def running(settings, servers):
    """Starts the contestants; gives a list of name, process and port."""
    with contextlib.ExitStack() as stack:
        started = []
        for each in servers:
            process, port = each.start(settings.work_dir, settings.server_core)
            started.append((each.name, stack.enter_context(process), port))
        yield started


def interleaved(settings, say, what, servers, one_round):
    """Rows by server: the results of `one_round(name, process, port)`, called once a round for each
    of `servers`; each round begins with another one."""
    rows = {name: [] for name, _, _ in servers}
    for number in range(settings.rounds):
        say(f"{what}, round {number + 1} of {settings.rounds}")
        first = number % max(len(servers), 1)
        for name, process, port in servers[first:] + servers[:first]:
            try:
                rows[name].append(one_round(name, process, port))
            except MeasurementError as error:
                state = "runs" if process.is_running() else f"has ended: {process.tail()}"
                raise MeasurementError(f"{name}: {error}; the server {state}") from error
    return rows


def cpu_of(load):
    """A round that measures CPU time: `load(port)` returns the number of answers."""
    def one_round(_, process, port):
        before = process.cpu_seconds()
        answers = load(port)
        return {"cpu_us": (process.cpu_seconds() - before) * 1e6 / answers}
    return one_round
