# SPDX-License-Identifier: Apache-2.0
"""Forwarding modes: IPIP, GUE and layer 2, over IPv4 and IPv6. The outer headers distinguish flows,
so that routers and NICs on the path can spread them."""

import ipaddress

import pytest
from cases.gateways import GATEWAYS
from expect import check_forwarded
from frames import V4, V6, ip_packet

FLOWS = 120


def hops(replay, service, ip, dport, gateway="usual", flags=("S",), tmp_path=None):
    frames = [ip.tcp(sport=sport, dport=dport, flags=flag)
              for sport in range(10000, 10000 + FLOWS) for flag in flags]
    here = GATEWAYS[gateway]
    config = tmp_path / f"{gateway}.toml"
    config.write_text(here.text)
    replayed = replay(frames, config)
    assert replayed.forwarded == len(frames)
    return [check_forwarded(out, ip_packet(frame), service, here)
            for out, frame in zip(replayed.out, frames)]


@pytest.mark.parametrize("service, ip, dport", [("web6", V6, 80), ("cross", V4, 90)])
def test_flow_labels_distinguish_flows(replay, tmp_path, service, ip, dport):
    labels = [hop.entropy[1] for hop in hops(replay, service, ip, dport, flags="SA",
                                             tmp_path=tmp_path)]
    assert labels[::2] == labels[1::2]
    assert len(set(labels)) > 0.95 * FLOWS
    assert 0 not in labels


@pytest.mark.parametrize("service, ip, dport", [("gue", V4, 91), ("gue6", V6, 91),
                                                ("gue-cross", V4, 92), ("gue-cross6", V6, 92)])
def test_source_ports_of_gue_distinguish_flows(replay, tmp_path, service, ip, dport):
    ports = [hop.entropy[2] for hop in hops(replay, service, ip, dport, flags="SA",
                                            tmp_path=tmp_path)]
    assert ports[::2] == ports[1::2]
    assert len(set(ports)) > 0.95 * FLOWS


@pytest.mark.parametrize("service, ip, dport", [("web", V4, 80), ("web6", V6, 80),
                                                ("cross6", V6, 90), ("gue", V4, 91)])
def test_many_tunnel_sources_distinguish_flows(replay, tmp_path, service, ip, dport):
    sources = [hop.entropy[0] for hop in hops(replay, service, ip, dport, "spread", "SA", tmp_path)]
    assert sources[::2] == sources[1::2]
    assert len(set(sources)) > 0.95 * FLOWS
    halves = {int(ipaddress.ip_address(source)) >> 15 & 1 for source in sources}
    assert halves == {0, 1}


