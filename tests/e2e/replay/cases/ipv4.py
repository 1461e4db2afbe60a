# SPDX-License-Identifier: Apache-2.0
"""The IP header: faults of IPv4, and cases that both versions share."""

from cases.case import dropped, forwarded, to_kernel
from frames import (ETHERNET_BYTES, FAMILIES, GATEWAY, GATEWAY6, IPV4_BYTES, V6, VIP,
                    ip_checksummed, ipv4, patched, tcp, tcp6, udp)
from scapy.layers.inet import GRE, ICMP, TCP, IPOption
from scapy.packet import Raw

IP_AT = ETHERNET_BYTES
ESP, AH, SCTP = 50, 51, 132
NOP = IPOption(b"\x01" * 4)


def version_and_ihl(value):
    return ip_checksummed(patched(tcp(), IP_AT, bytes([value])))


def total_length(value, frame):
    return ip_checksummed(patched(frame, IP_AT + 2, value.to_bytes(2, "big")))


HEADER = [
    dropped(12, "IPv4 of another version", "ipv4_version",
            [version_and_ihl(version << 4 | 5) for version in range(16) if version != 4]),
    dropped(12, "IPv6 of another version", "ipv6_version",
            [patched(tcp6(), IP_AT, bytes([version << 4])) for version in range(16)
             if version != 6]),
    dropped(13, "a header of less than 5 words, or beyond the frame", "ipv4_header_length", [
        *(version_and_ihl(0x40 | words) for words in range(5)),
        tcp(options=[IPOption(b"\x01" * 40)])[:ETHERNET_BYTES + 59],
        patched(tcp(), IP_AT, b"\x4f"),  # a header of 60 bytes in a packet of 40
    ]),
    # Read as ports by mistake, these options would be port 80 (0x0050).
    forwarded(14, "IPv4 options do not hide the ports", "web", [
        tcp(options=[IPOption(b"\x01" * 4 * words)]) for words in (1, 5, 10)]),
    forwarded(14, "IPv4 options that look like another service's ports", "range", [
        tcp(dport=8000, options=[IPOption(b"\x00\x50\x00\x50")])]),
    forwarded(14, "a router alert in front of UDP", "dns", [
        udp(options=[IPOption(b"\x94\x04\x00\x00")])]),
    forwarded(14, "IPv4 options of length 0 and beyond the header", "web", [
        ip_checksummed(patched(tcp(options=[NOP]), IP_AT + IPV4_BYTES, options))
        for options in (b"\x07\x00\x00\x00", b"\x07\xff\x00\x00")]),
    dropped(15, "a total length below the header's or beyond the frame", "ipv4_total_length", [
        *(total_length(length, tcp()) for length in (0, 19, 41, 65535)),
        tcp()[:-1],
        total_length(23, tcp(options=[NOP])),
    ]),
    dropped(16, "a wrong header checksum", "ipv4_checksum", [
        tcp(chksum=0),
        tcp(chksum=0xFFFF),
        patched(tcp(), IP_AT + 8, b"\x07"),
        patched(tcp(options=[NOP]), IP_AT + 20, b"\x02"),
        tcp(dst=GATEWAY, chksum=1),
    ]),
    dropped(17, "TTL 0", "ipv4_ttl_zero", [tcp(ttl=0), udp(ttl=0), ipv4(ICMP(), ttl=0)]),
    *(forwarded(17, f"TTL 1 and above, {ip.name}", "web" + ip.suffix,
                [ip.tcp(sport=41000 + ttl, ttl=ttl) for ttl in (1, 2, 64, 255)])
      for ip in FAMILIES),
    *(forwarded(29, f"DF and identification are copied outside, {service}", service, [
        ip_checksummed(patched(tcp(sport=41100 + i, dport=port), IP_AT + 4, header))
        for i, header in enumerate((b"\0\0\0\0", b"\xff\xff\x40\0", b"\x80\x01\0\0"))])
      for service, port in [("web", 80), ("gue", 91), ("cross", 90), ("direct", 93)]),
    forwarded(26, "the reserved flag does not make a fragment", "web",
              [ip_checksummed(patched(tcp(), IP_AT + 6, b"\x80\x00"))]),
]

ADDRESSES = [
    dropped(18, "an impossible IPv4 source", "ipv4_source", [
        *(tcp(src=source) for source in ("0.0.0.0", "127.0.0.1", "127.255.255.255", "224.0.0.1",
                                         "239.255.255.255", "255.255.255.255")),
        udp(src="127.0.0.1"),
        ipv4(ICMP(), src="224.0.0.1"),
    ]),
    dropped(19, "source and destination are the VIP, IPv4", "ipv4_source",
            [tcp(src=VIP), udp(src=VIP), ipv4(ICMP(), src=VIP)]),
    forwarded(18, "possible IPv4 sources", "web", [
        tcp(src=source) for source in ("1.0.0.0", "8.8.8.8", "126.255.255.255", "128.0.0.1",
                                       "169.254.1.1", "192.168.0.255", "223.255.255.255",
                                       "240.0.0.1", "250.1.2.3", "255.255.255.254")]),
    to_kernel(28, "other IPv4 destinations", [
        tcp(dst=address) for address in (GATEWAY, "10.0.0.99", "10.0.0.102", "224.0.0.18",
                                         "8.8.8.8")]),
    to_kernel(28, "other IPv6 destinations", [
        tcp6(dst=address) for address in (GATEWAY6, "fd00::99", "fd00::102", "ff02::1",
                                          "2001:db8::1", "::ffff:10.0.0.100", "::10.0.0.100")]),
    to_kernel(28, "faults in packets to other addresses are ignored", [
        ipv4(Raw(bytes(TCP(dport=80))[:12]), dst=GATEWAY, proto=6),
        tcp(dst=GATEWAY, ttl=0),
        tcp(dst=GATEWAY, frag=100),
        tcp(dst=GATEWAY, src="127.0.0.1"),
        V6.ip(Raw(bytes(TCP(dport=80))[:12]), dst=GATEWAY6, proto=6),
        tcp6(dst=GATEWAY6, ttl=0),
        tcp6(dst=GATEWAY6, src="::1"),
        V6.udp(dst=GATEWAY6, udp_fields={"chksum": 0}),
    ]),
]

TRAFFIC_CLASS = [
    forwarded(26, f"DSCP and ECN, {service}", service,
              [ip.tcp(sport=42000 + tos, dport=port, tos=tos) for tos in tos_values])
    for ip in FAMILIES
    for service, port, tos_values in [
        ("web" + ip.suffix, 80, range(256)),
        ("cross" + ip.suffix, 90, (0, 1, 2, 3, 0xB8, 0xFF)),
        ("gue" + ip.suffix, 91, (0, 1, 2, 3, 0xB8, 0xFF)),
        ("gue-cross" + ip.suffix, 92, (0, 3, 0xFF)),
        ("direct" + ip.suffix, 93, (0, 3, 0xFF)),
    ]
]

PROTOCOLS = [
    to_kernel(27, f"ESP, AH, GRE, SCTP and unknown protocols, {ip.name}", [
        ip.ip(GRE() / Raw(b"x" * 20)),
        *(ip.ip(Raw(bytes(20)), proto=protocol)
          for protocol in (ESP, AH, SCTP, 2, 4, 41, 253, 255)),
    ])
    for ip in FAMILIES
]

CASES = [*HEADER, *ADDRESSES, *TRAFFIC_CLASS, *PROTOCOLS]
