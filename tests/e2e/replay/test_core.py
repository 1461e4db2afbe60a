# SPDX-License-Identifier: Apache-2.0
"""The same packet cases, through the packet core alone: one program, without DPDK."""

import subprocess
from pathlib import Path

from programs import BUILD


def test_the_core_alone_agrees_with_every_case(tmp_path):
    subprocess.run([Path(__file__).parent / "export", tmp_path], check=True)
    core = subprocess.run([BUILD / "tests/cases/core_cases", tmp_path], capture_output=True,
                          text=True)
    assert core.returncode == 0, core.stdout + core.stderr
