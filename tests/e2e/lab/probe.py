#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: sends a neighbor solicitation or an echo request for an address. Prints a
JSON list of the MAC addresses that answer within a second.

  probe.py nd|echo ADDRESS
"""

import json
import sys
from socket import AF_INET6, inet_ntop, inet_pton

from scapy.arch import get_if_hwaddr
from scapy.config import conf
from scapy.layers.inet import ICMP, IP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether, getmacbyip
from scapy.sendrecv import srp
from scapy.utils6 import in6_getnsma, in6_getnsmac

INTERFACE = "eth0"


def main():
    kind, address = sys.argv[1:]
    if kind == "nd":
        group = in6_getnsma(inet_pton(AF_INET6, address))
        source, mac = conf.route6.route(address)[1], get_if_hwaddr(INTERFACE)
        request = (Ether(src=mac, dst=in6_getnsmac(group)) /
                   IPv6(src=source, dst=inet_ntop(AF_INET6, group)) / ICMPv6ND_NS(tgt=address) /
                   ICMPv6NDOptSrcLLAddr(lladdr=mac))
    else:
        request = Ether(dst=getmacbyip(address)) / IP(dst=address) / ICMP()
    answers, _ = srp(request, iface=INTERFACE, timeout=1, multi=True, verbose=False)
    print(json.dumps([answer.src for _, answer in answers]))


if __name__ == "__main__":
    main()
