# SPDX-License-Identifier: Apache-2.0
"""The path MTUs that nodes of a lab have learnt, and ICMP errors that tell them."""

import contextlib
import json
import re
import subprocess

from labs import HERE, checked


def learnt_mtu(lab, node, address):
    """The MTU that the node has learnt for the path to the address, or None."""
    route = checked(lab.shell(node, "ip", "route", "get", address))
    learnt = re.search(r"expires \d+sec mtu (\d+)", route)
    return int(learnt[1]) if learnt else None


def forget(lab, *nodes):
    for node in nodes:
        for family in ("-4", "-6"):
            checked(lab.shell(node, "ip", family, "route", "flush", "cache"))


@contextlib.contextmanager
def too_big(lab, address, port, mtus):
    """During the block, each backend has learnt an MTU, by an ICMP error about a connection with
    it."""
    [gateway] = lab.vipctl.json("show", "ports")
    with subprocess.Popen(
            [*lab.scripts_lab, "shell", "client", HERE / "too_big.py", "eth0", gateway["mac"],
             address, str(port), *(f"{node}={mtu}" for node, mtu in mtus.items())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as told:
        try:
            assert json.loads(told.stdout.readline()) == mtus
            yield
        finally:
            told.stdin.close()
