#!/usr/bin/env python3
"""Every node ends by SIGTERM under load and starts again, one after the other: nothing is lost.

usage: roll.py <sake-bench-server> [tls]
"""

import time

from load import CLOSED, REFUSED, Load, check_once, mixed
from processes import Cluster, check, front_and_workers, main


def roll_workers(front, workers, cluster):
    with Load(front.http, mixed("worker")) as load:
        for worker in workers * 2:
            time.sleep(1)
            worker.stop()
            time.sleep(0.3)
            worker.start()
            cluster.wait_for_mesh()
        time.sleep(0.5)
    load.check_all_are(200)
    print("the workers:", load.counted())
    return load.answers


def roll_front(front, cluster):
    with Load(front.http, mixed("front")) as load:
        for _ in range(3):
            time.sleep(1)
            front.stop()
            front.start()
            cluster.wait_for_mesh()
        time.sleep(0.5)
    # A client cannot tell whether a server that closes an idle connection has read its request.
    load.check_all_are(200, REFUSED, CLOSED)
    counted = load.statuses()
    check(counted[200] > counted[REFUSED] + counted[CLOSED], f"the front hardly answers: {load.counted()}")
    print("the front:", load.counted())
    return load.answers


def test(server, is_encrypted):
    with Cluster(server, is_encrypted) as cluster:
        front, *workers = front_and_workers(cluster)
        cluster.start_all()
        answers = roll_workers(front, workers, cluster)
        check(check_once(answers, cluster.runs()) == 0, "a request has run, but was not answered")
        answers += roll_front(front, cluster)
        unanswered = check_once(answers, cluster.runs())
        print(f"{len(cluster.runs())} runs of requests that run once, {unanswered} of them without an answer")


main(test)
