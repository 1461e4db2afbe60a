# SPDX-License-Identifier: Apache-2.0
"""`lab`: one lab for all tests, each of which finds it whole. Needs root."""

import os
from pathlib import Path

import pytest
from labs import LAB, Lab, checked
from programs import run

os.environ.setdefault("VIPFWD_LAB_PREFIX", "vipfwd-test")


@pytest.fixture(scope="session")
def lab_up():
    if os.geteuid() != 0:
        pytest.skip("network namespaces and XDP need root")
    try:
        checked(run(LAB, "up"))
        yield Lab(Path(checked(run(LAB, "config")).strip()))
    finally:
        run(LAB, "down")


@pytest.fixture
def lab(lab_up):
    lab_up.heal()
    return lab_up
