# SPDX-License-Identifier: Apache-2.0
"""The interface of a port comes late, goes, comes back or changes: the dataplane follows it by
itself, and the status says what is wrong meanwhile."""

import contextlib
import os
import random
import subprocess
import time

import pytest
from labs import VIP, VIP6, checked, up
from programs import DOWN, run, wait_until

FLAPS = 50
DEVICE = "up0"
MAC = "02:00:00:00:00:01"
MTU = 1600


class PortLab:
    """A lab with one gateway, and what can happen to its interface."""

    def __init__(self, lab):
        self.lab = lab
        self.gw1 = f"{lab.directory.name}-gw1"
        self.client = f"{lab.directory.name}-client"
        self.net = f"{lab.directory.name}-net"

    def ip(self, *words):
        checked(run("ip", "-n", self.gw1, *words))

    def configure(self):
        """What a new interface, or one that was moved here, gets from a network manager."""
        for namespace, name in ((self.gw1, DEVICE), (self.net, "gw1")):
            checked(run("ip", "netns", "exec", namespace, "ethtool", "-K", name, "tx", "off", "gso",
                        "off", "tso", "off", "gro", "off", "txvlan", "off"))
        self.ip("link", "set", DEVICE, "mtu", MTU, "up")
        self.add_addresses()

    def add_addresses(self):
        self.ip("addr", "replace", "10.0.0.1/24", "dev", DEVICE)
        self.ip("addr", "replace", "fd00::1/64", "dev", DEVICE, "nodad")

    def delete(self):
        self.ip("link", "del", DEVICE)

    def make(self):
        checked(run("ip", "link", "add", "name", DEVICE, "netns", self.gw1, "address", MAC,
                    "numtxqueues", 1, "numrxqueues", 1, "type", "veth", "peer", "name", "gw1",
                    "netns", self.net, "numtxqueues", 1, "numrxqueues", 1))
        checked(run("ip", "-n", self.net, "link", "set", "gw1", "mtu", MTU, "master", "br0", "up"))
        self.configure()

    def move_away(self):
        self.ip("link", "set", DEVICE, "netns", self.client)

    def move_back(self):
        checked(run("ip", "-n", self.client, "link", "set", DEVICE, "netns", self.gw1))
        self.configure()

    def rename(self, before, after):
        self.ip("link", "set", before, "name", after)

    def set_down(self):
        self.ip("link", "set", DEVICE, "down")

    def set_up(self):
        self.ip("link", "set", DEVICE, "up")
        self.add_addresses()  # the kernel removes those of IPv6 from an interface that goes down

    def restore(self):
        """Restores the interface, whatever a test did."""
        if run("ip", "-n", self.gw1, "link", "show", "away").returncode == 0:
            self.rename("away", DEVICE)
        if run("ip", "-n", self.client, "link", "show", DEVICE).returncode == 0:
            self.move_back()
        if run("ip", "-n", self.gw1, "link", "show", DEVICE).returncode != 0:
            self.make()
        self.ip("link", "set", DEVICE, "address", MAC)
        self.configure()
        self.lab.restore()
        self.await_service()

    def await_service(self):
        for vip in (VIP, VIP6):
            wait_until(lambda: self.lab.is_serving(vip), f"{vip} is served")

    def port(self):
        [port] = self.lab.vipctl.json("show", "ports")
        return port

    def reasons(self):
        return self.lab.status()["reasons"]

    def dataplane(self):
        return int((self.lab.directory / "gw1.dataplane.pid").read_text())

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.dataplane()}/fd"))


@pytest.fixture(scope="module")
def where_up():
    with up("-ports") as lab:
        yield PortLab(lab)


@pytest.fixture
def where(where_up):
    where_up.restore()
    yield where_up


# What is done, and what undoes it, if anything.
KINDS = {
    "deleted": (PortLab.delete, PortLab.make),
    "moved": (PortLab.move_away, PortLab.move_back),
    "renamed": (lambda one: one.rename(DEVICE, "away"), lambda one: one.rename("away", DEVICE)),
    "down": (PortLab.set_down, PortLab.set_up),
    "without program": (lambda one: one.ip("link", "set", DEVICE, "xdp", "off"), None),
    "mtu": (lambda one: one.ip("link", "set", DEVICE, "mtu", 1400),
            lambda one: one.ip("link", "set", DEVICE, "mtu", MTU)),
    "mac": (lambda one: one.ip("link", "set", DEVICE, "address", "02:00:00:00:00:77"),
            lambda one: one.ip("link", "set", DEVICE, "address", MAC)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_gateway_survives_fifty_flaps_of_its_interface(where, kind):
    do, undo = KINDS[kind]
    pid, descriptors = where.dataplane(), where.descriptors()
    chance = random.Random(kind)
    for flap in range(FLAPS):
        do(where)
        time.sleep(chance.choice((0, 0.02, 0.2)))
        if undo is not None:
            undo(where)
        if flap % 10 == 0:
            where.await_service()
        time.sleep(chance.choice((0, 0.05)))
    where.await_service()
    wait_until(lambda: where.lab.status()["verdict"] == "ok", "no complaint is left")
    assert where.dataplane() == pid
    assert where.lab.get(100).total() == 100
    assert where.descriptors() <= descriptors + 2, "none is leaked"
