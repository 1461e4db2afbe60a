# SPDX-License-Identifier: Apache-2.0
"""A SYN flood of one service, from random addresses: established connections of all services
survive, and keep their backends while one is added."""

import contextlib
import subprocess

import pytest
from frames import tcp
from labs import HERE, PORTS, VIP, VIP6, OpenConnections
from programs import wait_until

CONNECTIONS = 1000
BUDGET = 10 * CONNECTIONS  # per second; 100 ms of it hold all connections, however fast they come
MANY = 100_000


@contextlib.contextmanager
def flood(lab, port):
    [gateway] = lab.vipctl.json("show", "ports")
    syn = tcp(dport=port, mac=gateway["mac"])
    with subprocess.Popen(
            [*lab.scripts_lab, "shell", "client", HERE / "syn_flood.py", "eth0", syn.hex()],
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


@pytest.mark.parametrize("address, port, new_flows_per_s", [
    (VIP, PORTS["gue"], BUDGET),
    (VIP6, PORTS["ipip"], 0),  # no limit: the flood fills the flow table
], ids=["budget", "full-table"])
def test_established_connections_survive_a_flood_and_a_new_backend(
        lab, address, port, new_flows_per_s):
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
        assert set(before[0]) == set(before[1]) == {"be1", "be2"}
        assert over_budget(lab) == unpinned  # a condition of this test

        def moved():
            """For each service, (before, now) of every connection whose backend has changed."""
            return [[pair for pair in zip(*asked) if pair[0] != pair[1]]
                    for asked in zip(before, (flooded.ask(), other.ask()))]

        with flood(lab, PORTS["ipip"]):
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
