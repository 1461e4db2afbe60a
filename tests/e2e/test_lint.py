# SPDX-License-Identifier: Apache-2.0
"""Each check of scripts/lint finds the faults that it is for, and nothing in a correct tree."""

import subprocess
import sys
from pathlib import Path

import pytest
from programs import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "lint.d"))

from format import check_format  # noqa: E402
from layers import LAYERS, check_layers, library_of  # noqa: E402
from mirrors import EXCEPTIONS, check_mirrors  # noqa: E402
from readmes import check_readmes  # noqa: E402
from sources import list_sources  # noqa: E402
from symbols import LIBRARY, check_hot_path  # noqa: E402
from text import (MAX_LINES, check_blanks, check_guards, check_length,  # noqa: E402
                  check_license)

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
CORRECT = {
    "dataplane/abi/word.h": SPDX + "#pragma once\n\n#include <cstdint>\n",
    "dataplane/packet/parse.cpp": SPDX + '#include "dataplane/abi/word.h"\n',
    "control/table/ring.h": SPDX + "#pragma once\n",
    "tests/dataplane/packet/parse_test.cpp": SPDX,
    "scripts/run": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n",
}


@pytest.fixture
def tree(tmp_path):
    """`tree(check, files)`: makes a small source tree, and lists what the check finds in it."""
    def find(check, files=None):
        for name, text in {**CORRECT, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / ".clang-format").write_bytes((ROOT / ".clang-format").read_bytes())
        return [str(finding) for finding in check(tmp_path, list_sources(tmp_path))]

    return find


@pytest.mark.parametrize("check", [check_format, check_layers, check_mirrors, check_readmes,
                                   check_license, check_guards, check_blanks, check_length])
def test_a_correct_tree_passes(tree, check):
    assert tree(check) == []


@pytest.mark.parametrize("check, name, text, place", [
    (check_format, "dataplane/abi/bad.cpp", SPDX + "int   x;\n", ":2: not formatted"),
    (check_format, "dataplane/bpf/bad.bpf.c", SPDX + "int f( void );\n", ":2: not formatted"),
    (check_license, "dataplane/abi/bad.h", "#pragma once\n", ":1: no 'SPDX"),
    (check_license, "scripts/bad", "#!/bin/sh\n", ":1: no 'SPDX"),
    (check_license, "tests/bad.py", "pass\n", ":1: no 'SPDX"),
    (check_guards, "dataplane/abi/bad.h", SPDX, ":1: no '#pragma once'"),
    (check_blanks, "meson.build", "x = 1 \n", ":1: blanks"),
    (check_blanks, "README.md", "a\tb\n", ":1: tab"),
    (check_blanks, "README.md", "a", ": no newline"),
    (check_length, "scripts/bad.py", "pass\n" * (MAX_LINES + 1), f": {MAX_LINES + 2} lines"),
])
def test_a_fault_is_found(tree, check, name, text, place):
    findings = tree(check, {name: text})
    assert len(findings) == 1
    assert findings[0].startswith(name + place), findings


@pytest.mark.parametrize("name, include", [
    ("dataplane/packet/parse.cpp", "<rte_mbuf.h>"),
    ("dataplane/packet/parse.cpp", "<vector>"),
    ("dataplane/packet/parse.cpp", "<cstdio>"),
    ("dataplane/packet/parse.cpp", "<chrono>"),
    ("dataplane/packet/parse.cpp", "<sys/mman.h>"),
    ("dataplane/packet/parse.cpp", "<spdlog/spdlog.h>"),
    ("dataplane/packet/parse.cpp", '"control/table/ring.h"'),
    ("dataplane/abi/bad.cpp", '"dataplane/packet/frame.h"'),
    ("dataplane/abi/bad.cpp", "<rte_eal.h>"),
    ("dataplane/bpf/bad.cpp", '"dataplane/packet/frame.h"'),
    ("dataplane/host/bad.cpp", "<rte_ethdev.h>"),
    ("dataplane/host/bad.cpp", '"dataplane/packet/frame.h"'),
    ("dataplane/host/bad.cpp", '"dataplane/path/bad.h"'),
    ("dataplane/host/bad.cpp", '"dataplane/io/bad.h"'),
    ("dataplane/path/bad.cpp", "<rte_mbuf.h>"),
    ("dataplane/path/bad.cpp", "<spdlog/spdlog.h>"),
    ("dataplane/path/bad.cpp", '"dataplane/io/bad.h"'),
    ("dataplane/io/bad.cpp", '"control/table/ring.h"'),
    ("dataplane/io/bad.cpp", "<CLI/CLI.hpp>"),
    ("control/config/bad.cpp", '"control/table/ring.h"'),
    ("control/table/bad.cpp", "<toml++/toml.h>"),
    ("control/table/bad.cpp", '"dataplane/packet/frame.h"'),
    ("control/net/bad.cpp", '"control/table/ring.h"'),
    ("control/net/bad.cpp", '"control/api/bad.h"'),
    ("control/net/bad.cpp", "<nlohmann/json.hpp>"),
    ("control/text/bad.cpp", '"control/config/bad.h"'),
    ("control/loop/bad.cpp", '"control/config/bad.h"'),
    ("control/api/bad.cpp", "<event2/event.h>"),
    ("control/api/bad.cpp", "<libmnl/libmnl.h>"),
    ("control/gateway/bad.cpp", "<bpf/libbpf.h>"),
    ("control/cli/bad.cpp", '"control/config/bad.h"'),
    ("control/cli/bad.cpp", "<CLI/CLI.hpp>"),
    ("control/decap/bad.cpp", '"control/net/bad.h"'),
    ("control/main.cpp", "<rte_eal.h>"),
    ("control/unheard_of/bad.cpp", "<cstdint>"),
    ("control/table/bad.cpp", '"ring.h"'),
    ("control/table/bad.cpp", "<unheard_of/library.hpp>"),
])
def test_an_include_across_layers_is_found(tree, name, include):
    there = dict.fromkeys(["dataplane/packet/frame.h", "dataplane/path/bad.h", "dataplane/io/bad.h",
                           "control/net/bad.h", "control/config/bad.h", "control/api/bad.h"],
                          SPDX + "#pragma once\n")
    findings = tree(check_layers, {**there, name: SPDX + f"#include {include}\n"})
    assert len(findings) == 1, findings
    assert findings[0].startswith(name)


