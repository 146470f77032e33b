#!/usr/bin/env python3
"""Ten nodes of which each knows one address become a mesh; a name used twice, dials at the same time and
a second address do no harm.

usage: mesh.py <sake-bench-server> [tls]
"""

import contextlib
import socket
import threading
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
    """A process with the name of a node is refused, and the mesh stays whole."""
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


class Forwarder:
    """Forwards connections to another address, and counts them."""

    def __init__(self, to):
        self.to = to
        self.count = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            one, _ = self.listener.accept()
            self.count += 1
            other = socket.create_connection(self.to)
            for ways in ((one, other), (other, one)):
                threading.Thread(target=self.pump, args=ways, daemon=True).start()

    @staticmethod
    def pump(source, sink):
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                sink.sendall(octets)
            sink.shutdown(socket.SHUT_WR)


def join_by_second_address(server, is_encrypted):
    """A node that another one joins by an address that leads to it is dialled once."""
    with Cluster(server, is_encrypted) as cluster:
        reached, comes = cluster.add("reached"), cluster.add("comes")
        host, port = reached.address.split(":")
        forwarder = Forwarder((host, int(port)))
        comes.command += ["--node.join", forwarder.address]
        reached.start()
        wait_until(reached.nodes, 10, "the first node answers")
        comes.start()
        cluster.wait_for_mesh()
        time.sleep(2)
        cluster.wait_for_mesh()
        check(forwarder.count == 1, f"{forwarder.count} connections over the second address")
    print("a node is joined by a second address, over one connection")


def test(server, is_encrypted):
    form_mesh(server, is_encrypted)
    dial_at_once(server, is_encrypted)
    join_by_second_address(server, is_encrypted)


main(test)
