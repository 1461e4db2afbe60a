# SPDX-License-Identifier: Apache-2.0
"""A packet to a service leaves for a backend, encapsulated and otherwise untouched."""

from expect import check_all_encapsulated, check_encapsulated
from frames import CLIENT, VIP, arp, ip_checksummed, patched, tcp, udp
from scapy.layers.inet import IPOption

# One packet, byte by byte: a SYN of 10.0.0.50:40000 to 10.0.0.100:8000, which has one backend.
GOLDEN_IN = bytes.fromhex(
    "020000000001 020000000050 0800"
    "4510 0028 1234 4000 40 06 13f7 0a000032 0a000064"
    "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000")
GOLDEN_OUT = bytes.fromhex(
    "020000000012 020000000001 0800"
    "4510 003c 1234 4000 40 04 146e 0a000001 0a00000c"
    "4510 0028 1234 4000 40 06 13f7 0a000032 0a000064"
    "9c40 1f40 00000001 00000000 50 02 2000 abcd 0000")


def test_golden_packet(replay):
    replayed = replay([GOLDEN_IN])
    assert [frame.hex(" ") for frame in replayed.out] == [GOLDEN_OUT.hex(" ")]


def test_golden_packet_is_counted(replay):
    replayed = replay([GOLDEN_IN])
    assert replayed.report["services"]["range"] == {"packets": 1, "bytes": 40}
    assert replayed.report["backends"]["range/range1"] == {"packets": 1, "bytes": 40}
    assert replayed.forwarded == replayed.transmitted == 1


def test_tcp_whatever_its_flags(replay):
    flags = ["S", "SA", "A", "PA", "F", "FA", "R", "RA", "", "FPU", "SF", "FSRPAUEC"]
    sent = [tcp(sport=40000 + i, flags=flag) for i, flag in enumerate(flags)]
    check_all_encapsulated(replay(sent), sent)


def test_tcp_payload_options_and_checksum_are_the_backends_business(replay):
    options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 2)), ("WScale", 7)]
    sent = [
        tcp(payload=b"GET / HTTP/1.1\r\n\r\n", flags="PA"),
        tcp(payload=bytes(range(256)), flags="PA"),
        tcp(tcp_fields={"options": options}),
        tcp(tcp_fields={"dataofs": 6, "options": [(2, b"")]}),  # shorter than it says
        tcp(tcp_fields={"chksum": 0x1234}),
        tcp(sport=0),
        tcp(tcp_fields={"urgptr": 9, "window": 0, "reserved": 7}),
    ]
    check_all_encapsulated(replay(sent), sent)


def test_udp_of_any_size_and_checksum(replay):
    sent = [
        udp(payload=b""),
        udp(payload=b"x" * 1200),
        udp(udp_fields={"chksum": 0}),
        udp(udp_fields={"chksum": 0xBEEF}),
        udp(payload=b"longer than UDP says", udp_fields={"len": 10}),
    ]
    check_all_encapsulated(replay(sent), sent)


def test_padding_is_not_forwarded(replay):
    sent = [tcp() + bytes(pad) for pad in (1, 6, 18, 1000)] + [udp(payload=b"") + b"\xff" * 18]
    check_all_encapsulated(replay(sent), sent)


def test_ip_options_do_not_hide_the_ports(replay):
    # Misread, the options' bytes would be ports: 0x0050 is 80.
    sent = [tcp(options=[IPOption(b"\x01" * 4 * words)]) for words in (1, 5, 10)]
    sent.append(tcp(dport=8000, options=[IPOption(b"\x00\x50\x00\x50")]))
    sent.append(udp(options=[IPOption(b"\x94\x04\x00\x00")]))
    check_all_encapsulated(replay(sent), sent)


def test_dscp_and_ecn_are_copied_outside(replay):
    sent = [tcp(sport=40000 + tos, tos=tos) for tos in range(256)]
    check_all_encapsulated(replay(sent), sent)


def test_ttl_stays_inside_and_is_fresh_outside(replay):
    sent = [tcp(ttl=ttl) for ttl in (1, 2, 64, 255)]
    check_all_encapsulated(replay(sent), sent)


def test_df_and_identification_are_copied_outside(replay):
    sent = [tcp(flags="A", sport=40000 + i) for i in range(3)]
    for i, (flags, number) in enumerate([(0, 0), (0x4000, 0xFFFF), (0, 0x8001)]):
        header = number.to_bytes(2, "big") + flags.to_bytes(2, "big")
        sent[i] = ip_checksummed(patched(sent[i], 14 + 4, header))
    check_all_encapsulated(replay(sent), sent)


def test_the_reserved_ip_flag_is_not_taken_for_a_fragment(replay):
    sent = [ip_checksummed(patched(tcp(), 14 + 6, b"\x80\x00"))]
    check_all_encapsulated(replay(sent), sent)


def test_a_packet_fills_the_mtu_once_encapsulated(replay):
    room = 1500 - 20 - 20 - 20
    fits = tcp(flags="A", payload=b"x" * room)
    too_long = tcp(flags="A", payload=b"x" * (room + 1))
    replayed = replay([fits, too_long])
    assert replayed.dropped == {"too_big": 1}
    assert len(replayed.out) == 1
    check_encapsulated(replayed.out[0], fits)
    assert len(replayed.out[0]) == 14 + 1500


def test_a_larger_mtu_takes_larger_packets(replay, edited_config):
    config = edited_config("mtu = 1500", "mtu = 1600")
    sent = [tcp(flags="A", payload=b"x" * 1460)]
    check_all_encapsulated(replay(sent, config), sent)


def test_sources_anywhere_in_the_internet(replay):
    sources = ["1.0.0.0", "8.8.8.8", "126.255.255.255", "128.0.0.1", "169.254.1.1", "192.168.0.255",
               "223.255.255.255", CLIENT]
    sent = [tcp(src=source) for source in sources]
    check_all_encapsulated(replay(sent), sent)


def test_many_kinds_of_packets_in_one_burst_keep_apart(replay):
    sent = [tcp(), arp(), udp(), tcp(dst="10.0.0.1"), tcp(ttl=0), tcp(dport=8050)] * 40
    replayed = replay(sent)
    assert (replayed.forwarded, replayed.answered, replayed.to_kernel) == (120, 40, 40)
    assert replayed.dropped == {"ipv4_ttl_zero": 40}
    assert {name: row["packets"] for name, row in replayed.services.items()} == {
        "web": 40, "dns": 40, "range": 40, "any": 0, "idle": 0, "lost": 0}
    forwarded = [frame for frame in sent if VIP.encode() and frame[12:14] == b"\x08\x00"
                 and frame not in (tcp(dst="10.0.0.1"), tcp(ttl=0))]
    encapsulated = [frame for frame in replayed.out if frame[12:14] == b"\x08\x00"]
    for out, frame in zip(encapsulated, forwarded):
        check_encapsulated(out, frame)
