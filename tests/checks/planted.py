#!/usr/bin/env python3
"""Plants the changes of planted.toml, one at a time, into a copy of the tree, and prints which the tests notice.

usage: planted.py <root> --check            only whether each change still applies
       planted.py <root> [--only NAME…] [--jobs N]
Exits with 1 if a change does not apply or compile, or if fewer than 90 % are noticed.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tomllib

DATA = "tests/checks/planted.toml"
FEWEST = 60
SHARE = 0.9
SECONDS = 900  # for one run of the tests; a longer run counts as hanging, and the change as noticed
ROUNDS = ["^(unit|actors|conformance)$", "^e2e$"]
LIGHT = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0", "-DSAKE_WERROR=OFF",
         "-DSAKE_BUILD_BENCH=OFF", "-DSAKE_BUILD_EXAMPLES=OFF"]


def changes(root):
    return tomllib.loads((root / DATA).read_text(encoding="utf-8"))["change"]


def problems(root, fewest=FEWEST):
    all_changes = changes(root)
    found = [] if len(all_changes) >= fewest else [f"{DATA}: has fewer than {fewest} changes"]
    names = [each["name"] for each in all_changes]
    found += [f"{DATA}: names {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    for each in all_changes:
        file = root / each["file"]
        count = file.read_text(encoding="utf-8").count(each["find"]) if file.is_file() else 0
        if count != 1:
            found.append(f"{DATA}: {each['name']}: its text is {count} times in {each['file']}")
        if each["find"] == each["replace"]:
            found.append(f"{DATA}: {each['name']}: changes nothing")
    return found


def failed_tests(output):
    """The names of the failed tests at the end of ctest's output."""
    return re.findall(r"^\s*\d+ - (\S+) \(", output, re.MULTILINE)


class Copy:
    """The committed tree, in a folder of its own."""

    def __init__(self, root, jobs):
        self.root, self.jobs = root / "build/planted", str(jobs)
        if self.root.exists():
            subprocess.run(["git", "worktree", "remove", "--force", str(self.root)], cwd=root, check=True)
        subprocess.run(["git", "worktree", "add", "--force", "--detach", str(self.root), "HEAD"], cwd=root, check=True)
        self.build = self.root / "build/planted"
        subprocess.run(["cmake", "-S", str(self.root), "-B", str(self.build), *LIGHT], check=True)

    def compiles(self):
        return subprocess.run(["cmake", "--build", str(self.build), "--parallel", self.jobs], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def failing(self):
        """The failing tests up to the first failure; tests after it do not run."""
        for label in ROUNDS:
            command = ["ctest", "-L", label, "--parallel", self.jobs, "--stop-on-failure", "--timeout", "120"]
            try:
                ran = subprocess.run(command, cwd=self.build, timeout=SECONDS, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, text=True)
            except subprocess.TimeoutExpired:
                return [f"{label}: too long"]
            if ran.returncode:
                return failed_tests(ran.stdout) or [f"{label}: ctest gave {ran.returncode}"]
        return []

    def outcome_of(self, change):
        file = self.root / change["file"]
        before = file.read_text(encoding="utf-8")
        file.write_text(before.replace(change["find"], change["replace"]), encoding="utf-8")
        try:
            if not self.compiles():
                return "does not compile"
            failing = self.failing()
            return f"noticed by {', '.join(failing)}" if failing else "not noticed"
        finally:
            file.write_text(before, encoding="utf-8")


def run(root, only, jobs):
    copy = Copy(root, jobs)
    print("without a change", flush=True)
    if not copy.compiles():
        print("the tree does not compile without a change")
        return 1
    if failing := copy.failing():
        print(f"without a change fail: {', '.join(failing)}")
        return 1
    outcomes = {}
    for each in changes(copy.root):
        if not only or each["name"] in only:
            outcomes[each["name"]] = copy.outcome_of(each)
            print(f"{each['name']}: {outcomes[each['name']]}", flush=True)
    noticed = sum(outcome.startswith("noticed") for outcome in outcomes.values())
    print(f"{noticed} of {len(outcomes)} changes are noticed")
    for name, outcome in outcomes.items():
        if not outcome.startswith("noticed"):
            print(f"{name}: {outcome}")
    return 0 if outcomes and noticed >= SHARE * len(outcomes) and "does not compile" not in outcomes.values() else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    root = given.root.resolve()
    breaches = problems(root)
    print("\n".join(breaches) or "every planted change applies")
    sys.exit(1 if breaches else 0 if given.check else run(root, given.only, given.jobs))
