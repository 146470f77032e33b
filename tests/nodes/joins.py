#!/usr/bin/env python3
"""A node joins and leaves many times: the one that stays keeps its threads, its descriptors and its memory.

usage: joins.py <sake-bench-server> [tls]
"""

from load import Client
from processes import Cluster, check, main, wait_until

JOINS = 200
# Until the pools of the node that stays are full, and its list of nodes that have gone.
FIRST_JOINS = 100
GROWTH_KB = 1.0


def visit(stays, comes, number):
    comes.start()
    wait_until(lambda: stays.sees(comes), 10, f"join {number}; {stays.name} sees {stays.states()}")
    if number % 2:
        comes.kill()
        wait_until(lambda: stays.sees(comes, state="died"), 10, f"the death of join {number}")
    else:
        comes.stop()
        wait_until(lambda: stays.sees(comes, state="left"), 10, f"the leave of join {number}")


def test(server, is_encrypted):
    quick = ["--node.heartbeat", "100ms", "--node.suspicion", "1s", "--node.death", "2s"]
    with Cluster(server, is_encrypted, quick) as cluster:
        stays = cluster.add("stays")
        comes = cluster.add("comes")
        comes.command += ["--node.join", stays.address]
        stays.start()
        wait_until(stays.nodes, 10, "the first node answers")
        client = Client(stays.http)
        for number in range(JOINS + FIRST_JOINS):
            if number == FIRST_JOINS:
                before = stays.resident_kb(), stays.threads(), stays.descriptors()
            visit(stays, comes, number)
            check(client.ask("GET", "/where").status == 200, "the first node does not answer")
        after = stays.resident_kb(), stays.threads(), stays.descriptors()
        growth = (after[0] - before[0]) / JOINS
        print(f"{JOINS} joins: resident memory {before[0]} to {after[0]} kB, {growth:.2f} kB for each; "
              f"threads {before[1]} to {after[1]}, descriptors {before[2]} to {after[2]}")
        check(growth < GROWTH_KB, f"{growth:.2f} kB for each join")
        check(after[1] == before[1], "the number of threads has changed")
        check(after[2] <= before[2], "the number of descriptors has grown")


main(test)
