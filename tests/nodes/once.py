#!/usr/bin/env python3
"""Requests that must not be repeated, under many faults: each runs at most once, and is answered in time.

usage: once.py <sake-bench-server> [tls] [seed]
"""

import random
import sys
import time

from load import Load, check_blobs, check_once, once_and_blobs
from processes import Cluster, main, wait_until

FAULTS = 100
SECONDS = 45
LONGEST_PAUSE = 4.0


class Faults:
    """Does harm to workers, one fault at a time for each."""

    def __init__(self, workers, chance):
        self.workers = workers
        self.chance = chance
        self.kills = self.stops = self.pauses = 0
        # By worker: when it starts or resumes.
        self.returns = {}

    @property
    def count(self):
        return self.kills + self.stops + self.pauses

    def bring_back(self, now=float("inf")):
        for worker, at in list(self.returns.items()):
            if at <= now:
                worker.resume() if worker.is_running() else worker.start()
                del self.returns[worker]

    def do_harm(self, now):
        """Harms one worker that runs, if only the last."""
        able = [each for each in self.workers if each not in self.returns]
        if not able:
            return
        worker = self.chance.choice(able)
        kind = self.chance.choice(["kill", "kill", "kill", "stop", "pause"])
        if kind == "kill":
            worker.kill()
            self.kills += 1
            self.returns[worker] = now + self.chance.uniform(0, 0.3)
        elif kind == "stop":
            worker.child.terminate()
            worker.child.wait(15)
            self.stops += 1
            self.returns[worker] = now + self.chance.uniform(0, 0.3)
        else:
            worker.pause()
            self.pauses += 1
            self.returns[worker] = now + self.chance.uniform(0.2, LONGEST_PAUSE)


def test(server, is_encrypted):
    seed = int(sys.argv[-1]) if sys.argv[-1].isdigit() else random.randrange(1_000_000)
    chance = random.Random(seed)
    print(f"seed {seed}", flush=True)
    with Cluster(server, is_encrypted) as cluster:
        front = cluster.add("f1", "front")
        workers = [cluster.add(f"w{number}", "worker") for number in (1, 2, 3)]
        cluster.join_all()
        cluster.start_all()
        faults = Faults(workers, chance)
        end = time.monotonic() + SECONDS
        with Load(front.http, once_and_blobs()) as load:
            while faults.count < FAULTS and time.monotonic() < end:
                time.sleep(chance.uniform(0, 0.5))
                faults.bring_back(time.monotonic())
                faults.do_harm(time.monotonic())
            faults.bring_back()
            wait_until(lambda: front.sees(*workers), 15, f"all come back; {front.name} sees {front.states()}")
            time.sleep(0.5)
        load.check_all_are(200, 502, 503)
        unanswered = check_once(load.answers, cluster.runs())
        blobs = check_blobs(load.answers)
        print(f"{faults.count} faults: {faults.kills} kills, {faults.stops} stops, {faults.pauses} pauses; "
              f"{load.counted()}; {len(cluster.runs())} runs, {unanswered} without an answer 200; {blobs} blobs arrived whole")


main(test)
