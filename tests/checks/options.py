#!/usr/bin/env python3
"""Checks that the table of options, runtime/config/options.cpp, and docs/configuration.md name the same options.

The page must also name every setter of sake::config, as an option or in the text.

usage: options.py <root of the source tree>
Prints one line per breach; exits with 1 if there is one.
"""

import pathlib
import re
import sys

TABLE = "runtime/config/options.cpp"
CONFIG = "runtime/config/config.hpp"
PAGE = "docs/configuration.md"

# The first argument of a row in the sources; on the page, tables with the first title "option" are read.
IN_TABLE = re.compile(r'\brow<[^()]*>\(\s*"([^"]+)"')
IN_POOL_TABLE = re.compile(r'\bpool_row<[^()]*>\(\s*"([^"]+)"')
SETTER = re.compile(r"config& (with_(\w+))\(")


def table_options(text):
    return IN_TABLE.findall(text) + IN_POOL_TABLE.findall(text)


def page_options(text):
    found, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == "option":
            inside = True
        elif inside and cells[0].startswith("`"):
            found.append(cells[0].strip("`"))
    return found


def problems(root):
    read = lambda name: (root / name).read_text(encoding="utf-8")
    page = read(PAGE)
    options, told = table_options(read(TABLE)), page_options(page)
    found = [f"{TABLE}: no row was found"] if not options else []
    found += [f"{PAGE}: has no row for the option {name}" for name in options if name not in told]
    found += [f"{PAGE}: tells of the option {name}, which {TABLE} does not have"
              for name in told if name not in options]
    found += [f"{PAGE}: tells of the option {name} twice"
              for name in sorted(set(told)) if told.count(name) > 1]
    for setter, name in SETTER.findall(read(CONFIG)):
        if name not in options and f"`{setter}" not in page:
            found.append(f"{CONFIG}: {setter} has no option in {TABLE} and no word in {PAGE}")
    return found


if __name__ == "__main__":
    breaches = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(breaches) or "the page tells of every option there is")
    sys.exit(1 if breaches else 0)
