#!/usr/bin/env python3
"""A fifth of all packets from and to a worker is lost for some time.

usage: loss.py <sake-bench-server>
"""

import time

from load import Load, check_once, mixed
from processes import Cluster, front_and_workers, main
from subnet import Subnet

PERCENT = 20
SECONDS = 8


def test(server, _):
    with Subnet(3) as subnet, Cluster(server, True) as cluster:
        front, *workers = front_and_workers(cluster, subnet.machines)
        cluster.start_all()
        with Load(front.http, mixed(), rate=200) as load:
            time.sleep(1)
            workers[0].place.lose(PERCENT)
            time.sleep(SECONDS)
            workers[0].place.heal()
            cluster.wait_for_mesh()
            whole = time.monotonic()
            time.sleep(1)
        # A link on which too much is lost at once is silent, and counts as dead.
        load.check_only_once_requests_are_lost()
        load.check_all_serve(workers, whole)
        unanswered = check_once(load.answers, cluster.runs())
        by_lossy = sum(each.text == workers[0].name for each in load.answers)
        print(f"{PERCENT} % loss for {SECONDS} s: {load.counted()}; {by_lossy} were served beyond the loss; "
              f"{unanswered} runs without an answer 200")


main(test)