def test_programs_may_read_their_arguments_in_main(tree):
    assert tree(check_layers, {"control/cli/main.cpp": SPDX + "#include <CLI/CLI.hpp>\n"}) == []


def test_no_layer_includes_one_above_it():
    folders = [layer.folder for layer in LAYERS]
    for at, layer in enumerate(LAYERS):
        if layer.folder != "tests":
            assert layer.project <= set(folders[:at + 1]), layer.folder


def test_layers_include_whole_folders():
    assert [one for layer in LAYERS for one in layer.project if not (ROOT / one).is_dir()] == []


def test_layers_of_the_table_exist():
    assert [layer.folder for layer in LAYERS if not (ROOT / layer.folder).exists()] == []


@pytest.mark.parametrize("include, library", [
    ("rte_ethdev.h", "dpdk"), ("toml++/toml.h", "toml++"), ("bpf/libbpf.h", "libbpf"),
    ("string", "std-cold"), ("string.h", "std"), ("cstring", "std"), ("span", "std"),
    ("linux/if_link.h", "posix"), ("unheard_of.hpp", None)])
def test_includes_belong_to_libraries(include, library):
    assert library_of(include) == library


LOGIC = "inline int f(int i) {\n" + "    if (i > 1) return i;\n" * 3 + "    return 0;\n}\n"


@pytest.mark.parametrize("files", [
    {"control/table/build.cpp": "", "tests/control/table/build_test.cpp": ""},
    {"control/table/build.cpp": "", "tests/control/table/build_groups_test.cpp": ""},
    {"control/table/build.cpp": "", str(EXCEPTIONS): "control/table/build.cpp: too simple\n"},
    {"control/table/build.cpp": "",
     str(EXCEPTIONS): "# why\n\ncontrol/table/build.cpp: tests/dataplane/packet/parse_test.cpp\n"},
    {"control/table/logic.h": LOGIC, "tests/control/table/logic_test.cpp": ""},
    {"control/table/build.cpp": "", "control/table/build.h": LOGIC,
     "tests/control/table/build_test.cpp": ""},
    {"control/table/words.h": '// if for while return switch\nconst char* x = "if if if if if";\n'},
    {"control/cli/main.cpp": "", "dataplane/bpf/program.bpf.h": LOGIC, "tests/logic.cpp": ""},
])
def test_a_source_file_with_a_test_or_a_reason_passes(tree, files):
    assert tree(check_mirrors, files) == []


@pytest.mark.parametrize("files, finding", [
    ({"control/table/build.cpp": ""},
     "control/table/build.cpp: has no tests/control/table/build_test.cpp"),
    ({"control/table/logic.h": LOGIC}, "control/table/logic.h: has no tests/control/table/logic_"),
    ({"control/table/a.cpp": "", "control/table/a_b.h": "", "tests/control/table/a_b_test.cpp": ""},
     "control/table/a.cpp: has no tests"),
    ({str(EXCEPTIONS): "control/table/gone.cpp: why\n"}, f"{EXCEPTIONS}:1: there is no control/"),
    ({str(EXCEPTIONS): "\nno reason\n"}, f"{EXCEPTIONS}:2: is not 'PATH: REASON'"),
    ({str(EXCEPTIONS): "dataplane/packet/parse.cpp: why\n"}, f"{EXCEPTIONS}:1: dataplane/packet/"),
    ({str(EXCEPTIONS): "control/table/ring.h: why\n"}, f"{EXCEPTIONS}:1: control/table/"),
    ({"control/table/a.cpp": "", str(EXCEPTIONS): "control/table/a.cpp: tests/gone_test.cpp\n"},
     f"{EXCEPTIONS}:1: there is no tests/gone_test.cpp"),
])
def test_a_source_file_without_test_and_reason_is_found(tree, files, finding):
    findings = tree(check_mirrors, files)
    assert len(findings) == 1, findings
    assert findings[0].startswith(finding), findings


