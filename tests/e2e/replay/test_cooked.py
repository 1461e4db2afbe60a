# SPDX-License-Identifier: Apache-2.0
"""Captures on all interfaces of a Linux machine, whose packets lack Ethernet headers: scripts/replay
gives them some."""

import json
import struct

import pcap
import pytest
from frames import tcp
from replaying import CONFIG, run_replay

TO_US, BROADCAST, MULTICAST, OTHER_HOST, OUTGOING = range(5)
SENDER = bytes.fromhex("02000000aa01")
IPV4 = 0x0800
FLOWS = 5


def sll(packet, type_=TO_US):
    return struct.pack("!HHH8sH", type_, 1, 6, SENDER, IPV4) + packet


def sll2(packet, type_=TO_US):
    return struct.pack("!HHIHBB8s", IPV4, 0, 2, 1, type_, 6, SENDER) + packet


def classic(link_type, packets):
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, pcap.LONGEST, link_type)
    return header + b"".join(pcap.record(packet) for packet in packets)


def pcapng(link_type, packets):
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return struct.pack("<II", kind, size) + body + struct.pack("<I", size)

    return (block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) +
            block(1, struct.pack("<HHI", link_type, 0, pcap.LONGEST)) +
            b"".join(block(6, struct.pack("<IIIII", 0, 0, 0, len(one), len(one)) + one)
                     for one in packets))


FORMS = {
    "sll": (113, sll, classic), "sll2": (276, sll2, classic),
    "sll in pcapng": (113, sll, pcapng), "sll2 in pcapng": (276, sll2, pcapng),
}


@pytest.fixture(params=FORMS)
def replayed(request, tmp_path):
    """`replayed(packets, config)`: replays (IP packet, type) pairs; its counters, words, frames."""
    link_type, cooked, capture = FORMS[request.param]

    def replay(packets, config=CONFIG):
        made = [cooked(packet, type_) for packet, type_ in packets]
        (tmp_path / "in").write_bytes(capture(link_type, made))
        finished = run_replay(config, tmp_path / "in", tmp_path / "out.pcap")
        assert finished.returncode == 0, finished.stderr
        return (json.loads(finished.stdout), finished.stderr, pcap.read(tmp_path / "out.pcap"))

    return replay


def packets():
    return [tcp(sport=2000 + flow)[14:] for flow in range(FLOWS)]


def test_packets_to_the_machine_are_forwarded(replayed):
    counted, said, frames = replayed([(packet, TO_US) for packet in packets()])
    assert counted["received"] == counted["forwarded"] == len(frames) == FLOWS
    assert [frame[-len(packet):] for frame, packet in zip(frames, packets())] == packets()
    assert said == ""


def test_the_port_may_have_a_mac_address(replayed, tmp_path):
    config = tmp_path / "with_mac.toml"
    text = CONFIG.read_text()
    assert "[[port]]\n" in text
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("mac = ")]
    config.write_text("".join(lines).replace("[[port]]\n",
                                             '[[port]]\nmac = "02:00:00:00:00:99"\n', 1))
    counted, _, _ = replayed([(packet, TO_US) for packet in packets()], config)
    assert counted["forwarded"] == FLOWS


def test_what_the_machine_has_sent_is_left_out_and_said(replayed):
    [first, *others] = packets()
    counted, said, _ = replayed([(first, TO_US)] + [(packet, OUTGOING) for packet in others])
    assert counted["received"] == counted["forwarded"] == 1
    assert f"{len(others)} packets that the machine itself has sent are left out" in said


def test_packets_to_other_hosts_stay_foreign(replayed):
    counted, _, _ = replayed([(packet, OTHER_HOST) for packet in packets()])
    assert counted["dropped"] == {"ethernet_not_ours": FLOWS}


def test_a_damaged_capture_is_still_an_error(tmp_path):
    (tmp_path / "in").write_bytes(classic(113, [sll(one) for one in packets()])[:-3])
    finished = run_replay(CONFIG, tmp_path / "in", tmp_path / "out.pcap")
    assert finished.returncode == 1
    assert "truncated" in finished.stderr
