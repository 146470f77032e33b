"""The cost of Sake's headers in a build: compiling hello against a file with standard headers only."""

import json
import re
import resource
import shlex
import statistics
import subprocess
from pathlib import Path

from .processes import MeasurementError, NotHereError
from .settings import Figure

PLAIN = "#include <functional>\n#include <iostream>\n#include <string>\n\nint main() {}\n"
COMPILER = re.compile(r"(c|g|clang)\+\+(-\d+)?$")


def measure(settings, say):
    """CPU seconds of the compiler for either file, with the flags of the build and no cache."""
    command, hello = hello_command(settings.build_dir)
    plain = settings.work_dir / "plain.cpp"
    plain.write_text(PLAIN)
    rounds = []
    for number in range(settings.rounds):
        say(f"compile time, round {number + 1} of {settings.rounds}")
        rounds.append({"hello": compile_seconds(settings, command, hello),
                       "plain": compile_seconds(settings, command, plain)})
    ratio = statistics.median(row["hello"] / row["plain"] for row in rounds)
    seconds = {name: statistics.median(row[name] for row in rounds) for name in ("hello", "plain")}
    return {"command": command, "seconds": seconds, "rounds": rounds}, [Figure(
        "compile time of examples/hello against <string>, <functional>, <iostream>", ratio, "×",
        2.5, f"{seconds['hello']:.2f} s against {seconds['plain']:.2f} s")]


def hello_command(build_dir):
    """The build's command for examples/hello, without compiler cache, source and output."""
    database = Path(build_dir) / "compile_commands.json"
    if not database.exists():
        raise NotHereError(f"no {database}")
    for entry in json.loads(database.read_text()):
        if re.search(r"/examples/hello(/main)?\.cpp$", entry["file"]):
            return bare_command(shlex.split(entry["command"])), Path(entry["file"])
    raise NotHereError("the build has no examples/hello")


def bare_command(words):
    """The words from the compiler on, without those that name the source and the output."""
    start = next(i for i, word in enumerate(words) if COMPILER.search(word))
    kept = words[start:words.index("-c")]
    return [word for i, word in enumerate(kept) if word != "-o" and kept[i - 1] != "-o"]


def compile_seconds(settings, command, source):
    """CPU time, which other work on the machine disturbs less than elapsed time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*command, "-c", str(source), "-o", str(settings.work_dir / "unit.o")],
                          capture_output=True, text=True, cwd=settings.build_dir)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise MeasurementError(f"{source.name} does not compile: {done.stderr.strip()}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
