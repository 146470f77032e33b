#!/usr/bin/env python3
"""Ten nodes of which each knows one address become a mesh; names and simultaneous dials do no harm.

usage: mesh.py <sake-bench-server> [tls]
"""

import time

from load import Load, idempotent
from processes import Cluster, check, main, wait_until

NODES = 10
PAIRS = 20


def form_mesh(server, is_encrypted):
    with Cluster(server, is_encrypted) as cluster:
        made = [cluster.add(f"n{number}") for number in range(NODES)]
        for known, node in zip(made, made[1:]):
            node.command += ["--node.join", known.address]
        begun = time.monotonic()
        cluster.start_all(30)
        print(f"{NODES} nodes form a mesh after {time.monotonic() - begun:.1f} s", flush=True)
        refuse_double(cluster, made)


def refuse_double(cluster, made):
    """A process with the name of a node does not get in, and harms nobody."""
    first = made[0]
    with Load(first.http, idempotent(), rate=100, connections=4) as load:
        double = cluster.add(made[3].name)
        double.log = cluster.folder / "double.log"
        double.command += ["--node.join", first.address]
        double.start()
        reason = f"another node has the name {double.name}"
        wait_until(lambda: reason in double.log.read_text(encoding="utf-8"), 10, "the double is told the reason")
        wait_until(lambda: reason in first.log.read_text(encoding="utf-8"), 10, "the node tells the reason")
        time.sleep(2)
        check("up" not in double.states().values(), f"the double has joined: {double.states()}")
        double.kill()
        cluster.nodes.remove(double)
    cluster.wait_for_mesh()
    for each in made:
        log = each.log.read_text(encoding="utf-8")
        check("died" not in log and "suspected" not in log, f"{each.name} has lost a node")
    load.check_all_are(200)
    print(f"a second {double.name} is refused; {load.counted()}", flush=True)


def dial_at_once(server, is_encrypted):
    """Two nodes that join each other start at the same time, again and again."""
    taken = []
    with Cluster(server, is_encrypted) as cluster:
        pair = [cluster.add("left"), cluster.add("right")]
        cluster.join_all()
        for _ in range(PAIRS):
            begun = time.monotonic()
            cluster.start_all()
            taken.append(time.monotonic() - begun)
            for each in pair:
                check("died" not in each.log.read_text(encoding="utf-8"), f"a link of {each.name} has not held")
            for each in pair:
                each.kill()
                each.log.unlink()
    print(f"{PAIRS} pairs meet, after {min(taken):.2f} to {max(taken):.2f} s")


def test(server, is_encrypted):
    form_mesh(server, is_encrypted)
    dial_at_once(server, is_encrypted)


main(test)
