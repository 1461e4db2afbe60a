# SPDX-License-Identifier: Apache-2.0
"""The interface of a port comes late, goes, comes back or changes: the dataplane follows it by
itself, and the status says what is wrong meanwhile."""

import contextlib
import json
import os
import random
import subprocess
import time

import pairs
import pytest
from labs import HERE, VIP, VIP6, checked, foreign_program, up
from programs import DOWN, run, wait_until
from trial import Trial, namespace

FLAPS = 50
DEVICE = "up0"
MAC, OTHER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:77"
MTU = 1600
GONE = f"port uplink: there is no interface {DEVICE}; the dataplane waits for it"


class Interface:
    """The interface of the first gateway of a lab, and what can happen to it."""

    def __init__(self, directory):
        self.gw1 = f"{directory.name}-gw1"
        self.client = f"{directory.name}-client"
        self.net = f"{directory.name}-net"

    def ip(self, *words):
        checked(run("ip", "-n", self.gw1, *words))

    def exists(self, name=DEVICE, namespace=None):
        return run("ip", "-n", namespace or self.gw1, "link", "show", name).returncode == 0

    def configure(self):
        """What a new interface, or one that was moved here, gets from a network manager."""
        for namespace_, name in ((self.gw1, DEVICE), (self.net, "gw1")):
            checked(run("ip", "netns", "exec", namespace_, "ethtool", "-K", name, "tx", "off",
                        "gso", "off", "tso", "off", "gro", "off", "txvlan", "off"))
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

    def set_address(self, mac):
        self.ip("link", "set", DEVICE, "address", mac)

    def set_mtu(self, mtu):
        self.ip("link", "set", DEVICE, "mtu", mtu)

    def detach(self):
        self.ip("link", "set", DEVICE, "xdp", "off")

    def restore(self):
        """Restores the interface, whatever a test did."""
        if self.exists("away"):
            self.rename("away", DEVICE)
        if self.exists(namespace=self.client):
            self.move_back()
        if not self.exists():
            self.make()
        self.set_address(MAC)
        self.configure()


