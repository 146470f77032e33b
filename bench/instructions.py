#!/usr/bin/python3
"""Counts user-space instructions per keep-alive request under callgrind, for one server each.

To see where they are spent, use a build with line numbers (-g1) and run callgrind_annotate on the file
that --keep leaves.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from harness import counting, machine
from harness.processes import MeasurementError
from harness.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build" / "release",
                        help="where the programs were built (default: build/release)")
    parser.add_argument("--requests", type=int, default=10_000,
                        help="requests by which the two runs differ (default: 10000)")
    parser.add_argument("--depth", type=int, default=1, help="requests pipelined (default: 1)")
    parser.add_argument("--keep", type=Path, metavar="FILE",
                        help="keep callgrind's file of the longer run of Sake's server")
    return parser.parse_args()


def main():
    options = arguments()
    server_core, load_core = machine.pick_cores()
    lengths = (2_000, 2_000 + options.requests)
    with tempfile.TemporaryDirectory(prefix="sake-bench-") as folder:
        settings = Settings(options.build_dir.resolve(), Path(folder), server_core, load_core)
        # Sake last, so that callgrind's file is Sake's.
        for contestant in reversed(counting.contenders(settings)):
            count = counting.per_request(settings, contestant, counting.Callgrind, lengths,
                                         options.depth)
            print(f"{contestant.name:10} {count:8,.0f} instructions per request", flush=True)
        if options.keep:
            shutil.copy(counting.Callgrind(settings.work_dir / "counting").output, options.keep)


if __name__ == "__main__":
    try:
        main()
    except MeasurementError as error:
        sys.exit(f"instructions: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
