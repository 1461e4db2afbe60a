# SPDX-License-Identifier: Apache-2.0
"""Which service is a packet for? By VIP, protocol and port; what is for none is the kernel's."""

from expect import backend_of
from frames import BROADCAST_MAC, CLIENT_MAC, OTHER_VIP, ethernet, ipv4, tcp, udp
from scapy.layers.inet import GRE, ICMP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import LLC, Dot3
from scapy.packet import Raw


def packets_by_service(replayed):
    return {name: row["packets"] for name, row in replayed.services.items() if row["packets"]}


def only_to_kernel(replayed, count):
    assert replayed.to_kernel == count, replayed.report
    assert replayed.out == []


def test_two_services_on_one_vip_are_told_apart(replay):
    replayed = replay([tcp(dport=80), udp(dport=53), tcp(dport=8000)])
    assert packets_by_service(replayed) == {"web": 1, "dns": 1, "range": 1}


def test_one_port_of_two_protocols_is_two_services(replay, edited_config):
    config = edited_config('protocol = "udp"\nport = 53', 'protocol = "udp"\nport = 80')
    replayed = replay([tcp(dport=80), tcp(dport=80), udp(dport=80)], config)
    assert packets_by_service(replayed) == {"web": 2, "dns": 1}


def test_one_service_of_the_other_protocol_does_not_match(replay):
    only_to_kernel(replay([udp(dport=80), tcp(dport=53)]), 2)


def test_a_port_range_ends_where_it_says(replay):
    replayed = replay([tcp(dport=port) for port in (7999, 8000, 8050, 8099, 8100)])
    assert packets_by_service(replayed) == {"range": 3}
    assert replayed.to_kernel == 2


def test_any_port_is_every_port(replay):
    replayed = replay([udp(dst=OTHER_VIP, dport=port) for port in (0, 1, 53, 6080, 65535)])
    assert packets_by_service(replayed) == {"any": 5}
    assert {backend_of(frame) for frame in replayed.out} == {"10.0.0.13"}


def test_any_port_is_not_any_protocol(replay):
    only_to_kernel(replay([tcp(dst=OTHER_VIP, dport=53)]), 1)


def test_a_vip_without_such_a_service_is_the_kernels(replay):
    only_to_kernel(replay([tcp(dport=79), tcp(dport=0), udp(dport=54)]), 3)


def test_other_protocols_to_a_vip_are_the_kernels(replay):
    only_to_kernel(replay([ipv4(ICMP()), ipv4(GRE()), ipv4(Raw(b"?" * 20), proto=50),
                           ipv4(Raw(b"?" * 20), proto=132), ipv4(Raw(b""), proto=255)]), 5)


def test_other_destinations_are_the_kernels(replay):
    frames = [tcp(dst=address)
              for address in ("10.0.0.1", "10.0.0.99", "10.0.0.102", "224.0.0.18", "8.8.8.8")]
    only_to_kernel(replay(frames), 5)


def test_faults_in_packets_to_others_are_not_ours_to_judge(replay):
    cut = ipv4(Raw(bytes(TCP(dport=80))[:12]), dst="10.0.0.1", proto=6)
    only_to_kernel(replay([cut, tcp(dst="10.0.0.1", ttl=0), tcp(dst="10.0.0.1", frag=100),
                           tcp(dst="10.0.0.1", src="127.0.0.1")]), 4)


def test_other_ethertypes_are_the_kernels(replay):
    only_to_kernel(replay([ethernet(IPv6()), ethernet(Raw(b"lldp"), type=0x88CC),
                           ethernet(Raw(b"vlan"), type=0x8100), ethernet(Raw(b""), type=0x1234),
                           bytes(Dot3(src=CLIENT_MAC, dst="02:00:00:00:00:01") / LLC())]), 5)


def test_groups_on_the_link_are_the_kernels(replay):
    only_to_kernel(replay([tcp(mac=BROADCAST_MAC), udp(mac="01:00:5e:00:00:12", dst="224.0.0.18"),
                           tcp(mac="33:33:00:00:00:01")]), 3)
