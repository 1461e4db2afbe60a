# SPDX-License-Identifier: Apache-2.0
"""What a user may choose instead of vipfwd, between the lab's client and its web servers. Each is a
context manager that sets it up for the time of a measurement, and yields the URL to request."""

import contextlib

VIP = "10.0.0.100"
GATEWAY = "10.0.0.1"
BACKENDS = ["10.0.0.11", "10.0.0.12", "10.0.0.13"]

NFTABLES = """\
table ip bench {
    chain before {
        type nat hook prerouting priority dstnat
        ip daddr %s tcp dport 80 dnat ip to jhash ip saddr . tcp sport mod %d map { %s }
    }
    chain after {
        type nat hook postrouting priority srcnat
        masquerade
    }
}
"""
HAPROXY = """\
global
    nbthread 1
    maxconn 4000
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen web
    bind %s:8080
    balance source
    hash-type consistent
%s
"""


@contextlib.contextmanager
def direct(_lab):
    """No gateway: the cost of client, network and web server alone."""
    yield f"http://{BACKENDS[0]}/"


@contextlib.contextmanager
def routed(lab):
    """The kernel forwards to one server, which answers the client directly."""
    lab.shell("client", "ip", "route", "add", f"{BACKENDS[0]}/32", "via", GATEWAY)
    try:
        yield f"http://{BACKENDS[0]}/"
    finally:
        lab.shell("client", "ip", "route", "del", f"{BACKENDS[0]}/32")


@contextlib.contextmanager
def nftables(lab):
    """DNAT and masquerading; answers come back through the gateway."""
    servers = ", ".join(f"{i} : {address}" for i, address in enumerate(BACKENDS))
    rules = NFTABLES % (GATEWAY, len(BACKENDS), servers)
    lab.shell("gw1", "nft", "-f", "-", text=rules)
    try:
        yield f"http://{GATEWAY}/"
    finally:
        lab.shell("gw1", "nft", "delete", "table", "ip", "bench")


@contextlib.contextmanager
def haproxy(lab, directory):
    """In TCP mode, one thread."""
    servers = "\n".join(f"    server web{i} {address}:80" for i, address in enumerate(BACKENDS))
    (directory / "haproxy.cfg").write_text(HAPROXY % (GATEWAY, servers))
    pid = directory / "haproxy.pid"
    lab.shell("gw1", "haproxy", "-D", "-f", str(directory / "haproxy.cfg"), "-p", str(pid))
    try:
        yield f"http://{GATEWAY}:8080/"
    finally:
        lab.shell("gw1", "kill", pid.read_text().strip())


@contextlib.contextmanager
def vipfwd(_lab):
    """vipfwd with IPIP; servers answer the client directly."""
    yield f"http://{VIP}/"
