"""Clients that send requests at a constant rate, and record the outcome of each."""

import collections
import hashlib
import itertools
import json
import select
import socket
import threading
import time

from processes import check

Answer = collections.namedtuple("Answer", "path begun took status text")

# In place of a status, if there is no response.
REFUSED, CLOSED, LATE = "refused", "closed", "late"

PATIENCE = 10.0


class Client:
    """One keep-alive connection, opened again when it has ended."""

    def __init__(self, address):
        self.address = address
        self.socket = None
        self.rest = b""

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        self.rest = b""

    def ask(self, method, path, content=b""):
        """Sends a request and returns its outcome."""
        begun = time.monotonic()
        try:
            status, text = self.exchange(method, path, content, begun + PATIENCE)
        except ConnectionRefusedError:
            status, text = REFUSED, ""
        except TimeoutError:
            status, text = LATE, ""
        except OSError as problem:
            status, text = CLOSED, str(problem)
        if not isinstance(status, int):
            self.close()
        return Answer(path, begun, time.monotonic() - begun, status, text)

    def has_ended(self):
        """Whether the server has closed the connection since its last response."""
        return bool(select.select([self.socket], [], [], 0)[0])

    def exchange(self, method, path, content, deadline):
        if self.socket is not None and self.has_ended():
            self.close()
        if self.socket is None:
            self.socket = socket.create_connection(self.address, PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        length = "" if method == "GET" else f"Content-Length: {len(content)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.address[0]}\r\n{length}\r\n"
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(head.encode() + content)
        while b"\r\n\r\n" not in self.rest:
            self.receive(deadline)
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        size = int(fields.get("content-length", 0))
        while len(self.rest) < size:
            self.receive(deadline)
        text, self.rest = self.rest[:size].decode("utf-8", "replace"), self.rest[size:]
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), text

    def receive(self, deadline):
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        octets = self.socket.recv(65536)
        if not octets:
            raise ConnectionResetError("the server has closed the connection")
        self.rest += octets


class Load:
    """Requests at a constant rate over several connections, each on a thread, while the `with` block runs.

    A connection that still waits at the time of its next request sends that one late.

    requests: an iterator of (method, path) or (method, path, content).
    """

    def __init__(self, address, requests, rate=300, connections=16):
        self.requests = requests
        self.interval = connections / rate
        self.answers = []
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(Client(address), number / rate))
                        for number in range(connections)]

    def __enter__(self):
        self.begun = time.monotonic()
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for each in self.threads:
            each.join()

    def run(self, client, offset):
        due = self.begun + offset
        while not self.is_over.wait(max(due - time.monotonic(), 0)):
            with self.lock:
                request = next(self.requests)
            self.answers.append(client.ask(*request))
            due = max(due + self.interval, time.monotonic() - self.interval)
        client.close()

    def statuses(self):
        return collections.Counter(each.status for each in list(self.answers))

    def since(self, begin, end=float("inf")):
        """The answers to requests that were sent between two times."""
        return [each for each in list(self.answers) if begin <= each.begun < end]

    def longest(self):
        return max((each.took for each in self.answers), default=0.0)

    def counted(self):
        """For people: the number of answers by status, and the longest time."""
        statuses = ", ".join(f"{count} x {status}" for status, count in self.statuses().most_common())
        return f"{len(self.answers)} requests: {statuses}; the longest took {self.longest() * 1000:.0f} ms"

    def check_all_are(self, *allowed):
        other = [each for each in self.answers if each.status not in allowed]
        check(self.answers, "there was no request")
        check(not other, f"{len(other)} of {self.counted()}; such as {other[:5]}")

    def check_only_once_requests_are_lost(self):
        """All answers are 200 or 502, and only requests that must not run twice got 502; gives those."""
        self.check_all_are(200, 502)
        lost = [each for each in self.answers if each.status != 200]
        check(all("/once/" in each.path for each in lost), f"idempotent requests were lost: {lost[:5]}")
        return lost

    def check_all_serve(self, nodes, begin):
        """Each of the nodes has served a request that was sent from `begin` on."""
        served = {each.text for each in self.since(begin)}
        check({each.name for each in nodes} <= served, f"only {served} serve in the end")


def idempotent():
    """GET /where, and each tenth time a request that takes CPU time."""
    return itertools.cycle([("GET", "/where")] * 9 + [("GET", "/burn/3")])


def once(prefix="r"):
    """POST /once with identifiers that are never used again."""
    return (("POST", f"/once/{prefix}{number}") for number in itertools.count())


def mixed(prefix="r"):
    """GET /where and POST /once by turns."""
    for request in once(prefix):
        yield "GET", "/where"
        yield request


BLOB = bytes(range(256)) * 800
BLOB_ANSWER = {"length": len(BLOB), "sha256": hashlib.sha256(BLOB).hexdigest()}


def once_and_blobs(prefix="r"):
    """POST /once, and after nine of them content that travels in pieces."""
    for request in once(prefix):
        yield request
        if request[1].endswith("9"):
            yield "POST", "/blob", BLOB


def check_blobs(answers):
    """Content has arrived whole. Returns the number of such answers."""
    blobs = [each for each in answers if each.path == "/blob" and each.status == 200]
    spoilt = [each for each in blobs if json.loads(each.text) != BLOB_ANSWER]
    check(not spoilt, f"content arrives spoilt: {spoilt[:5]}")
    return len(blobs)


def identifier(answer):
    return answer.path.rpartition("/")[2]


def check_once(answers, runs):
    """POST /once has run at most once for each identifier, and for each answer 200.

    Returns the number of runs whose client got another answer.
    """
    counted = collections.Counter(runs)
    twice = [each for each, count in counted.items() if count > 1]
    check(not twice, f"ran more than once: {twice[:5]}")
    sent = {identifier(each): each for each in answers if "/once/" in each.path}
    unknown = counted.keys() - sent.keys()
    check(not unknown, f"ran without a request: {sorted(unknown)[:5]}")
    answered = {each for each, answer in sent.items() if answer.status == 200}
    missing = answered - counted.keys()
    check(not missing, f"answered with 200, but did not run: {sorted(missing)[:5]}")
    return len(counted.keys() - answered)
