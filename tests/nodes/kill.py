#!/usr/bin/env python3
"""Workers are killed under load and start again at the same address: no idempotent request fails.

usage: kill.py <sake-bench-server> [tls]
"""

import time

from load import Load, idempotent
from processes import Cluster, front_and_workers, main, wait_until

KILLS = 10


def test(server, is_encrypted):
    with Cluster(server, is_encrypted) as cluster:
        front, *workers = front_and_workers(cluster)
        cluster.start_all()
        killed = []
        with Load(front.http, idempotent()) as load:
            for number in range(KILLS):
                time.sleep(0.5)
                worker = workers[number % 2]
                killed.append(time.monotonic())
                worker.kill()
                if number % 3:
                    wait_until(lambda gone=worker: front.sees(gone, state="died"), 5,
                               "the front sees the death")
                worker.start()
                cluster.wait_for_mesh()
        load.check_all_are(200)
        waits = [max(each.took for each in load.since(at - 0.1, at + 0.5)) for at in killed]
        print(f"{KILLS} kills; {load.counted()}; the longest around each kill, in ms:",
              *(f"{1000 * each:.0f}" for each in waits))


main(test)
