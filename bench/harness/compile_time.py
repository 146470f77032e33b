"""What Sake costs a program of its user: the time to compile it, and its size."""

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

# The actor of examples/json_api on CAF alone.
BARE_ACTOR = """
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

struct draft { std::string title; std::optional<std::string> text; };
struct note { std::string id, title; std::optional<std::string> text; };
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(draft)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<note>)

struct notebook { std::map<std::string, note> notes; };

caf::behavior keep_notes(caf::stateful_actor<notebook>* self) {
  return {[=](caf::get_atom) { return std::vector<note>(self->state.notes.size()); },
          [=](caf::get_atom, const std::string& id) -> caf::result<note> { return self->state.notes[id]; },
          [=](caf::add_atom, draft& wanted) { return note{"1", wanted.title, wanted.text}; },
          [=](caf::delete_atom, const std::string& id) -> caf::result<note> {
            return self->state.notes.extract(id).mapped();
          }};
}

caf::actor start(caf::actor_system& in) { return in.spawn(keep_notes); }
"""
COMPILER = re.compile(r"(c|g|clang)\+\+(-\d+)?$")


def measure(settings, say):
    """CPU seconds of the compiler, with the flags of the build and no cache; and octets of hello."""
    command, hello = command_of(settings.build_dir, "hello")
    sources = {"hello": hello, "json_api": command_of(settings.build_dir, "json_api")[1],
               "plain": settings.work_dir / "plain.cpp", "bare_actor": settings.work_dir / "bare_actor.cpp"}
    sources["plain"].write_text(PLAIN)
    sources["bare_actor"].write_text(BARE_ACTOR)
    rounds = []
    for number in range(settings.rounds):
        say(f"compile time, round {number + 1} of {settings.rounds}")
        rounds.append({name: compile_seconds(settings, command, source) for name, source in sources.items()})
    seconds = {name: statistics.median(row[name] for row in rounds) for name in sources}
    size = stripped_size(settings)
    return {"command": command, "seconds": seconds, "rounds": rounds, "size": size}, [
        Figure("compile time of examples/hello against <string>, <functional>, <iostream>",
               statistics.median(row["hello"] / row["plain"] for row in rounds), "×",
               2.5, f"{seconds['hello']:.2f} s against {seconds['plain']:.2f} s"),
        Figure("compile time of examples/json_api", seconds["json_api"], "s", 3,
               f"its actor on CAF alone {seconds['bare_actor']:.2f} s"),
        Figure("size of examples/hello, stripped", size / 1e6, "MB", 1)]


def stripped_size(settings):
    program = settings.build_dir / "examples" / "sake-example-hello"
    if not program.exists():
        raise NotHereError(f"no {program}")
    stripped = settings.work_dir / "hello"
    subprocess.run(["strip", "-o", str(stripped), str(program)], check=True)
    return stripped.stat().st_size


def command_of(build_dir, example):
    """The build's command for an example, without compiler cache, source and output; and its source."""
    database = Path(build_dir) / "compile_commands.json"
    if not database.exists():
        raise NotHereError(f"no {database}")
    for entry in json.loads(database.read_text()):
        if entry["file"].endswith(f"/examples/{example}.cpp"):
            return bare_command(shlex.split(entry["command"])), Path(entry["file"])
    raise NotHereError(f"the build has no examples/{example}")


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
