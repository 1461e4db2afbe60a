# SPDX-License-Identifier: Apache-2.0
"""The configurations of the cases: gateway.toml as it is ("usual"), or with a change."""

import ipaddress
import tomllib
from functools import cached_property
from pathlib import Path

CONFIG = Path(__file__).parent.parent / "gateway.toml"
ADDRESSES = 'addresses = ["10.0.0.1/24", "fd00::1/64"]'
MTU = "mtu = 1500"


class Gateway:
    def __init__(self, *replacements):
        self.text = CONFIG.read_text()
        for old, new in replacements:
            assert old in self.text
            self.text = self.text.replace(old, new)

    @cached_property
    def config(self):
        return tomllib.loads(self.text)

    @property
    def port(self):
        return self.config["port"][0]

    @property
    def vlans(self):
        """The VLANs of the frames that it sends, outermost first."""
        return [self.port[key] for key in ("outer_vlan", "vlan") if key in self.port]

    @cached_property
    def neighbors(self):
        """MAC addresses by IP address."""
        return {row["address"]: row["mac"] for row in self.config["neighbor"]}

    def service(self, name):
        return next(row for row in self.config["service"] if row["name"] == name)

    def backends(self, service_name):
        """The addresses that may receive a packet of the service."""
        pool = self.service(service_name)["pool"]
        rows = next(row["backend"] for row in self.config["pool"] if row["name"] == pool)
        return [row["address"] for row in rows]

    @cached_property
    def tunnel_networks(self):
        """The networks of the outer source of tunnels, by IP version."""
        sources = [text.split("/")[0] for text in self.port["addresses"]]
        sources += self.port.get("tunnel_source", [])
        networks = map(ipaddress.ip_network, sources)
        return {network.version: network for network in networks}

    def tunnels_from(self, address):
        address = ipaddress.ip_address(address)
        return address in self.tunnel_networks.get(address.version, ())


GATEWAYS = {
    "usual": Gateway(),
    "ipv4-only": Gateway((ADDRESSES, 'addresses = ["10.0.0.1/24"]')),
    "ipv6-only": Gateway((ADDRESSES, 'addresses = ["fd00::1/64"]')),
    "vlan": Gateway((MTU, f"{MTU}\nvlan = 100")),
    "qinq": Gateway((MTU, f"{MTU}\nvlan = 100\nouter_vlan = 200")),
    "jumbo": Gateway((MTU, "mtu = 9100")),
    "spread": Gateway((MTU, f'{MTU}\ntunnel_source = ["10.99.0.0/16", "fd00:99::/96"]')),
}
