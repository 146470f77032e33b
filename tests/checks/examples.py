#!/usr/bin/env python3
"""Checks that every examples/*.cpp has fewer than 100 lines and is driven by a test.

usage: examples.py <root of the source tree>
Prints one line per breach; exits with 1 if there is one.
"""

import pathlib
import sys

LINES = 100


def problems(root):
    found = []
    for file in sorted((root / "examples").glob("*.cpp")):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines >= LINES:
            found.append(f"examples/{file.name}: {lines} lines; an example has fewer than {LINES}")
        script = f"tests/examples/{file.stem}.sh"
        if not (root / script).is_file():
            found.append(f"examples/{file.name}: no {script} drives it")
    return found


if __name__ == "__main__":
    breaches = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(breaches) or "every example is short and driven by a test")
    sys.exit(1 if breaches else 0)
