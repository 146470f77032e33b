#!/usr/bin/env python3
"""Holds the #include lines against the design: testing -> runtime -> actors -> routing -> http, nothing upward.

usage: layering.py <root of the source tree>
Prints one line per breach; exits with 1 where there is one.
"""

import pathlib
import re
import sys

LAYERS = ["http", "routing", "actors", "runtime", "testing"]

# Where a layer is, if not in the folder of its name.
FOLDERS = {"testing": "runtime/testing"}

# How the headers of a library begin, and where they may be included. A header is what a user's
# program reads with ours, so it may use less than a source.
LIBRARIES = {
    "Asio": re.compile(r"boost/asio[./]"),
    "Beast": re.compile(r"boost/beast[./]"),
    "Boost.URL": re.compile(r"boost/url[./]"),
    "CAF": re.compile(r"caf/"),
    "RapidJSON": re.compile(r"rapidjson/"),
    "toml++": re.compile(r"toml\+\+/"),
    "CLI11": re.compile(r"CLI/"),
}
SOURCES_MAY_USE = {
    "http": {"Beast", "Boost.URL", "RapidJSON"},
    "routing": set(),
    "actors": {"CAF"},
    "runtime": set(LIBRARIES),
    "testing": {"CAF"},
}
HEADERS_MAY_USE = {
    "http": set(),
    "routing": set(),
    "actors": {"CAF"},
    "runtime": {"Asio", "CAF"},
    "testing": {"CAF"},
}

# Each costs seconds in every translation unit.
TOO_WIDE = {"caf/all.hpp", "boost/asio.hpp", "boost/beast.hpp", "boost/beast/http.hpp"}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(file):
    """Yields (line number, opening quote, path) for each #include line."""
    text = file.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1], found[2]


def library_of(path):
    return next((name for name, begin in LIBRARIES.items() if begin.match(path)), None)


def breach_in_layer(layer, file, quote, path):
    """The rule that one #include of a file in `layer` breaks, or None."""
    if quote == '"':
        return "write <sake/...>: an installed header is not found beside its source"
    if path in TOO_WIDE:
        return "include what is used, not everything there is"
    if path in ("sake/sake.hpp", "sake/runtime/sake.hpp"):
        return "that one is for programs"
    own = re.match(r"sake/([^/]+)/", path)
    if own and (own[1] not in LAYERS or LAYERS.index(own[1]) > LAYERS.index(layer)):
        return f"{layer}/ stands below {own[1]}/"
    library = library_of(path)
    if library is None:
        return None
    if library not in SOURCES_MAY_USE[layer]:
        return f"{layer}/ may not use {library}"
    is_public = file.suffix == ".hpp" and "detail" not in file.parts
    if is_public and library not in HEADERS_MAY_USE[layer]:
        return f"a public header of {layer}/ may not use {library}"
    return None


def breach_in_program(path):
    """The rule that one #include of an example or a bench program breaks, or None."""
    if path.startswith("sake/") and "/detail/" in path:
        return "a program uses public headers"
    return None


def files_of(root, folder):
    others = [root / other for other in FOLDERS.values() if other != folder]
    for file in sorted((root / folder).rglob("*")):
        if file.suffix in (".hpp", ".cpp") and not any(other in file.parents for other in others):
            yield file, file.relative_to(root)


def problems(root):
    found = []

    def report(name, number, path, breach):
        if breach:
            found.append(f"{name}:{number}: includes {path}: {breach}")

    for layer in LAYERS:
        for file, name in files_of(root, FOLDERS.get(layer, layer)):
            for number, quote, path in includes(file):
                report(name, number, path, breach_in_layer(layer, name, quote, path))
    for folder in ("examples", "bench"):
        for file, name in files_of(root, folder):
            for number, _, path in includes(file):
                report(name, number, path, breach_in_program(path))
    return found


if __name__ == "__main__":
    breaches = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(breaches) or "no include points upward")
    sys.exit(1 if breaches else 0)
