# SPDX-License-Identifier: Apache-2.0
"""A flood of one service, from random addresses: established connections of all services survive,
and keep their backends while one is added. So do those that begin during the flood."""

import contextlib
import re
import subprocess
import time

import pytest
from frames import tcp
from labs import HERE, PORTS, VIP, VIP6, OpenConnections
from programs import wait_until

CONNECTIONS = 1000
BUDGET = 10 * CONNECTIONS  # per second; 100 ms of it hold all connections, however fast they come
MANY = 100_000
BEGUN = 300
LASTING_S = 1  # a packet that comes so long after another one proves more than a flood
PROOF_S = 8  # a packet that comes so long after the first one proves that a connection lasts


@contextlib.contextmanager
def flood(lab, port, flags, times):
    [gateway] = lab.vipctl.json("show", "ports")
    packet = tcp(dport=port, flags=flags, mac=gateway["mac"])
    with subprocess.Popen(
            [*lab.scripts_lab, "shell", "client", HERE / "tcp_flood.py", "eth0", packet.hex(),
             str(times)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield
            assert process.poll() is None
        finally:
            process.stdin.close()
            process.wait(10)


def received(lab):
    return lab.status()["totals"]["received"]


def over_budget(lab):
    [worker] = lab.vipctl.json("show", "workers")
    return worker["flows"]["over_budget"]


@pytest.mark.parametrize("address, port, new_flows_per_s, flags, times", [
    (VIP, PORTS["gue"], BUDGET, "S", 1),
    (VIP6, PORTS["ipip"], 0, "S", 1),  # no limit: the flood fills the flow table
    (VIP6, PORTS["ipip"], 0, "A", 3),
], ids=["budget", "full-table", "three-packets"])
def test_established_connections_survive_a_flood_and_a_new_backend(
        lab, address, port, new_flows_per_s, flags, times):
    limited = lab.original.replace("[dataplane]\n",
                                   f"[dataplane]\nnew_flows_per_s = {new_flows_per_s}\n")
    lab.config.write_text(limited)
    lab.write_config('{ name = "be3", address = "10.0.0.13" },', "")
    lab.write_config('{ name = "be3", address = "fd00::13" },', "")
    lab.apply()
    unpinned = over_budget(lab)
    with OpenConnections(CONNECTIONS) as flooded, \
            OpenConnections(CONNECTIONS, address, port) as other:
        before = flooded.ask(), other.ask()
        time.sleep(PROOF_S)
        assert before == (flooded.ask(), other.ask())
        assert set(before[0]) == set(before[1]) == {"be1", "be2"}
        assert over_budget(lab) == unpinned  # a condition of this test

        def moved():
            """For each service, (before, now) of every connection whose backend has changed."""
            return [[pair for pair in zip(*asked) if pair[0] != pair[1]]
                    for asked in zip(before, (flooded.ask(), other.ask()))]

        with flood(lab, PORTS["ipip"], flags, times):
            start = received(lab)
            wait_until(lambda: received(lab) > start + MANY, "the flood arrives", timeout_s=30)
            assert moved() == [[], []]
            lab.config.write_text(limited)
            lab.apply()
            assert moved() == [[], []]
            start = received(lab)
            wait_until(lambda: received(lab) > start + MANY, "the flood goes on", timeout_s=30)
            assert moved() == [[], []]
        assert moved() == [[], []]
        assert (over_budget(lab) > unpinned) == (new_flows_per_s > 0)
    answered = lab.get(40)
    assert answered.total() == 40 and answered["be3"]


def set_weights(lab, *weights):
    text = lab.original
    for number, weight in zip((11, 12, 13), weights):
        text = re.sub(rf'(address = "10\.0\.0\.{number}")', rf"\1, weight = {weight}", text)
    lab.config.write_text(text)
    lab.apply()


@pytest.mark.parametrize("flags, times", [("S", 1), ("A", 1), ("A", 3)])
def test_connections_that_begin_during_a_flood_survive_changes_of_weights(lab, flags, times):
    with flood(lab, PORTS["ipip"], flags, times):
        start = received(lab)
        unpinned = over_budget(lab)
        wait_until(lambda: received(lab) > start + 3 * MANY, "the flood arrives", timeout_s=30)
        assert over_budget(lab) > unpinned  # a condition of this test
        with OpenConnections(BEGUN) as begun:
            before = begun.ask()
            for _ in range(2):
                time.sleep(LASTING_S)
                assert begun.ask() == before
            for weights in ((1, 9, 1), (9, 1, 1), (1, 1, 9)):
                set_weights(lab, *weights)
                assert begun.ask() == before
