# SPDX-License-Identifier: Apache-2.0
"""Ways from the lab's client to its web servers that a user may pick instead: each is set up for
the time that it is measured, as a context manager, and yields the URL to ask."""

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
    """No gateway: what client, network and web server cost."""
    yield f"http://{BACKENDS[0]}/"


@contextlib.contextmanager
def routed(lab):
    """The kernel forwards to one server, which answers directly."""
    lab.shell("client", "ip", "route", "add", f"{BACKENDS[0]}/32", "via", GATEWAY)
    try:
        yield f"http://{BACKENDS[0]}/"
    finally:
        lab.shell("client", "ip", "route", "del", f"{BACKENDS[0]}/32")


@contextlib.contextmanager
def nftables(lab):
    """DNAT and masquerading; answers come back through it."""
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
    """IPIP; servers answer directly."""
    yield f"http://{VIP}/"
