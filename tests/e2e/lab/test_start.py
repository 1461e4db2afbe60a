# SPDX-License-Identifier: Apache-2.0
"""Gateways that start, in any order and state: none owns the VIPs before it can forward their
packets, and one owns them as soon as it can."""

import itertools
import time
from pathlib import Path

import pytest
from labs import VIP6, checked
from pairs import up
from programs import BUILD, DATAPLANE, run, wait_until

UNKNOWN = ["next hops of backends are not resolved yet"]


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def forget_neighbors(pair, node):
    checked(pair.shell(node, "ip", "neighbor", "flush", "dev", "up0", "nud", "all"))


def kill_both(gateway):
    for process in ("control", "dataplane"):
        gateway.stop(process, kill=True)


def is_unsure(gateway):
    group = gateway.group()
    return group is not None and group["priority"]["hindrances"] == UNKNOWN


@pytest.mark.parametrize("order", list(itertools.permutations(("control", "dataplane"))),
                         ids=["control first", "dataplane first"])
def test_the_processes_start_in_any_order(pair, order):
    kill_both(pair.gw1)
    wait_until(lambda: pair.gw2.state() == "active", "gw2 takes over")
    with pair.watched() as watch:
        for process in order:
            pair.gw1.start(process)
        pair.await_states("active", "backup")
        time.sleep(0.5)
    assert watch.last_announcer() == "gw1"
    assert pair.who_has() == ["gw1"]
    assert pair.requests(5) == pair.requests(5, VIP6) == 5
    assert not watch.lost()


def test_a_dataplane_is_replaced_by_another_program(pair, tmp_path):
    other = tmp_path / "build"
    checked(run("cp", "-rs", BUILD, other))
    program = other / DATAPLANE.relative_to(BUILD)
    program.unlink()
    checked(run("objcopy", "--strip-all", DATAPLANE, program))
    with pair.watched() as watch:
        for build in (other, BUILD):
            pair.gw1.stop("dataplane")
            pair.await_states("down", "active")
            checked(run("env", f"VIPFWD_BUILD={build}", *pair.scripts_lab, "start", "gw1",
                        "dataplane"))
            pair.await_states("active", "backup")
            running = Path(f"/proc/{pair.gw1.pid('dataplane')}/exe").resolve()
            assert running == build / DATAPLANE.relative_to(BUILD)
        time.sleep(0.5)
    assert watch.last_announcer() == "gw1"
    assert not watch.lost()


@pytest.mark.parametrize("comes_back", [True, False], ids=["late backend", "dead backend"])
def test_a_gateway_waits_for_next_hops_for_a_limited_time(pair, comes_back):
    kill_both(pair.gw1)
    wait_until(lambda: pair.gw2.state() == "active", "gw2 takes over")
    forget_neighbors(pair, "gw1")
    pair.set_link("be1", "down")
    try:
        with pair.listening() as watch:
            for process in ("dataplane", "control"):
                pair.gw1.start(process)
            wait_until(lambda: is_unsure(pair.gw1), "it waits for the backend")
            if comes_back:
                pair.set_link("be1", "up")
            pair.await_states("active", "backup")
    finally:
        pair.set_link("be1", "up")
    assert watch.last_announcer() == "gw1"
    assert pair.who_has() == ["gw1"]
