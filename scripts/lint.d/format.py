# SPDX-License-Identifier: Apache-2.0
"""Checks that C++ and BPF sources are formatted by clang-format."""

import re
import subprocess
from pathlib import Path

from sources import C_SUFFIXES, Finding

TOOL = "clang-format-14"
COMPLAINT = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: (?:error|warning): ")


def check_format(root, paths):
    """Sources are formatted by clang-format."""
    sources = [str(path) for path in paths if path.suffix in C_SUFFIXES]
    if not sources:
        return
    try:
        run = subprocess.run([TOOL, "--dry-run", "-Werror", "--ferror-limit=1", *sources],
                             cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        yield Finding(Path(".clang-format"), 0, f"{TOOL} is not installed: run scripts/setup")
        return
    complaints = [COMPLAINT.match(line) for line in run.stderr.splitlines()]
    for complaint in filter(None, complaints):
        yield Finding(Path(complaint["path"]), int(complaint["line"]),
                      f"not formatted: run {TOOL} -i {complaint['path']}")
    if run.returncode != 0 and not any(complaints):
        yield Finding(Path(".clang-format"), 0, f"{TOOL}: {run.stderr.strip()}")
