#!/usr/bin/python3
"""Runs the benches and prints every figure beside its target: `./sake bench`.

Writes results.json and results.png to build/bench. The exit status is 0 if everything that can be
measured on this machine was measured, even if a target was missed; 1 if a measurement failed.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from harness import (adaptive, compile_time, connections, content, counting, departed, heads, idle,
                     kinds, machine, overload, plot, pool, report, scaling, side_by_side, simulation, soak)
from harness.processes import MeasurementError, NotHereError, raise_descriptor_limit
from harness.settings import Figure, Settings

ROOT = Path(__file__).resolve().parent.parent

SECTIONS = {
    "heads": heads.measure,
    "content": content.measure,
    "side_by_side": side_by_side.measure,
    "instructions": counting.measure_instructions,
    "memory": connections.measure_memory,
    "connections": connections.measure_concurrent,
    "churn": connections.measure_churn,
    "sharing": connections.measure_sharing,
    "idle": idle.measure,
    "interference": pool.measure_interference,
    "round_trip": pool.measure_round_trip,
    "throughput": pool.measure_throughput,
    "adaptive": adaptive.measure,
    "kinds": kinds.measure,
    "overload": overload.measure,
    "departed": departed.measure,
    "simulation": simulation.measure,
    "system_calls": counting.measure_system_calls,
    "soak": soak.measure,
    "compile_time": compile_time.measure,
    "scaling": scaling.measure,
}

# The scaling figures have no targets, so they are measured only on request.
USUAL = [name for name in SECTIONS if name != "scaling"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under 3 minutes instead of 15")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION",
                        default=USUAL, help=f"only these: {', '.join(SECTIONS)}")
    parser.add_argument("--servers", nargs="+", default=[], metavar="NAME",
                        help="only these servers side by side, such as: sake raw_beast nginx")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench",
                        help="where results.json and results.png go (default: build/bench)")
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build" / "release",
                        help="where the programs were built (default: build/release)")
    return parser.parse_args()


def measure(settings, only):
    """Results by section, all figures, and whether every possible measurement succeeded."""
    results, figures, complete = {}, [], True
    for name in only:
        try:
            results[name], found = SECTIONS[name](settings, say)
            figures.extend(found)
        except (MeasurementError, OSError) as error:
            figures.append(Figure(name, None, "", note=str(error)))
            complete = complete and isinstance(error, NotHereError)
    return results, figures, complete


def say(text):
    """Prints progress to standard error, so that the tables can be redirected."""
    print(f"  {text}", file=sys.stderr, flush=True)


def main():
    options = arguments()
    # Ends like an interrupt, through every `with` block, so that all children are ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise_descriptor_limit()
    server_core, load_core = machine.pick_cores()
    described = machine.describe(ROOT)
    if described["load_average"] > 0.5:
        say(f"the machine is not idle (load {described['load_average']:.1f}): expect noise")
    with tempfile.TemporaryDirectory(prefix="sake-bench-") as folder:
        # Servers that drop root must still be able to read their files.
        os.chmod(folder, 0o755)
        settings = Settings(options.build_dir.resolve(), Path(folder), server_core, load_core,
                            options.quick, tuple(options.servers))
        results, figures, complete = measure(settings, options.only)
    results = {"machine": described, "quick": options.quick, **results,
               "figures": [figure.as_json() for figure in figures]}
    report.print_all(results, figures)
    options.out.mkdir(parents=True, exist_ok=True)
    report.write_json(options.out / "results.json", results)
    draw(options.out / "results.png", results, figures)
    print(f"\nwritten to {options.out}")
    return 0 if complete else 1


def draw(path, results, figures):
    try:
        plot.write_png(path, results, figures)
    except ImportError:
        say("no picture: python3-matplotlib is not installed")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
