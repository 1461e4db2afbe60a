# SPDX-License-Identifier: Apache-2.0
"""Two gateways that share a key, and an attacker on their network without it: forged and replayed
adverts are discarded, and everything else works as without a key."""

import hashlib
import hmac
import socket
import struct
import time

import forge
import pytest
from labs import HERE, VIP, VIP6
from pairs import ADDRESS, ADVERT_MS, KEY, add_keys, key_line, send_packets, up, write_key
from programs import wait_until

NEXT_KEY = bytes(range(100, 200))
ADDRESS6 = {"10.0.0.1": "fd00::1", "10.0.0.2": "fd00::2"}
IPV4_BYTES, MESSAGE_BYTES = 20, 12  # of an advert that lists one VIP
MAGIC, MAC_BYTES = b"vfa1", 32
TRAILER_BYTES = 44


def apply_in_place_of_key(gateway, lines):
    gateway.config.write_text(gateway.original.replace(key_line(gateway), lines))
    applied = gateway.vipctl("config", "apply")
    assert applied.returncode == 0, applied.stderr


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        add_keys(one)
        yield one


def heard_by(pair, node, seconds=6 * ADVERT_MS / 1000):
    """The adverts that a gateway receives in that time, from the IP header on."""
    with hearing(pair, node) as result:
        time.sleep(seconds)
    return packets_of(result)


def hearing(pair, node):
    return pair.client(HERE / "wire.py", "hear", "up0", node=node)


def packets_of(result):
    return [bytes.fromhex(packet) for packet in result["output"]]


def mapped(address):
    return bytes(10) + b"\xff\xff" + address


def mac_of(packet, key=KEY):
    """The MAC as dataplane/abi/advert_auth.h documents it."""
    covered = mapped(packet[12:16]) + mapped(packet[16:20]) + packet[IPV4_BYTES:-MAC_BYTES]
    return hmac.new(key, covered, hashlib.sha256).digest()


def sequence_of(packet):
    [sequence] = struct.unpack("!Q", packet[-MAC_BYTES - 8:-MAC_BYTES])
    return sequence


def signed(packet, key, sequence):
    """The IP packet of forge.advert(), with a trailer."""
    trailer = MAGIC + struct.pack("!Q", sequence)
    longer = packet + trailer + bytes(MAC_BYTES)
    header = bytearray(longer[:IPV4_BYTES])
    header[2:4] = struct.pack("!H", len(longer))
    header[10:12] = b"\0\0"
    header[10:12] = struct.pack("!H", forge.checksum(bytes(header)))
    longer = bytes(header) + longer[IPV4_BYTES:]
    return longer[:-MAC_BYTES] + mac_of(longer, key)


def forged(**fields):
    return forge.advert(ADDRESS["gw2"], destination=ADDRESS["gw1"], **fields)


class Discards:
    """Counts discarded adverts by reason, since this object was made."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.before = gateway.group()["discards"]

    def since(self):
        counts = self.gateway.group()["discards"]
        return {reason: count - self.before[reason] for reason, count in counts.items()
                if count != self.before[reason]}


def test_adverts_of_the_owner_are_signed_and_accepted(pair):
    discards = Discards(pair.gw2)
    packets = heard_by(pair, "gw2")
    assert len(packets) > 3
    for packet in packets:
        assert len(packet) == IPV4_BYTES + MESSAGE_BYTES + TRAILER_BYTES
        assert packet[-TRAILER_BYTES:][:4] == MAGIC
        assert packet[-MAC_BYTES:] == mac_of(packet)
        assert abs(sequence_of(packet) / 1e9 - time.time()) < 60
    sequences = [sequence_of(packet) for packet in packets]
    assert sequences == sorted(set(sequences))
    assert pair.gw2.group()["heard"]["priority"] == 200
    assert pair.gw2.group()["authentication"] == {"mode": "required", "unverified": 0}
    assert not discards.since()
    assert "required" in pair.gw1.vipctl("show", "groups").stdout


def test_forged_adverts_change_nothing_and_are_counted_by_name(pair):
    now_ns = time.time_ns()
    without_key = forged()
    wrong_key = signed(forged(), bytes(32), now_ns)
    changed = bytearray(signed(forged(priority=1), KEY, now_ns))
    changed[IPV4_BYTES + 2] = 254  # the priority, and the checksum with it
    changed[IPV4_BYTES:IPV4_BYTES + MESSAGE_BYTES] = forged()[IPV4_BYTES:]
    before = pair.gw1.group()
    discards = Discards(pair.gw1)
    with pair.watched() as watch:
        send_packets(pair, "gw1", [without_key, wrong_key, bytes(changed)] * 5)
        wait_until(lambda: discards.since() == {"unauthenticated": 5, "bad_mac": 10},
                   "they are counted")
        time.sleep(0.3)
    after = pair.gw1.group()
    assert pair.states() == ("active", "backup")
    assert after["heard"] == before["heard"] or after["heard"]["priority"] != 254
    assert after["transitions"][0]["to"] == before["transitions"][0]["to"] == "active"
    assert not watch.announcements("gw2") and not watch.lost()
    log = (pair.gw1.directory / "gw1.control.log").read_text()
    assert "advert from 10.0.0.2 discarded: bad_mac" in log
    assert "advert from 10.0.0.2 discarded: unauthenticated" in log
    assert KEY.hex() not in log


def test_a_replayed_advert_is_discarded_also_after_a_restart_of_control(pair):
    genuine = heard_by(pair, "gw2")
    recorded = genuine + receive_resignation(pair)
    replayed = {"replayed": len(recorded)}
    discards = Discards(pair.gw2)
    with pair.watched() as watch:
        send_packets(pair, "gw2", recorded)
        wait_until(lambda: discards.since() == replayed, "they are counted")
        pair.gw2.stop("control", kill=True)
        pair.gw2.start("control")
        pair.await_states("active", "backup")
        discards = Discards(pair.gw2)
        send_packets(pair, "gw2", recorded)
        wait_until(lambda: discards.since() == replayed, "the next one knows them")
        time.sleep(0.3)
    assert pair.states() == ("active", "backup")
    assert not watch.announcements("gw2") and not watch.lost()


def receive_resignation(pair):
    """The resignation that gw1's control sends to gw2 when its dataplane dies."""
    with hearing(pair, "gw2") as result:
        pair.gw1.stop("dataplane", kill=True)
        pair.await_states("down", "active")
    pair.gw1.start("dataplane")
    pair.await_states("active", "backup")
    packets = packets_of(result)
    resignations = [packet for packet in packets if packet[IPV4_BYTES + 2] == 0]
    assert resignations and all(one[-MAC_BYTES:] == mac_of(one) for one in resignations)
    assert resignations[-1] == packets[-1]
    return resignations


