# SPDX-License-Identifier: Apache-2.0
"""The backend of a flow is the one that vipctl predicts, and each backend gets its share."""

import math
import random
from collections import Counter

import cases
import pytest
from expect import backend_of
from frames import CLIENT, FAMILIES, V6, VIP, from_flows, tcp

SIGMAS = 5


def random_flows(count, seed=1):
    chooser = random.Random(seed)
    flows = set()
    while len(flows) < count:
        source = chooser.randrange(0x01000000, 0x7F000000)  # 1.0.0.0 to 126.255.255.255
        flows.add((source, chooser.randrange(1, 65536)))
    return sorted(flows)


def dotted(address):
    return ".".join(str(byte) for byte in address.to_bytes(4, "big"))


@pytest.mark.parametrize("ip", FAMILIES, ids=lambda ip: ip.name)
@pytest.mark.parametrize("service, dport, pool", [
    ("web", 80, {4: "web", 6: "web6"}), ("cross", 90, {4: "web6", 6: "web"}),
    ("sticky", 94, {4: "web", 6: "web6"}), ("loose", 95, {4: "web", 6: "web6"})])
def test_flows_go_where_lookup_says(replay, vipctl, ip, service, dport, pool):
    chooser = random.Random(2)
    ports = [chooser.randrange(1, 65536) for _ in range(20)]
    replayed = replay([ip.tcp(sport=port, dport=dport) for port in ports])
    for port, frame in zip(ports, replayed.out):
        answer = vipctl.json("lookup", "tcp", ip.client, str(port), ip.vip, str(dport))
        assert answer["service"] == service + ip.suffix
        assert answer["pool"] == pool[6 if ip is V6 else 4]
        assert 0 <= answer["slot"] < answer["ring_slots"] == 65537
        assert answer["address"] == backend_of(frame)


def test_lookup_gives_the_reason_why_there_is_no_backend(vipctl):
    nobody = vipctl.json("lookup", "tcp", CLIENT, "40000", VIP, "79")
    assert nobody["service"] is None and nobody["why"]
    idle = vipctl.json("lookup", "tcp", CLIENT, "40000", VIP, "81")
    assert idle["service"] == "idle" and idle["backend"] is None and idle["why"]


def test_a_flow_stays_with_its_backend(replay):
    flows = random_flows(300)
    packets = [frame for flags in ("S", "A", "PA", "PA", "A", "FA", "R", "S", "A")
               for frame in from_flows(tcp(flags=flags), flows)]
    replayed = replay(packets)
    assert replayed.forwarded == len(packets)
    first = [backend_of(frame) for frame in replayed.out[:len(flows)]]
    for start in range(0, len(packets), len(flows)):
        assert [backend_of(frame) for frame in replayed.out[start:start + len(flows)]] == first


def test_more_flows_than_the_near_buckets_hold_are_remembered(replay):
    flows = random_flows(120_000)
    rounds = ("S", "A", "PA")
    replayed = replay([frame for flags in rounds
                       for frame in from_flows(tcp(flags=flags), flows)])
    assert replayed.forwarded == len(rounds) * len(flows)
    few = len(flows) // 1000  # those that find their buckets full
    assert len(flows) - few <= replayed.flows["inserts"] <= len(flows) + few
    assert replayed.flows["hits"] >= (len(rounds) - 1) * (len(flows) - few)
    assert replayed.flows["missed"] <= (len(rounds) - 1) * few
    assert replayed.flows["evictions"] <= few


def test_a_flow_whose_start_was_not_seen_goes_where_its_syn_would_have(replay):
    flows = random_flows(300)
    by_syn = [backend_of(frame) for frame in replay(from_flows(tcp(flags="S"), flows)).out]
    by_ack = [backend_of(frame) for frame in replay(from_flows(tcp(flags="A"), flows)).out]
    assert by_syn == by_ack


def test_only_packets_that_a_valid_tcp_sends_create_a_flow(replay):
    odd = [step.frame for case in cases.ALL if case.number == 32 for step in case.steps]
    assert replay(odd).flows["inserts"] == 0
    assert replay([tcp(flags=flags, sport=40000 + i) for i, flags in enumerate(("S", "A", "FA"))]
                  ).flows["inserts"] == 3


def test_without_pin_flows_no_flow_is_remembered(replay):
    flows = random_flows(100)
    packets = [frame for flags in ("S", "A", "PA", "FA")
               for frame in from_flows(tcp(flags=flags, dport=95), flows)]
    replayed = replay(packets)
    assert replayed.forwarded == len(packets)
    assert set(replayed.flows.values()) == {0}
    first = [backend_of(frame) for frame in replayed.out[:len(flows)]]
    for start in range(0, len(packets), len(flows)):
        assert [backend_of(frame) for frame in replayed.out[start:start + len(flows)]] == first


def test_flows_spread_as_the_slots_predict(replay, vipctl):
    shares = {row["address"]: row["slots"] / 65537 for row in vipctl.json("show", "backends")
              if row["pool"] == "web"}
    assert math.isclose(sum(shares.values()), 1)
    total = 30_000
    replayed = replay(from_flows(tcp(), random_flows(total)))
    taken = Counter(backend_of(frame) for frame in replayed.out)
    for address, share in shares.items():
        deviation = abs(taken[address] - total * share)
        assert deviation <= SIGMAS * math.sqrt(total * share * (1 - share)), (address, taken)


def test_slots_follow_the_weights(vipctl):
    slots = {row["name"]: row["slots"] for row in vipctl.json("show", "backends")}
    for name, share in {"web1": 1 / 4, "web2": 1 / 4, "web3": 1 / 2, "dns1": 1, "idle1": 0}.items():
        assert abs(slots[name] - 65537 * share) <= 1, name


def test_the_order_of_backends_in_the_file_does_not_matter(replay, edited_config):
    flows = random_flows(300)
    first = '  { name = "web1", address = "10.0.0.11" },\n'
    second = '  { name = "web2", address = "10.0.0.12" },\n'
    swapped = edited_config(first + second, second + first)
    here = [backend_of(frame) for frame in replay(from_flows(tcp(), flows)).out]
    there = [backend_of(frame) for frame in replay(from_flows(tcp(), flows), swapped).out]
    assert here == there


def test_a_removed_backend_moves_its_own_flows_and_hardly_any_other(replay, edited_config):
    flows = random_flows(3000)
    without = edited_config('  { name = "web2", address = "10.0.0.12" },\n', "")
    before = [backend_of(frame) for frame in replay(from_flows(tcp(), flows)).out]
    after = [backend_of(frame) for frame in replay(from_flows(tcp(), flows), without).out]
    stayed = [pair for pair in zip(before, after) if pair[0] != "10.0.0.12"]
    moved = sum(1 for old, new in stayed if old != new)
    assert "10.0.0.12" not in after
    assert moved < 0.1 * len(stayed)


def test_a_seed_changes_the_choice(replay, edited_config, tmp_path):
    (tmp_path / "seed").write_bytes(bytes(range(32)))
    (tmp_path / "seed").chmod(0o600)
    seeded = edited_config('name = "replay"', f'name = "replay"\nseed_file = "{tmp_path / "seed"}"')
    flows = random_flows(300)
    here = [backend_of(frame) for frame in replay(from_flows(tcp(), flows)).out]
    there = [backend_of(frame) for frame in replay(from_flows(tcp(), flows), seeded).out]
    assert here != there
