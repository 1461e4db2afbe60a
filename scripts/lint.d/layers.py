# SPDX-License-Identifier: Apache-2.0
"""Which folder may include what: a table, and its check.

Project includes are written in quotes and as paths from the repository's root, so that the layers
show; everything else is written in angle brackets and belongs to one of the libraries below.
"""

import re
from pathlib import Path
from typing import NamedTuple

from sources import C_SUFFIXES, Finding

# A pattern of the include's path for each library; the first pattern that matches counts.
LIBRARIES = [
    ("dpdk", r"rte_.*"),
    ("toml++", r"toml\+\+/.*"),
    ("libbpf", r"(bpf|xdp)/.*"),
    ("libpcap", r"pcap/.*"),
    ("libmnl", r"libmnl/.*"),
    ("json", r"nlohmann/.*"),
    ("libevent", r"event2/.*"),
    ("cli11", r"CLI/.*"),
    ("log", r"(spdlog|fmt)/.*"),
    ("systemd", r"systemd/.*"),
    ("libcap-ng", r"cap-ng\.h"),
    ("libcrypto", r"openssl/.*"),
    ("libcurl", r"curl/.*"),
    ("gtest", r"(gtest|gmock)/.*"),
    ("valgrind", r"valgrind/.*"),
    # the part of the standard library that has no place on the packet path
    ("std-cold", r"i?ostream|[iof]?s?stream|fstream|string|vector|deque|list|forward_list|map|set"
                 r"|unordered_map|unordered_set|memory|functional|any|variant|chrono|thread|mutex"
                 r"|shared_mutex|condition_variable|future|filesystem|regex|random|locale|iomanip"
                 r"|stdexcept|exception|c?stdio(\.h)?|ctime|time\.h"),
    ("posix", r"(sys|net|netinet|arpa|linux|asm)/.*|(unistd|fcntl|poll|signal|sched|pthread|malloc|errno"
              r"|syslog|getopt|pwd|grp|dirent|dlfcn|libgen|spawn|termios|netdb|ifaddrs|endian"
              r"|strings|link|mntent)\.h"),
    ("std", r"[a-z_]+|(stdint|stddef|string|stdlib|stdbool|limits|inttypes|math|assert)\.h"
            r"|(imm|x86|emm|nmm)intrin\.h"),
]

STD = {"std", "std-cold", "posix"}


class Layer(NamedTuple):
    folder: str  # or a single file, if other libraries than its folder's are for it
    project: set  # the folders that it may include, each with its subfolders
    libraries: set