README = """
# Title

## How to add: a table, or `two`

`dataplane/abi/word.h`, `dataplane/abi/`, `control/*/ring.h`, `parse.cpp`, `p*.cpp`, `scripts/run -k`.
`/run/x.h`, `elsewhere/x.h`, `scripts/NAME.d`, `control/PATH.cpp`, `a.b`, `Group::x`, `net.ipv4.x`.
[above](#how-to-add-a-table-or-two), [there](tests/README.md#here), [folder](control), [web](a://b).
```
scripts/run --out build/out.json   # see tests/README.md
```
"""


def test_a_readme_that_names_what_exists_passes(tree):
    assert tree(check_readmes, {"README.md": README, "tests/README.md": "# Here\n"}) == []


@pytest.mark.parametrize("text, finding", [
    ("`dataplane/abi/gone.h`", "there is no dataplane/abi/gone.h"),
    ("`scripts/gone --all`", "there is no scripts/gone"),
    ("`control/*/gone.h`", "there is no control/*/gone.h"),
    ("`control/gone/`", "there is no control/gone/"),
    ("`gone.cpp`", "no folder has gone.cpp"),
    ("```\nscripts/gone\n```", "there is no scripts/gone"),
    ("[x](gone.md)", "there is no gone.md beside this file"),
    ("[x](../dataplane/abi)", None),
    ("[x](#gone)", "README.md has no heading 'gone'"),
    ("[x](../tests/README.md#gone)", "../tests/README.md has no heading 'gone'"),
])
def test_a_readme_that_names_what_does_not_exist_is_found(tree, text, finding):
    files = {"control/README.md": f"# X\n\n{text}\n", "tests/README.md": ""}
    findings = tree(check_readmes, files)
    line = 4 if "```" in text else 3
    assert findings == ([f"control/README.md:{line}: {finding}"] if finding else [])


@pytest.fixture
def hot_path(tmp_path):
    """`hot_path(body)`: compiles a packet core of one function, and lists what the check finds in
    it."""
    def find(body):
        source = tmp_path / "core.cpp"
        source.write_text(
            "#include <cstdio>\n#include <cstring>\n#include <ctime>\n#include <mutex>\n"
            "#include <string>\n#include <vector>\n"
            "int elsewhere();\n__attribute__((noinline)) int own(int x) { return x + 1; }\n"
            f"int core(char* to, const char* from, int n) {{ {body} }}\n")
        library = tmp_path / LIBRARY
        library.parent.mkdir(parents=True)
        subprocess.run(["c++", "-std=c++20", "-O0", "-c", source, "-o", tmp_path / "core.o"],
                       check=True)
        subprocess.run(["ar", "rc", library, tmp_path / "core.o"], check=True)
        return [finding.message for finding in check_hot_path(tmp_path)]

    return find


@pytest.mark.parametrize("body", [
    "std::memcpy(to, from, n); return own(n);",
    "std::memmove(to, from, n); return std::memcmp(to, from, n);",
])
def test_a_hot_path_without_foreign_symbols_passes(hot_path, body):
    assert hot_path(body) == []


@pytest.mark.parametrize("body, symbol", [
    ("return *new int(n);", "operator new"),
    ("delete to; return n;", "operator delete"),
    ("to = static_cast<char*>(__builtin_malloc(n)); *to = 0; return *to + (to != from);", "malloc"),
    ('return std::printf("%d", n);', "printf"),
    ("throw n;", "__cxa_throw"),
    ("return static_cast<int>(std::time(nullptr));", "time"),
    ("timespec t; clock_gettime(0, &t); return static_cast<int>(t.tv_nsec);", "clock_gettime"),
    ("std::vector<int> v; v.push_back(n); return v[0] + elsewhere();", "operator new"),
    ("return static_cast<int>(std::string(from).size());", "std::"),
    ("static std::mutex m; m.lock(); return n;", "pthread_mutex_lock"),
    ("return elsewhere();", "elsewhere()"),
])
def test_a_forbidden_symbol_of_the_hot_path_is_found(hot_path, body, symbol):
    findings = hot_path(body)
    assert any(symbol in finding for finding in findings), findings


def test_a_missing_build_is_found(tmp_path):
    assert [finding.message for finding in check_hot_path(tmp_path)] == [
        "not built: run scripts/build"]


def test_the_repository_lists_its_own_sources():
    assert Path("scripts/lint") in list_sources(ROOT)
    assert not any(path.parts[0].startswith("build") for path in list_sources(ROOT))
