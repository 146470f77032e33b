"""Checks the answers of a server before it is measured."""

import contextlib
import http.client
import json
import re
import socket

from .processes import MeasurementError

HELLO = b"Hello, World!"


@contextlib.contextmanager
def connected(port, timeout=5):
    """A keep-alive connection for the time of a `with` block. A failure there is a failed
    measurement."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        yield connection
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise MeasurementError(f"no right answer: {error}") from error
    finally:
        connection.close()


def check(port):
    """Checks the two routes that every contestant has, twice over one keep-alive connection."""
    with connected(port) as connection:
        for _ in range(2):
            expect_hello(connection)
            expect_json(connection)


def check_pipelining(port, depth):
    """Checks that `depth` requests in one write get as many correct responses."""
    batch = b"GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * depth
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        connection.sendall(batch)
        try:
            while len(re.findall(rb"\r\n\r\n" + HELLO, received)) < depth:
                piece = connection.recv(65536)
                if not piece:
                    break
                received += piece
        except TimeoutError:
            pass
    answered = len(re.findall(rb"\r\n\r\n" + HELLO, received))
    if answered != depth:
        raise MeasurementError(f"answers {answered} of {depth} pipelined requests")


def check_sake(port):
    """Checks the routes that only Sake's bench server has."""
    with connected(port) as connection:
        expect(ask(connection, "/users/42"), "/users/42", 200, b"42")
        for route in ("/fib", "/fib-inline"):
            expect(ask(connection, f"{route}/10"), f"{route}/10", 200, b"55")
            expect(ask(connection, f"{route}/x"), f"{route}/x", 400)
        first = int(ask(connection, "/hits")[2])
        expect(ask(connection, "/hits"), "/hits", 200, str(first + 1).encode())
        expect(ask(connection, "/"), "/", 200)
        echo = ask(connection, "/echo", "POST", b"\x00sake", {"Content-Type": "application/x-sake"})
        expect(echo, "/echo", 200, b"\x00sake", "application/x-sake")


def expect_text(port, path, content):
    """Checks the text of one route."""
    with connected(port) as connection:
        expect(ask(connection, path), path, 200, content, "text/plain")


def ask(connection, path, method="GET", content=None, fields=None):
    """Status, media type and content of one response."""
    connection.request(method, path, content, fields or {})
    response = connection.getresponse()
    return response.status, response.headers.get_content_type(), response.read()


def expect(answer, path, status, content=None, media_type=None):
    """Raises unless the answer is as expected; None allows any content or media type."""
    if (answer[0] != status or content not in (None, answer[2])
            or media_type not in (None, answer[1])):
        raise MeasurementError(f"wrong answer to {path}: {answer}")


def expect_hello(connection):
    expect(ask(connection, "/plaintext"), "/plaintext", 200, HELLO, "text/plain")


def expect_json(connection):
    answer = ask(connection, "/json")
    expect(answer, "/json", 200, None, "application/json")
    if json.loads(answer[2]) != {"message": "Hello, World!"}:
        raise MeasurementError(f"wrong answer to /json: {answer}")