class PortLab:
    """A lab with one gateway."""

    def __init__(self, lab):
        self.lab = lab
        self.interface = Interface(lab.directory)

    def restore(self):
        self.interface.restore()
        self.lab.restore()
        self.await_service()
        wait_until(lambda: self.lab.status()["verdict"] == "ok", "no complaint is left")

    def await_service(self):
        for vip in (VIP, VIP6):
            wait_until(lambda: self.lab.is_serving(vip), f"{vip} is served")

    def port(self):
        [port] = self.lab.vipctl.json("show", "ports")
        return port

    def await_reasons(self, *reasons):
        wait_until(lambda: self.lab.status()["reasons"] == list(reasons), f"reasons are {reasons}")

    def dataplane(self):
        return int((self.lab.directory / "gw1.dataplane.pid").read_text())

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.dataplane()}/fd"))

    def mac_of_vip(self):
        """The MAC address by which the client knows the VIP."""
        known = run("ip", "-n", self.interface.client, "-j", "neigh", "show", VIP).stdout
        return json.loads(known)[0].get("lladdr")

    def gap_s(self):
        """How long a flap of 0.1 s keeps a client that sends a datagram every 10 ms waiting."""
        with subprocess.Popen([*self.lab.scripts_lab, "shell", "client", HERE / "gaps.py", VIP, "80",
                               "2"], stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout.readline() == "answered\n"
            self.interface.set_down()
            time.sleep(0.1)
            self.interface.set_up()
            return float(client.stdout.readline())


@pytest.fixture(scope="module")
def where_up():
    with up("-ports") as lab:
        yield PortLab(lab)


@pytest.fixture
def where(where_up):
    where_up.restore()
    yield where_up


# What is done, and what undoes it, if anything must.
KINDS = {
    "deleted": (Interface.delete, Interface.make),
    "moved": (Interface.move_away, Interface.move_back),
    "renamed": (lambda one: one.rename(DEVICE, "away"), lambda one: one.rename("away", DEVICE)),
    "down": (Interface.set_down, Interface.set_up),
    "without program": (Interface.detach, None),
    "mtu": (lambda one: one.set_mtu(1400), lambda one: one.set_mtu(MTU)),
    "mac": (lambda one: one.set_address(OTHER_MAC), lambda one: one.set_address(MAC)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_gateway_survives_fifty_flaps_of_its_interface(where, kind):
    do, undo = KINDS[kind]
    pid, descriptors = where.dataplane(), where.descriptors()
    chance = random.Random(kind)
    for flap in range(FLAPS):
        do(where.interface)
        time.sleep(chance.choice((0, 0.02, 0.2)))
        if undo is not None:
            undo(where.interface)
        if flap % 10 == 0:
            where.await_service()
        time.sleep(chance.choice((0, 0.05)))
    where.await_service()
    wait_until(lambda: where.lab.status()["verdict"] == "ok", "no complaint is left")
    assert where.dataplane() == pid
    assert where.lab.get(100).total() == 100
    assert where.descriptors() <= descriptors + 2, "none is leaked"


def test_a_short_flap_costs_little_more_than_it_lasts(where):
    assert min(where.gap_s() for _ in range(3)) < 0.3


def test_the_status_says_that_an_interface_is_gone(where):
    where.interface.delete()
    where.await_reasons(GONE)
    assert where.lab.vipctl("show", "status").returncode == DOWN
    assert where.port()["state"] == "no interface"
    assert f"interface {DEVICE} is gone" in where.lab.log("dataplane")
    counted = where.port()["received"]["packets"]
    where.interface.make()
    where.await_service()
    wait_until(lambda: where.port()["state"] == "up", "the status follows")
    assert counted > 0
    wait_until(lambda: where.port()["received"]["packets"] > counted, "the counters go on")


def test_a_port_waits_while_another_program_is_on_its_interface(where, tmp_path):
    where.interface.ip("-force", "link", "set", DEVICE, "xdp", *foreign_program(tmp_path))
    where.await_reasons(f"port uplink: the dataplane cannot open {DEVICE}, as its log says, and "
                        "tries again every second")
    assert where.port()["state"] == "cannot open"
    wait_until(lambda: f"{DEVICE}: has the XDP program '" in where.lab.log("dataplane"),
               "the log says why")
    time.sleep(1.5)
    assert where.port()["state"] == "cannot open", "the other program stays"
    where.interface.detach()
    where.await_service()


def test_a_changed_mac_address_is_announced_at_once(where):
    wait_until(lambda: where.mac_of_vip() == MAC, "the client knows the VIP")
    where.interface.set_address(OTHER_MAC)
    wait_until(lambda: where.mac_of_vip() == OTHER_MAC, "the client hears of it", timeout_s=3)
    where.await_service()


def test_a_larger_mtu_is_warned_of_and_no_obstacle_for_the_next_start(where):
    where.interface.set_mtu(9000)
    wait_until(lambda: "has an MTU of 9000, but packets of at most" in where.lab.log("dataplane"),
               "a warning")
    where.await_service()
    where.lab.stop("dataplane")
    where.lab.start("dataplane")
    where.await_service()


@pytest.fixture(scope="module")
def pair_up():
    with pairs.up() as one:
        yield one


def test_the_vips_of_a_port_that_is_gone_are_owned_elsewhere_until_it_is_back(pair):
    interface = Interface(pair.gw1.directory)
    try:
        interface.delete()
        pair.await_states("down", "active")
        wait_until(lambda: f"port uplink is closed: there is no interface {DEVICE}"
                   in pair.gw1.group()["priority"]["hindrances"], "the reason is shown")
        assert pair.requests(5) == pair.requests(5, VIP6) == 5
        interface.make()
        pair.await_states("active", "backup")
        assert pair.who_has() == ["gw1"]
        assert pair.requests(5) == pair.requests(5, VIP6) == 5
    finally:
        interface.restore()


# A gateway in a namespace of its own.
CONFIG = """
[gateway]
name = "late"
[dataplane]
flows_per_worker = 1024
idle = "sleep"
[[port]]
name = "uplink"
device = "p0"
driver = "{driver}"
addresses = ["10.9.0.1/24"]
[[neighbor]]
address = "10.9.0.11"
mac = "02:00:00:00:00:0b"
[[pool]]
name = "web"
backend = [{{ name = "web1", address = "10.9.0.11" }}]
[[service]]
name = "web"
vip = "10.9.0.100"
protocol = "tcp"
port = 80
pool = "web"
"""


@contextlib.contextmanager
def gateway(where, driver="af_xdp"):
    with Trial(where, CONFIG.format(driver=driver)) as one:
        yield one


def add_pair(where, queues=1):
    made = run("ip", "-n", where, "link", "add", "p0", "numrxqueues", queues, "numtxqueues", 1,
               "type", "veth", "peer", "name", "p1", "numrxqueues", 1, "numtxqueues", 1)
    checked(made)
    for end in ("p0", "p1"):
        checked(run("ip", "-n", where, "link", "set", end, "up"))


@pytest.mark.parametrize("driver", ["af_xdp", "af_packet"])
def test_a_dataplane_waits_for_an_interface_that_comes_late_or_again(driver):
    def state():
        return one.vipctl.json("show", "ports")[0]["state"]

    with namespace("late") as where, gateway(where, driver) as one:
        one.start_both()
        assert one.vipctl.status()["reasons"] == [
            "port uplink: there is no interface p0; the dataplane waits for it"]
        for _ in range(3):
            assert state() == "no interface"
            add_pair(where)
            wait_until(lambda: state() == "up", "the port is open")
            checked(run("ip", "-n", where, "link", "del", "p0"))
            wait_until(lambda: state() == "no interface", "the port is closed")
        assert not one.ended("dataplane")


def test_queues_that_nobody_would_read_are_an_error():
    with namespace("late") as where, gateway(where) as one:
        add_pair(where, queues=2)
        one.start_control()
        one.refuses("dataplane", "port 'uplink': p0 receives by 2 queues, but queues = 1",
                    "ethtool -L p0 rx 1")


def test_queues_that_are_added_later_degrade_the_verdict():
    with namespace("late") as where, gateway(where) as one:
        add_pair(where, queues=2)
        use = [*one.prefix, "ethtool", "-L", "p0", "rx"]
        checked(run(*use, 1))
        one.start_both()
        checked(run(*use, 2))
        wait_until(lambda: one.vipctl.status()["reasons"] == [
            "port uplink: packets in 1 receive queues of p0 are missed; set queues to their "
            "number, or reduce it (ethtool -L)"], "the status tells")
        checked(run(*use, 1))
        wait_until(lambda: one.vipctl.status()["verdict"] == "ok", "no complaint is left")
