#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the client's namespace: asks by ARP who has an address. Prints a JSON list of all MAC
addresses that answer within a second.

  who_has.py ADDRESS INTERFACE
"""

import json
import sys

from scapy.layers.l2 import ARP, Ether
from scapy.sendrecv import srp


def main():
    address, interface = sys.argv[1:]
    request = Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(op="who-has", pdst=address)
    answers, _ = srp(request, iface=interface, timeout=1, multi=True, verbose=False)
    print(json.dumps([answer[ARP].hwsrc for _, answer in answers]))


if __name__ == "__main__":
    main()
