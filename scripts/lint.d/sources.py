# SPDX-License-Identifier: Apache-2.0
"""Lists the files that lint checks, and defines what a check finds."""

import subprocess
from pathlib import Path
from typing import NamedTuple

CPP_SUFFIXES = {".h", ".hh", ".cpp"}
C_SUFFIXES = CPP_SUFFIXES | {".c"}


class Finding(NamedTuple):
    path: Path  # from the root of the repository
    line: int  # from 1; 0: the whole file
    message: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else f"{self.path}"
        return f"{place}: {self.message}"


def list_sources(root):
    """Tracked files, and untracked ones that git does not ignore, as paths from the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True)
    if listing.returncode == 0:
        paths = [Path(name) for name in listing.stdout.split("\0") if name]
    else:  # an unpacked archive
        paths = [path.relative_to(root) for path in root.rglob("*")]
        paths = [path for path in paths if not path.parts[0].startswith(("build", ".git"))]
    return sorted(path for path in set(paths) if (root / path).is_file())


def is_script(root, path):
    if path.suffix in (".py", ".sh"):
        return True
    with open(root / path, "rb") as file:
        return file.read(2) == b"#!"
