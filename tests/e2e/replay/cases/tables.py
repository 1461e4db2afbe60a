# SPDX-License-Identifier: Apache-2.0
"""Cases that depend on the configuration of services, pools and tunnels."""

from cases.case import dropped, forwarded
from frames import FAMILIES, V4, V6


def cases_of(ip):
    at = ", " + ip.name
    yield dropped(81, "a pool whose backends all have weight 0" + at, "pool_empty",
                  [ip.tcp(dport=81, flags=flags) for flags in ("S", "A", "R")])
    yield dropped(83, "a backend without a known next hop" + at, "no_next_hop",
                  [ip.tcp(dport=82), ip.tcp(dport=82, flags="A", sport=40001)])
    for protocol, service, send in [("TCP", "sticky", ip.tcp), ("UDP", "sticky-udp", ip.udp)]:
        yield forwarded(84, f"one port of two protocols, {protocol}{at}", service + ip.suffix,
                        [send(dport=94, sport=port) for port in range(49000, 49004)])
    for service, send, port in [("web", ip.tcp, 80), ("dns", ip.udp, 53), ("range", ip.tcp, 8000)]:
        yield forwarded(85, f"services of one VIP and different pools, {service}{at}",
                        service + ip.suffix,
                        [send(dport=port, sport=sport) for sport in range(49100, 49104)])


def tunnels(ip):
    at = ", " + ip.name
    for service, port in [("web", 80), ("cross", 90), ("gue", 91), ("gue-cross", 92),
                          ("direct", 93)]:
        for sport in range(49200, 49204):
            yield forwarded(None, f"{service}, a flow, {sport}{at}", service + ip.suffix, [
                ip.tcp(sport=sport, dport=port, flags=flags, payload=payload)
                for flags, payload in [("S", b""), ("A", b""), ("PA", bytes(range(256)))]],
                flow=(ip.name, service, sport))
            yield forwarded(None, f"{service} from many sources, a flow, {sport}{at}",
                            service + ip.suffix, [
                                ip.tcp(sport=sport, dport=port, flags=flags) for flags in "SA"],
                            "spread", flow=(ip.name, service, sport))
    for client in (ip.client[:-1] + str(i) for i in range(8)):
        flow = (ip.name, "sticky", client)
        for service, send in [("sticky", ip.tcp), ("sticky-udp", ip.udp)]:
            yield forwarded(None, f"a client sticks to its backend, {service}, {client}",
                            service + ip.suffix, [
                                send(src=client, sport=sport, dport=94)
                                for sport in range(49300, 49308)], flow=flow)


UNTUNNELLED = [
    dropped(None, "a port without an address to tunnel IPv4 from", "no_tunnel_source",
            [V4.tcp(), V6.tcp(dport=90), V4.tcp(dport=91)], "ipv6-only"),
    dropped(None, "a port without an address to tunnel IPv6 from", "no_tunnel_source",
            [V6.tcp(), V4.tcp(dport=90), V6.tcp(dport=91)], "ipv4-only"),
    *(forwarded(None, f"layer 2 needs no address to tunnel from, {ip.name}", "direct" + ip.suffix,
                [ip.tcp(dport=93)], "ipv6-only" if ip is V4 else "ipv4-only") for ip in FAMILIES),
]

CASES = [*(case for ip in FAMILIES for make in (cases_of, tunnels) for case in make(ip)),
         *UNTUNNELLED]
