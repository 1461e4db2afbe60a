# SPDX-License-Identifier: Apache-2.0
"""READMEs name only what exists.

Checked are links, with their anchors; paths from the repository's root, in `code` and in blocks of
code; and `code` that is the name of a source file, which some folder must have. A word in capitals
stands for any name: `scripts/NAME.d`.
"""

import re
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from sources import Finding

SPAN = re.compile(r"`([^`\s]+)[^`]*`")  # the first word of `code`
LINK = re.compile(r"\]\((?P<path>[^)#\s:]*)(?:#(?P<anchor>[^)\s]*))?\)")
HEADING = re.compile(r"#+ (.*)")
FENCE = "```"
NAME = r"[\w.*-]+"
PATH = re.compile(rf"{NAME}(?:/{NAME})*/?")
FILE = re.compile(r"[\w.*-]+\.(?:cpp|h|c|py|sh|toml|json|md|build|service|in|txt)")
ANY_NAME = re.compile(r"(?<![A-Za-z])(?!README|LICENSE)[A-Z]{2,}")


def check_readmes(root, paths):
    """READMEs name only files, folders and headings that exist."""
    known = known_paths(paths)
    for path in paths:
        if path.name == "README.md":
            for number, text in enumerate((root / path).read_text().splitlines(), 1):
                for message in judge_links(root, path, text):
                    yield Finding(path, number, message)
            for number, word in words(root, path):
                message = judge_word(known, word)
                if message:
                    yield Finding(path, number, message)


def known_paths(paths):
    """All files and folders, as texts."""
    return {str(one) for path in paths for one in (path, *path.parents)}


def words(root, path):
    """Line number and word, for each word that may be a path: of spans, and of blocks of code."""
    in_block = False
    for number, line in enumerate((root / path).read_text().splitlines(), 1):
        if line.startswith(FENCE):
            in_block = not in_block
        else:
            for word in line.split() if in_block else SPAN.findall(line):
                yield number, word


def judge_word(known, word):
    """What is wrong with a word, or None: also if it is no path."""
    if not PATH.fullmatch(word) or ANY_NAME.search(word):
        return None
    name = word.rstrip("/")
    if "/" in name:
        is_ours = name.split("/")[0] in known
        return None if not is_ours or exists(known, name) else f"there is no {word}"
    if FILE.fullmatch(name) and not exists({PurePosixPath(one).name for one in known}, name):
        return f"no folder has {word}"
    return None


def exists(known, name):
    return name in known or ("*" in name and any(fnmatchcase(one, name) for one in known))


def judge_links(root, path, text):
    for link in LINK.finditer(text):
        target = (path.parent / link["path"]) if link["path"] else path
        file = root / target
        if not file.exists():
            yield f"there is no {link['path']} beside this file"
        elif link["anchor"] and link["anchor"] not in anchors(file):
            yield f"{link['path'] or path.name} has no heading '{link['anchor']}'"


def anchors(path):
    """The anchors of a file's headings, as GitHub makes them."""
    headings = (HEADING.fullmatch(line) for line in Path(path).read_text().splitlines())
    return {re.sub(r"[^\w -]", "", heading[1].lower()).replace(" ", "-")
            for heading in headings if heading}
