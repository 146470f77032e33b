#!/usr/bin/env python3
"""Checks the code shown in *.md against the files it is taken from.

A fenced block that follows `<!-- snippet: examples/hello.cpp -->` equals that file; a block that follows
`<!-- snippet: examples/hello.cpp#routes -->` equals the lines between `// [routes]` and
`// [/routes]` in it (`# [routes]` in a script), moved to the left margin. Marker lines are not shown.

usage: snippets.py [--write] <root of the source tree>
Prints one line per breach; exits with 1 if there is one. --write mends the pages instead.
"""

import pathlib
import re
import sys
import textwrap

SNIPPET = re.compile(r"<!--\s*snippet:\s*(?P<file>[^\s#]+)(?:#(?P<region>[\w-]+))?\s*-->")
MARKER = re.compile(r"\s*(?://|#)\s*\[(?P<close>/?)(?P<name>[\w-]+)\]\s*$")
FENCE = re.compile(r"(`{3,})[\w+-]*\s*$")


class Broken(Exception):
    """The reason why a snippet cannot be compared."""


def region_of(lines, region):
    """The lines between the markers of `region`."""
    marks = [(i, bool(m["close"])) for i, line in enumerate(lines)
             if (m := MARKER.match(line)) and m["name"] == region]
    if [close for _, close in marks] != [False, True]:
        raise Broken(f"the file does not hold one region [{region}]")
    return lines[marks[0][0] + 1:marks[1][0]]


def source_of(root, file, region):
    """The lines that a snippet must show."""
    try:
        lines = (root / file).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise Broken("there is no such file") from None
    if region:
        lines = region_of(lines, region)
    shown = "\n".join(line for line in lines if not MARKER.match(line))
    return textwrap.dedent(shown).strip("\n").splitlines()


def block_after(lines, start):
    """The half-open range of lines inside the fenced block that follows line `start`."""
    first = next((i for i in range(start + 1, len(lines)) if lines[i].strip()), len(lines))
    fence = FENCE.match(lines[first]) if first < len(lines) else None
    if not fence:
        raise Broken("no fenced block follows")
    for last in range(first + 1, len(lines)):
        if lines[last].strip() == fence[1]:
            return first + 1, last
    raise Broken("the fenced block does not end")


def check_page(root, page, write):
    """Yields one line per breach in a page; with `write`, replaces outdated snippets instead."""
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        found = SNIPPET.match(lines[number].strip())
        number += 1
        if not found:
            continue
        where = f"{page.relative_to(root)}:{number}: {found[0]}"
        try:
            first, last = block_after(lines, number - 1)
            source = source_of(root, found["file"], found["region"])
        except Broken as reason:
            yield f"{where}: {reason}"
            continue
        if lines[first:last] != source:
            if not write:
                yield f"{where}: differs from its source; snippets.py --write mends it"
            lines[first:last] = source
        number = first + len(source)
    if write:
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def pages(root):
    for page in sorted(root.rglob("*.md")):
        if page.relative_to(root).parts[0] not in ("build", ".git"):
            yield page


def problems(root, write=False):
    return [breach for page in pages(root) for breach in check_page(root, page, write)]


if __name__ == "__main__":
    breaches = problems(pathlib.Path(sys.argv[-1]), write="--write" in sys.argv[1:])
    print("\n".join(breaches) or "every snippet equals its source")
    sys.exit(1 if breaches else 0)
