#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the client's namespace: asks for an address on the link. Prints a JSON list of the MAC
addresses of all who answer within a second.

  probe.py arp|echo ADDRESS
"""

import json
import sys

from scapy.config import conf
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Ether, getmacbyip
from scapy.sendrecv import srp

BROADCAST = "ff:ff:ff:ff:ff:ff"


def main():
    kind, address = sys.argv[1:]
    if kind == "arp":
        request = Ether(dst=BROADCAST) / ARP(op="who-has", pdst=address)
    else:
        request = Ether(dst=getmacbyip(address)) / IP(dst=address) / ICMP()
    interface = conf.route.route(address)[0]
    answers, _ = srp(request, iface=interface, timeout=1, multi=True, verbose=False)
    print(json.dumps([answer.src for _, answer in answers]))


if __name__ == "__main__":
    main()