def test_the_death_of_a_dataplane_moves_the_vips_at_once(pair):
    receive_resignation(pair)
    assert pair.gw2.group()["transitions"][1]["cause"] == "priority_zero"
    assert pair.who_has() == ["gw1"]


def test_a_restart_of_control_is_not_noticed(pair):
    watch = pair.restart_control()
    assert not watch.announcements("gw2") and not watch.lost()


def test_a_handover_loses_nothing(pair):
    with pair.watched() as watch:
        assert pair.gw1.vipctl("group", "handover", "edge").returncode == 0
        pair.await_states("backup", "active")
        time.sleep(0.3)
    assert pair.who_has() == ["gw2"]
    assert not watch.lost()


def test_adverts_over_ipv6_are_authenticated(pair):
    for gateway in pair.gateways:
        text = gateway.original.replace(f'"{VIP}", "{VIP6}"', f'"{VIP6}", "{VIP}"')
        for address, address6 in ADDRESS6.items():
            text = text.replace(f'peers = ["{address}"]', f'peers = ["{address6}"]')
        gateway.config.write_text(text)
        applied = gateway.vipctl("config", "apply")
        assert applied.returncode == 0, applied.stderr
    wait_until(lambda: (pair.gw2.group()["heard"] or {}).get("source") == "fd00::1", "gw1 is heard")
    pair.await_states("active", "backup")
    discards = Discards(pair.gw2)
    pair.gw1.stop("dataplane", kill=True)
    pair.await_states("down", "active")
    assert pair.gw2.group()["transitions"][0]["cause"] == "priority_zero"
    assert pair.gw2.group()["authentication"] == {"mode": "required", "unverified": 0}
    assert not discards.since()


def step(pair, lines_for):
    """Applies the next configuration on one gateway after the other; gw1 must stay the owner."""
    for gateway in (pair.gw2, pair.gw1):
        apply_in_place_of_key(gateway, lines_for(gateway))
        time.sleep(10 * ADVERT_MS / 1000)
        assert pair.states() == ("active", "backup")


def unverified(gateway):
    return gateway.group()["authentication"]["unverified"]


def test_a_key_is_introduced_and_removed_without_a_change_of_owner(pair):
    tried = "auth_required = false\n"
    for gateway in pair.gateways:
        apply_in_place_of_key(gateway, "")
    pair.await_states("active", "backup")
    with pair.watched() as watch:
        step(pair, lambda gateway: key_line(gateway) + tried)
        before = unverified(pair.gw2)
        assert before > 0, "those before gw1 had the key"
        assert pair.gw2.group()["authentication"]["mode"] == "optional"
        time.sleep(10 * ADVERT_MS / 1000)
        assert unverified(pair.gw2) == before
        step(pair, key_line)
        assert pair.gw2.group()["authentication"]["mode"] == "required"
        step(pair, lambda gateway: key_line(gateway) + tried)
        step(pair, lambda gateway: "")
        assert pair.gw2.group()["authentication"]["mode"] is None
    assert not watch.announcements("gw2") and not watch.lost()


def test_a_key_is_changed_without_a_change_of_owner(pair):
    def keys(first, second=None):
        def lines(gateway):
            files = [("auth_key_file", first), ("auth_second_key_file", second)]
            return "".join(f'{name} = "{write_key(gateway, key)}"\n' for name, key in files if key)
        return lines

    with pair.watched() as watch:
        for lines in (keys(KEY, NEXT_KEY), keys(NEXT_KEY, KEY), keys(NEXT_KEY)):
            step(pair, lines)
    assert all(one[-MAC_BYTES:] == mac_of(one, NEXT_KEY) for one in heard_by(pair, "gw2"))
    assert not watch.announcements("gw2") and not watch.lost()
