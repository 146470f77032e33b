#!/usr/bin/env python3
"""Checks the layout of the sources against .clang-format.

usage: format.py <clang-format> <root of the source tree>
Prints the differences; exits with 1 if there are any. `clang-format-16 -i` mends them.
"""

import pathlib
import subprocess
import sys

FOLDERS = ["http", "routing", "actors", "runtime", "examples", "bench", "tests", "cmake"]

if __name__ == "__main__":
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    files = [
        str(file)
        for folder in FOLDERS
        for file in sorted((root / folder).rglob("*"))
        if file.suffix in (".hpp", ".cpp")
    ]
    sys.exit(subprocess.run([program, "--dry-run", "--Werror", *files], check=False).returncode)
