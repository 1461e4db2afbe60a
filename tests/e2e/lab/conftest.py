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
    """Whatever a test does, somebody listens: when it is over, each VIP has one gateway that owns
    it, answers for it, and was the last to announce it."""
    pair_up.heal()
    with pair_up.listening() as watch:
        yield pair_up
        owners = pair_up.await_owners()
    for vip, owner in owners.items():
        assert watch.last_announcer(vip) in (owner, None), f"the owner of {vip} has the last word"
