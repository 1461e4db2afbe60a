# SPDX-License-Identifier: Apache-2.0
"""`lab`: one lab for all tests, restored before each. `pair`: the same with the two gateways that
the fixture `pair_up` of a module makes. Needs root."""

import os

import pytest
from labs import NODES, checked, restored, up

os.environ.setdefault("VIPFWD_LAB_PREFIX", "vipfwd-test")


@pytest.fixture(scope="session")
def lab_up():
    with up() as one:
        yield one


@pytest.fixture
def lab(lab_up):
    with restored(lab_up):
        yield lab_up


@pytest.fixture
def fresh(lab):
    """A lab whose flow table has no flows of other tests, and gets none: each end of one of their
    connections that is still open would send its last packets during this test. Only here are
    they closed so: their ports are free at once, and a known flow keeps its backend."""
    lab.stop("dataplane")
    for node in ("client", *NODES.values()):
        checked(lab.shell(node, "ss", "--kill", "--tcp", "state", "connected"))
    lab.start("dataplane")
    lab.settle()
    return lab


@pytest.fixture(scope="module")
def whole_port_up():
    with up("-whole", DRIVER="vdev") as one:
        yield one


@pytest.fixture
def whole_port(whole_port_up):
    """The same as `lab`, but its gateway has the whole interface, and a tap to the kernel."""
    with restored(whole_port_up):
        yield whole_port_up


@pytest.fixture
def pair(pair_up):
    """The client listens during each test. After it, each VIP must have one gateway that owns it,
    answers for it, and was the last to announce it."""
    pair_up.restore()
    with pair_up.listening() as watch:
        yield pair_up
        owners = pair_up.await_owners()
    for vip, owner in owners.items():
        assert watch.last_announcer(vip) in (owner, None), f"the owner of {vip} announces it last"
