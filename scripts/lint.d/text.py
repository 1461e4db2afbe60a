# SPDX-License-Identifier: Apache-2.0
"""Checks of the form of source files."""

from sources import C_SUFFIXES, Finding, is_script

SPDX = "SPDX-License-Identifier: Apache-2.0"
MAX_LINES = 400
BINARY_SUFFIXES = {".pcap", ".png"}


def check_license(root, paths):
    """Each source and script has an SPDX line among its first three lines."""
    for path in paths:
        if path.suffix in C_SUFFIXES or is_script(root, path):
            head = read_lines(root, path)[:3]
            if not any(SPDX in line for line in head):
                yield Finding(path, 1, f"no '{SPDX}'")


def check_guards(root, paths):
    """Headers have `#pragma once`."""
    for path in paths:
        if path.suffix == ".h" and "#pragma once" not in read_lines(root, path):
            yield Finding(path, 1, "no '#pragma once'")


def check_blanks(root, paths):
    """There are no tabs, no blanks at the end of a line, and a newline at the end of the file."""
    for path in paths:
        if path.suffix in BINARY_SUFFIXES or path.name == "LICENSE":
            continue
        for number, line in enumerate(read_lines(root, path), 1):
            if "\t" in line:
                yield Finding(path, number, "tab")
            if line != line.rstrip():
                yield Finding(path, number, "blanks at the end of the line")
        text = (root / path).read_bytes()
        if text and not text.endswith(b"\n"):
            yield Finding(path, 0, "no newline at the end of the file")


def check_length(root, paths):
    """A file is one idea, so it is not too long."""
    for path in paths:
        if path.suffix in C_SUFFIXES or is_script(root, path):
            count = len(read_lines(root, path))
            if count > MAX_LINES:
                yield Finding(path, 0, f"{count} lines, more than {MAX_LINES}: more than one idea")


def read_lines(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace").split("\n")
