# SPDX-License-Identifier: Apache-2.0
"""Tests mirror the source tree: dataplane/x/y.cpp has tests/dataplane/x/y_test.cpp, or several
tests/dataplane/x/y_*_test.cpp.

This is asked of every .cpp file of dataplane/ and control/, and of every header without one whose
functions have a body to speak of. main.cpp reads arguments and is left to the end-to-end tests. The
other exceptions are lines of no_mirror_test.txt.
"""

import re
from pathlib import Path

from sources import Finding

FOLDERS = {"dataplane", "control"}
MAIN = "main.cpp"
EXCEPTIONS = Path("scripts/lint.d/no_mirror_test.txt")
EXCEPTION = re.compile(r"(?P<path>\S+): (?P<reason>\S.*)")
TEST_PATH = re.compile(r"tests/[\w/.-]*\w")

# A header with fewer of these statements only declares, or its functions are one-liners.
MIN_STATEMENTS = 5
STATEMENT = re.compile(r"\b(?:return|if|for|while|switch)\b")
NO_CODE = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"')


def check_mirrors(root, paths):
    """Source files with logic have a test, or a reason."""
    paths = set(paths)
    reasons = {}
    for line, path, reason in read_exceptions(root, paths):
        reasons[path] = reason
        yield from judge_exception(root, paths, line, path, reason)
    for path in sorted(paths):
        if needs_test(root, paths, path) and not has_test(paths, path) and path not in reasons:
            yield Finding(path, 0, f"has no {mirror_of(path)}: write it, or give a reason in "
                          f"{EXCEPTIONS}")


def read_exceptions(root, paths):
    """Line number, path and reason of each exception; no reason if the line has another form."""
    if EXCEPTIONS not in paths:
        return
    for number, line in enumerate((root / EXCEPTIONS).read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            found = EXCEPTION.fullmatch(line)
            yield number, Path(found["path"] if found else line), found and found["reason"]


def judge_exception(root, paths, line, path, reason):
    if reason is None:
        yield Finding(EXCEPTIONS, line, "is not 'PATH: REASON'")
    elif path not in paths:
        yield Finding(EXCEPTIONS, line, f"there is no {path}: remove the line")
    elif has_test(paths, path):
        yield Finding(EXCEPTIONS, line, f"{path} has a test now: remove the line")
    elif not needs_test(root, paths, path):
        yield Finding(EXCEPTIONS, line, f"{path} needs no test: remove the line")
    else:
        for test in TEST_PATH.findall(reason):
            if not (root / test).exists():
                yield Finding(EXCEPTIONS, line, f"there is no {test}")


def needs_test(root, paths, path):
    if path.parts[0] not in FOLDERS or path.name == MAIN:
        return False
    if path.suffix == ".cpp":
        return True
    if path.suffix != ".h" or path.name.endswith(".bpf.h") or path.with_suffix(".cpp") in paths:
        return False
    code = NO_CODE.sub("", (root / path).read_text(encoding="utf-8", errors="replace"))
    return len(STATEMENT.findall(code)) >= MIN_STATEMENTS


def mirror_of(path):
    return "tests" / path.parent / f"{path.stem}_test.cpp"


def has_test(paths, path):
    mirror = mirror_of(path)
    return mirror in paths or any(
        test.parent == mirror.parent and test.match(f"{path.stem}_*_test.cpp")
        and not is_mirror(paths, test) for test in paths)


def is_mirror(paths, test):
    """Of a source file with its whole name: eal_arguments_test.cpp is none of eal.cpp's."""
    source = Path(*test.parts[1:]).with_name(test.name.removesuffix("_test.cpp"))
    return any(source.with_suffix(suffix) in paths for suffix in (".cpp", ".h"))
