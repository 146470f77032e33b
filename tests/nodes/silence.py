#!/usr/bin/env python3
"""A worker is stopped under load for some time, longer than it takes to count as dead.

usage: silence.py <sake-bench-server> [tls]
"""

import time

from load import Load, check_once, mixed
from processes import Cluster, check, front_and_workers, main, wait_until

SILENCE = 6.0
# node.death, the intervals of its check, and the patience of a machine with other work.
ERRORS_END = 3.5 + 1.0


def test(server, is_encrypted):
    with Cluster(server, is_encrypted) as cluster:
        front, *workers = front_and_workers(cluster)
        silent = workers[0]
        cluster.start_all()
        with Load(front.http, mixed()) as load:
            time.sleep(1)
            stopped = time.monotonic()
            silent.pause()
            suspected = wait_until(lambda: front.sees(silent, state="suspected") and time.monotonic(), 5,
                                   "the front suspects a silent worker")
            died = wait_until(lambda: front.sees(silent, state="died") and time.monotonic(), 5,
                              "the front takes a silent worker for dead")
            time.sleep(max(stopped + SILENCE - time.monotonic(), 0))
            resumed = time.monotonic()
            silent.resume()
            wait_until(lambda: front.sees(*workers), 10, "the worker comes back by itself")
            back = time.monotonic()
            cluster.wait_for_mesh()
            time.sleep(1)
        lost = load.check_only_once_requests_are_lost()
        last = max((each.begun + each.took for each in lost), default=stopped)
        check(last < stopped + ERRORS_END, f"errors end {last - stopped:.2f} s after the stop")
        slow = [each for each in load.since(stopped + ERRORS_END, resumed) if each.took > 1]
        check(not slow, f"requests still wait for the silent worker: {slow[:5]}")
        unanswered = check_once(load.answers, cluster.runs())
        load.check_all_serve(workers, back)
        print(f"{load.counted()}; suspected after {suspected - stopped:.2f} s, dead after {died - stopped:.2f} s, "
              f"the last error after {last - stopped:.2f} s, back {back - resumed:.2f} s after its resumption; "
              f"{unanswered} runs without an answer")


main(test)