# From the lowest to the highest: a layer includes only itself and layers before it in this list. Of
# several layers that contain a file, the most specific one counts.
LAYERS = [
    Layer("dataplane/abi", {"dataplane/abi"}, STD),
    Layer("dataplane/abi/hmac.cpp", {"dataplane/abi"}, STD | {"libcrypto"}),
    Layer("dataplane/packet", {"dataplane/abi", "dataplane/packet"}, {"std"}),
    Layer("dataplane/bpf", {"dataplane/abi", "dataplane/bpf"}, STD | {"libbpf"}),
    Layer("dataplane/host", {"dataplane/abi", "dataplane/bpf", "dataplane/host"},
          STD | {"libpcap", "libmnl", "log", "libcap-ng"}),
    Layer("dataplane/path",
          {"dataplane/abi", "dataplane/packet", "dataplane/host", "dataplane/path"}, STD),
    Layer("dataplane/io",
          {"dataplane/abi", "dataplane/packet", "dataplane/host", "dataplane/path",
           "dataplane/io"},
          STD | {"dpdk", "log", "systemd"}),
    Layer("control/text", {"dataplane/abi", "control/text"}, STD | {"log"}),
    Layer("control/protocol", {"dataplane/abi", "control/protocol"}, STD | {"json"}),
    Layer("control/loop", {"dataplane/abi", "control/loop"}, STD | {"log", "libevent"}),
    Layer("control/events", {"dataplane/abi", "control/text", "control/protocol", "control/events"},
          STD | {"log", "json", "systemd"}),
    Layer("control/config", {"dataplane/abi", "control/text", "control/config"},
          STD | {"log", "toml++"}),
    Layer("control/vrrp", {"dataplane/abi", "control/vrrp"}, {"std", "std-cold"}),
    Layer("control/net",
          {"dataplane/abi", "dataplane/bpf", "control/loop", "control/config", "control/vrrp",
           "control/net"},
          STD | {"log", "libbpf", "libmnl"}),
    Layer("control/health",
          {"dataplane/abi", "dataplane/bpf", "control/text", "control/loop", "control/config",
           "control/net", "control/health"},
          STD | {"log", "libcurl"}),
    Layer("control/health/mysql_login.cpp", {"control/health"}, STD | {"libcrypto"}),
    Layer("control/health/choice_text.cpp",
          {"dataplane/abi", "control/protocol", "control/health"}, STD | {"json"}),
    Layer("control/table",
          {"dataplane/abi", "control/config", "control/vrrp", "control/net", "control/health",
           "control/table"},
          STD | {"log"}),
    Layer("control/plan",
          {"dataplane/abi", "control/text", "control/config", "control/table", "control/plan"},
          STD | {"log"}),
    Layer("control/group",
          {"dataplane/abi", "control/loop", "control/events", "control/config", "control/vrrp",
           "control/net", "control/health", "control/table", "control/group"},
          STD | {"log"}),
    Layer("control/view",
          {"dataplane/abi", "control/events", "control/config", "control/net", "control/health",
           "control/table", "control/group", "control/view"},
          STD),
    Layer("control/api",
          {"dataplane/abi", "control/text", "control/protocol", "control/loop", "control/events",
           "control/config", "control/vrrp", "control/net", "control/health", "control/table",
           "control/plan", "control/group", "control/view", "control/api"},
          STD | {"log", "json"}),
    Layer("control/gateway",
          {"dataplane/abi", "control/text", "control/loop", "control/events", "control/config",
           "control/net", "control/health", "control/table", "control/plan", "control/group", "control/view",
           "control/api", "control/gateway"},
          STD | {"log"}),
    Layer("control/cli", {"dataplane/abi", "control/text", "control/protocol", "control/cli"},
          STD | {"log", "json"}),
    Layer("control/decap", {"dataplane/abi", "dataplane/bpf", "control/decap"},
          STD | {"log", "json", "libbpf"}),
    Layer("control/main.cpp", {"dataplane/abi", "control/gateway"},
          STD | {"log", "systemd", "libcap-ng"}),
    Layer("scripts/lab.d", set(), {"posix", "libbpf"}),
    Layer("tests", {"dataplane", "control", "tests"}, {name for name, _ in LIBRARIES}),
]

# Programs read their arguments in main.cpp only.
MAIN = "main.cpp"
MAIN_LIBRARIES = {"cli11"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<project>[^"]+)"|<(?P<library>[^>]+)>)')


def check_layers(root, paths):
    """Includes follow the table of layers."""
    for path in paths:
        if path.suffix not in C_SUFFIXES:
            continue
        layer = layer_of(path)
        if layer is None:
            yield Finding(path, 0, "is in no layer: add its folder to scripts/lint.d/layers.py")
            continue
        lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            complaint = judge(root, path, layer, INCLUDE.match(line))
            if complaint:
                yield Finding(path, number, complaint)


def layer_of(path):
    candidates = [layer for layer in LAYERS if is_below(path, layer.folder)]
    return max(candidates, key=lambda layer: len(layer.folder), default=None)


def is_below(path, folder):
    return path == Path(folder) or Path(folder) in path.parents


def judge(root, path, layer, include):
    """The complaint about one line, or None."""
    if include is None:
        return None
    if include["project"] is not None:
        return judge_project(root, layer, include["project"])
    return judge_library(path, layer, include["library"])


def judge_project(root, layer, name):
    if not (root / name).is_file() and not name.endswith(".skel.h"):
        return f'"{name}" is not a path from the repository\'s root'
    if not any(is_below(Path(name), folder) for folder in layer.project):
        return f'{layer.folder} must not include "{name}"'
    return None


def judge_library(path, layer, name):
    library = library_of(name)
    if library is None:
        return f"<{name}> belongs to no known library: add it to scripts/lint.d/layers.py"
    if library in layer.libraries or (path.name == MAIN and library in MAIN_LIBRARIES):
        return None
    return f"{layer.folder} must not include <{name}> ({library})"


def library_of(name):
    for library, pattern in LIBRARIES:
        if re.fullmatch(pattern, name):
            return library
    return None
