"""The bench server as several nodes: each one a process, with its addresses, its log and its faults."""

import contextlib
import http.client
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
CERTS = pathlib.Path(__file__).resolve().parents[2] / "sake"

# Below the range from which Linux takes ports for outgoing connections, so that a node that starts
# again gets its port again.
PORTS = range(10_000, 32_000)
given = set()

# The kernel ends a node when its test has ended, however that came about.
WITH_TEST = ["setpriv", "--pdeathsig", "KILL"]


class Failure(Exception):
    """A test that failed; the text gives the reason."""


class Impossible(Exception):
    """A test that this machine cannot run; the text gives the reason."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def wait_until(condition, seconds, text):
    """Returns the first true value of `condition`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        check(time.monotonic() < end, f"not within {seconds:g} s: {text}")
        time.sleep(0.02)


def free_port():
    """A port of 127.0.0.1 that is free, and that this process has not given before."""
    while True:
        port = random.choice(PORTS)
        if port in given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        given.add(port)
        return port


class Loopback:
    """Where nodes run by default: in the network of the test, over 127.0.0.1."""

    address = "127.0.0.1"
    # The beginning of the command line of a program that runs there.
    command = ()

    @contextlib.contextmanager
    def inside(self):
        """Sockets that this thread makes in the `with` block belong there."""
        yield


class Node:
    """One node, which may be started again after its end: the same name, addresses and options."""

    def __init__(self, server, folder, name, place):
        self.name = name
        self.place = place
        self.http = ("127.0.0.1", free_port())
        self.address = f"{place.address}:{free_port()}"
        self.log = folder / f"{name}.log"
        self.command = [*WITH_TEST, *place.command, server, "--port", str(self.http[1]),
                        "--reactors", "1", "--workers", "2", "--worker-scheduling", "normal",
                        "--worker-pinning", "off", "--node.name", name, "--node.listen", self.address]
        self.child = None

    def start(self):
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self.child.pid

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    # -- faults ----------------------------------------------------------------------

    def kill(self):
        self.child.kill()
        self.child.wait()

    def pause(self):
        self.child.send_signal(signal.SIGSTOP)

    def resume(self):
        self.child.send_signal(signal.SIGCONT)

    def stop(self, seconds=15):
        """Ends the node by SIGTERM: it must end well."""
        self.child.terminate()
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self.name} does not end within {seconds} s of SIGTERM") from None
        check(status == 0, f"{self.name} ends with {status} after SIGTERM")

    # -- knowledge and size ---------------------------------------------------------------

    def nodes(self):
        """The facts that it has of all nodes; empty if it does not answer."""
        connection = http.client.HTTPConnection(*self.http, timeout=2)
        with contextlib.closing(connection), self.place.inside():
            try:
                connection.request("GET", "/nodes")
                return json.loads(connection.getresponse().read())
            except (OSError, http.client.HTTPException):
                return []

    def states(self):
        """The state of each other node, by name."""
        return {each["name"]: each["state"] for each in self.nodes() if not each["is_this_node"]}

    def sees(self, *others, state="up"):
        states = self.states()
        return all(states.get(each.name) == state for each in others)

    def resident_kb(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise Failure(f"{self.name} has no memory")

    def threads(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/task").iterdir()))

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))


class Cluster:
    """Nodes, and a folder for their files. Leaving the `with` block ends every one.

    options: of all nodes.
    """

    def __init__(self, server, is_encrypted=False, options=()):
        self.server = server
        self.is_encrypted = is_encrypted
        self.options = list(options)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sake-nodes-"))
        self.once_log = self.folder / "once.log"
        self.nodes = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for each in self.nodes:
            if each.is_running():
                each.kill()
        if kind is not None:
            self.print_logs()
        shutil.rmtree(self.folder)

    def print_logs(self):
        for each in self.nodes:
            if each.log.exists():
                lines = each.log.read_text(encoding="utf-8", errors="replace").splitlines()
                print(f"-- the end of the log of {each.name}", *lines[-25:], sep="\n", file=sys.stderr)

    def add(self, name, role="both", place=Loopback()):
        node = Node(self.server, self.folder, name, place)
        node.command += ["--node.role", role, "--once-log", self.once_log, *self.options]
        if self.is_encrypted:
            node.command += self.certificates(node)
        self.nodes.append(node)
        return node

    def certificates(self, node):
        """Makes the certificate of a node, and returns the options that name it."""
        folder = self.folder / "certs"
        made = subprocess.run([CERTS, "certs", folder, f"{node.name}:{node.place.address}"], check=False,
                              capture_output=True, text=True)
        check(made.returncode == 0, f"no certificate of {node.name}: {made.stdout}{made.stderr}")
        return ["--node.certificate", folder / f"{node.name}.crt", "--node.key", folder / f"{node.name}.key",
                "--node.authority", folder / "ca.crt"]

    def join_all(self):
        """Has each node join every other, by its options."""
        for each in self.nodes:
            others = [other.address for other in self.nodes if other is not each]
            each.command += ["--node.join", ",".join(others)]

    def start_all(self, seconds=15):
        """Starts the nodes, and waits until each one sees every other."""
        for each in self.nodes:
            each.start()
        self.wait_for_mesh(seconds)

    def wait_for_mesh(self, seconds=15):
        for each in self.nodes:
            others = [other for other in self.nodes if other is not each]
            wait_until(lambda node=each, others=others: node.sees(*others), seconds,
                       f"{each.name} sees every other node; it sees {each.states()}")

    def runs(self):
        """The identifiers that POST /once has run with, in order."""
        return self.once_log.read_text(encoding="utf-8").split() if self.once_log.exists() else []


def front_and_workers(cluster, places=(Loopback(), Loopback(), Loopback())):
    """A front and two workers, which join each other: f1, w1, w2."""
    names = [("f1", "front"), ("w1", "worker"), ("w2", "worker")]
    made = [cluster.add(name, role, place) for (name, role), place in zip(names, places)]
    cluster.join_all()
    return made


def main(test):
    """Runs `test(server, is_encrypted)` with the arguments of the command line: <server> [tls]."""
    started = time.monotonic()
    try:
        test(sys.argv[1], "tls" in sys.argv[2:])
    except Impossible as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    except Failure as reason:
        print(f"failed: {reason}", file=sys.stderr)
        sys.exit(1)
    print(f"ended after {time.monotonic() - started:.1f} s")
