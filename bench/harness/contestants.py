"""The servers of the side-by-side runs: how each is built, configured and started.

Each runs one serving thread, because the harness gives each the same single core.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from .processes import Process, free_port, run

SOURCES = Path(__file__).parent.parent / "others"


@dataclass(frozen=True)
class Contestant:
    """A server by its name; `command(port, folder)` may write its configuration into `folder`."""
    name: str
    command: Callable

    def start(self, folder, core=None):
        """A running server and its port. Raises MeasurementError if it does not start."""
        folder = Path(folder) / self.name
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        process = Process(self.command(port, folder), folder / "output.log", core)
        try:
            process.wait_for_port(port)
        except BaseException:
            process.end()
            raise
        return process, port


def sake(build_dir, *options):
    """Sake's own bench server; without options it has the engine's defaults."""
    program = Path(build_dir) / "bench" / "sake-bench-server"
    return Contestant("sake", lambda port, _: [program, "--port", port, *options])


def raw_beast(build_dir):
    program = Path(build_dir) / "bench" / "sake-bench-raw-beast"
    return Contestant("raw_beast", lambda port, _: [program, "--port", port])


def floor(build_dir):
    """A server that parses nothing."""
    program = Path(build_dir) / "bench" / "sake-bench-floor"
    return Contestant("floor", lambda port, _: [program, "--port", port])


def content_floor(build_dir, read_octets=None):
    """A server of 1 MiB of content that parses nothing; it reads at most so many octets at a time."""
    program = Path(build_dir) / "bench" / "sake-bench-floor-content"
    size = ["--read-octets", read_octets] if read_octets else []
    name = f"floor_{read_octets // 1024}_kib" if read_octets else "floor"
    return Contestant(name, lambda port, _: [program, "--port", port, *size])


def available(build_dir, work_dir):
    """The servers that can run on this machine, Sake and the baseline first."""
    found = [sake(build_dir, "--reactors", 1, "--workers", 1), raw_beast(build_dir)]
    if shutil.which("nginx"):
        found.append(Contestant("nginx", nginx))
    if shutil.which("h2o"):
        found.append(Contestant("h2o", h2o))
    if shutil.which("go"):
        program = build_go(work_dir)
        found.append(Contestant("go", lambda port, _: [program, "-port", port]))
    if shutil.which("node"):
        found.append(Contestant("node", lambda port, _: ["node", SOURCES / "node/server.js", port]))
    pistache = Path(build_dir) / "bench" / "sake-bench-pistache"
    if pistache.exists():
        found.append(Contestant("pistache", lambda port, _: [pistache, "--port", port]))
    return found


def build_go(work_dir):
    """Compiles the Go server; it needs nothing but the standard library."""
    program = Path(work_dir) / "go-server"
    run(["env", "GO111MODULE=off", "go", "build", "-o", program, SOURCES / "go" / "main.go"],
        timeout=120)
    return program


def nginx(port, folder):
    """nginx with its fastest answer: constants in the configuration, no access log."""
    temporary = "\n".join(f"  {kind}_temp_path {folder}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
{temporary}
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /plaintext {{ default_type text/plain; return 200 "Hello, World!"; }}
    location = /json {{
      default_type application/json;
      return 200 '{{"message":"Hello, World!"}}';
    }}
  }}
}}
""")
    return ["nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"]


def h2o(port, folder):
    """h2o with two small files, which it keeps open. Started as root it serves as `nobody`."""
    (folder / "plaintext.txt").write_text("Hello, World!")
    (folder / "message.json").write_text('{"message":"Hello, World!"}')
    (folder / "h2o.conf").write_text(f"""
num-threads: 1
max-connections: 4096
listen:
  host: 127.0.0.1
  port: {port}
hosts:
  default:
    paths:
      /plaintext:
        file.file: {folder}/plaintext.txt
      /json:
        file.file: {folder}/message.json
""")
    return ["h2o", "-c", folder / "h2o.conf"]
