#!/usr/bin/env python3
"""Checks the #include lines: layers include only lower layers (testing -> runtime -> actors -> routing -> http),
and inside the libraries each path leads to a file, relative to the including file.

usage: layering.py <root of the source tree>
Prints one line per breach; exits with 1 if there is one.
"""

import os
import pathlib
import re
import sys

LAYERS = ["http", "routing", "actors", "runtime", "testing"]

# The folder of a layer that is not in the folder of its name.
FOLDERS = {"testing": "runtime/testing"}

# Headers that a program includes in place of many others: they use <sake/...>, as programs do.
UMBRELLAS = {pathlib.PurePath("runtime/sake.hpp"), pathlib.PurePath("actors/actors.hpp")}

# The prefix of a library's headers, and the layers that may include them. Users' programs read our
# headers, so headers may use fewer libraries than sources.
LIBRARIES = {
    "Asio": re.compile(r"boost/asio[./]"),
    "Beast": re.compile(r"boost/beast[./]"),
    "Boost.URL": re.compile(r"boost/url[./]"),
    "CAF": re.compile(r"caf/"),
    "RapidJSON": re.compile(r"rapidjson/"),
    "toml++": re.compile(r"toml\+\+/"),
    "CLI11": re.compile(r"CLI/"),
    "OpenSSL": re.compile(r"openssl/"),
}
SOURCES_MAY_USE = {
    "http": {"Beast", "Boost.URL", "RapidJSON"},
    "routing": set(),
    "actors": {"CAF", "OpenSSL"},
    "runtime": set(LIBRARIES) - {"OpenSSL"},
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


def layer_of(file):
    """The layer that a file of the source tree is in, or None."""
    if file.parts[:2] == ("runtime", "testing"):
        return "testing"
    return file.parts[0] if file.parts[0] in LAYERS else None


def breach_in_layer(root, layer, file, quote, path):
    """The rule that one #include of a file in `layer` breaks, or None."""
    if file in UMBRELLAS:
        return None if path.startswith("sake/") else "that is not what an umbrella header is for"
    if path in TOO_WIDE:
        return "include what is used, not everything there is"
    if path.startswith("sake/"):
        return 'write the path from this file, "...": it is found without a build'
    if quote == '"':
        target = pathlib.PurePath(os.path.normpath(file.parent / path))
        if not (root / target).is_file():
            return "there is no such file beside it"
        if target in UMBRELLAS:
            return "that one is for programs"
        own = layer_of(target)
        if own is None or LAYERS.index(own) > LAYERS.index(layer):
            return f"{layer}/ stands below {own or target.parts[0]}/"
        return None
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
                report(name, number, path, breach_in_layer(root, layer, name, quote, path))
    for folder in ("examples", "bench"):
        for file, name in files_of(root, folder):
            for number, _, path in includes(file):
                report(name, number, path, breach_in_program(path))
    return found


if __name__ == "__main__":
    breaches = problems(pathlib.Path(sys.argv[1]))
    print("\n".join(breaches) or "no include points upward")
    sys.exit(1 if breaches else 0)
