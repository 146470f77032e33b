#!/usr/bin/env python3
"""Checks the structure of the sources: no circle between files or folders, and every member function in the
pair of files of its class.

usage: structure.py <root of the source tree>
Prints one line per breach; exits with 1 if there is one.
"""

import os
import pathlib
import re
import sys

LIBRARIES = ["http", "routing", "actors", "runtime"]

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)

# A class or struct with a body, at any depth; and a definition at the left margin that names its class.
CLASS = re.compile(r"^\s*(?:template\s*<[^;{]*>\s*)?(?:class|struct)\s+(?:alignas\([^)]*\)\s+)?(\w+)\b(?!::)[^;(){}]*\{", re.M)
DEFINITION = re.compile(r"^(?![ \t#/}])[^\n;=()]*?\b(\w+)(?:<[\w, .]*>)?::(~?\w+|operator[^\s(]*)\(", re.M)


def pairs_of(root):
    """The sources of the libraries: the path of each pair of files, without the ending, and their texts."""
    pairs = {}
    for library in LIBRARIES:
        for file in sorted((root / library).rglob("*")):
            if file.suffix in (".hpp", ".cpp"):
                name = file.relative_to(root).with_suffix("")
                pairs.setdefault(name, {})[file.suffix] = file.read_text(encoding="utf-8")
    return pairs


def includes(pairs):
    """For each pair, the other pairs that it includes."""
    found = {}
    for name, texts in pairs.items():
        found[name] = set()
        for text in texts.values():
            for path in INCLUDE.findall(text):
                target = pathlib.PurePath(os.path.normpath(name.parent / path)).with_suffix("")
                if target != name and target in pairs:
                    found[name].add(target)
    return found


def circles(graph):
    """The strongly connected parts of more than one node (R. Tarjan, SIAM J. Comput. 1 (2), 1972)."""
    index, low, on_stack, stack, parts = {}, {}, set(), [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in on_stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while True:
                part.append(stack.pop())
                on_stack.remove(part[-1])
                if part[-1] == node:
                    break
            if len(part) > 1:
                parts.append(sorted(part))

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return parts


def room_of(name):
    """The folder of a pair; `detail` belongs to its parent."""
    return name.parent.parent if name.parent.name == "detail" else name.parent


def folders(graph):
    """For each folder, the other folders that its pairs include."""
    found = {room_of(name): set() for name in graph}
    for name, others in graph.items():
        found[room_of(name)] |= {room_of(other) for other in others} - {room_of(name)}
    return found


def strangers(pairs):
    """Member functions that are defined outside the pair of files that declares their class."""
    homes = {}
    for name, texts in pairs.items():
        for text in texts.values():
            for found in CLASS.findall(text):
                homes.setdefault(found, set()).add(name)
    for name, texts in pairs.items():
        for suffix, text in texts.items():
            for found in DEFINITION.finditer(text):
                where = homes.get(found[1])
                if where and name not in where:
                    line = text.count("\n", 0, found.start()) + 1
                    home = ", ".join(str(each) for each in sorted(where))
                    yield f"{name}{suffix}:{line}: defines {found[1]}::{found[2]}, whose class is in {home}"


def problems(root):
    pairs = pairs_of(root)
    graph = includes(pairs)
    found = [f"a circle of files: {', '.join(map(str, each))}" for each in circles(graph)]
    found += [
        f"a circle of folders: {', '.join(map(str, each))}" for each in circles(folders(graph))
    ]
    return found + list(strangers(pairs))


if __name__ == "__main__":
    tree = pathlib.Path(sys.argv[1])
    breaches = problems(tree)
    print("\n".join(breaches) or "no circle, and every member function with its class")
    sys.exit(1 if breaches else 0)
