#!/usr/bin/env python3
"""Each packet between machines takes 200 ms: everything works, and nothing is lost.

usage: delay.py <sake-bench-server>
"""

import time

from load import BLOB, Client, Load, check_blobs, check_once, mixed
from processes import Cluster, check, front_and_workers, main
from subnet import SlowSubnet

SECONDS = 0.2


def send_blob(front):
    """Sends content that travels in pieces, and returns how long that takes."""
    answer = Client(front.http).ask("POST", "/blob", BLOB)
    check(check_blobs([answer]) == 1, f"the blob is answered {answer}")
    return answer.took


def test(server, _):
    with SlowSubnet(3, SECONDS) as subnet, Cluster(server, True) as cluster:
        front, *workers = front_and_workers(cluster, subnet.machines)
        begun = time.monotonic()
        cluster.start_all(20)
        joined = time.monotonic() - begun
        # Few requests are under way at a worker at a time, and each takes two ways.
        with Load(front.http, mixed("a"), rate=12) as load:
            time.sleep(4)
            workers[0].stop()
            workers[0].start()
            cluster.wait_for_mesh(20)
            time.sleep(4)
        load.check_all_are(200)
        check(check_once(load.answers, cluster.runs()) == 0, "a request has run, but was not answered")
        quickest = min(each.took for each in load.answers)
        check(quickest >= 2 * SECONDS, f"an answer after {quickest:.3f} s took no two ways")
        trips = [each["round_trip_us"] for each in front.nodes() if not each["is_this_node"]]
        check(all(each >= 2e6 * SECONDS for each in trips), f"round trips of {trips} us")
        print(f"{1000 * SECONDS:.0f} ms each way: a mesh after {joined:.1f} s; {load.counted()}; "
              f"{len(BLOB)} octets in {send_blob(front):.1f} s; round trips {[each // 1000 for each in trips]} ms")


main(test)
