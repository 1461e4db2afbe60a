# SPDX-License-Identifier: Apache-2.0
"""`lab`: one lab for all tests, each of which finds it whole. `pair`: the same of the two gateways
that a module's `pair_up` makes. Needs root."""

import os

import pytest
from labs import in_order, up

os.environ.setdefault("VIPFWD_LAB_PREFIX", "vipfwd-test")


@pytest.fixture(scope="session")
def lab_up():
    with up() as one:
        yield one


@pytest.fixture
def lab(lab_up):
    with in_order(lab_up):
        yield lab_up


@pytest.fixture
def pair(pair_up):
    pair_up.heal()
    return pair_up
