#!/usr/bin/env python3
"""The network between machines is cut, with and without resets: nodes part, and meet again.

usage: partition.py <sake-bench-server>
"""

import time

from load import Load, check_once, mixed
from processes import Cluster, front_and_workers, main, wait_until
from subnet import Subnet

# Longer than node.death.
CUT = 4.5


def part(cluster, pairs, cut, heal):
    """Cuts the network for some time under load; `pairs` are the nodes that must notice.

    Returns the answers, and when the last of `pairs` had noticed and had met again.
    """
    front, *workers = cluster.nodes
    with Load(front.http, mixed(f"r{time.monotonic_ns()}-"), rate=200) as load:
        time.sleep(0.5)
        begun = time.monotonic()
        cut()
        for one, other in pairs:
            wait_until(lambda one=one, other=other: one.sees(other, state="died"), 6,
                       f"{one.name} takes {other.name} for dead")
        noticed = time.monotonic()
        time.sleep(max(begun + CUT - time.monotonic(), 0))
        healed = time.monotonic()
        heal()
        cluster.wait_for_mesh()
        met = time.monotonic()
        time.sleep(0.5)
    load.check_only_once_requests_are_lost()
    load.check_all_serve(workers, met)
    return load, noticed - begun, met - healed


def test(server, _):
    with Subnet(3) as subnet, Cluster(server, True) as cluster:
        front, cut_off, other = front_and_workers(cluster, subnet.machines)
        machine = cut_off.place
        cluster.start_all()
        mutual = [(front, cut_off), (cut_off, front)]
        faults = {
            "a machine is cut off": (machine.cut_off, [*mutual, (other, cut_off), (cut_off, other)]),
            "two of three machines are parted": (lambda: machine.cut_off(front.place), mutual),
            "one direction is cut": (
                lambda: machine.filter("accept", f"ip daddr {front.place.address} drop"), mutual),
            "connections are reset": (machine.reset, [*mutual, (other, cut_off), (cut_off, other)]),
        }
        answers = []
        for name, (cut, pairs) in faults.items():
            load, noticed, met = part(cluster, pairs, cut, machine.heal)
            answers += load.answers
            print(f"{name}: dead on all sides after {noticed:.2f} s, a mesh {met:.2f} s after the end; "
                  f"{load.counted()}", flush=True)
        print(f"{len(cluster.runs())} runs, {check_once(answers, cluster.runs())} without an answer 200")


main(test)
