# SPDX-License-Identifier: Apache-2.0
"""Real HTTP clients reach real backends through the VIP; other traffic stays with the kernel."""

import math

from labs import GATEWAY, GATEWAY6, NODES, VIP, VIP6
from programs import wait_until

SIGMAS = 5


def counters(lab, what):
    return {(row["pool"], row["name"]): row["packets"] for row in lab.vipctl.json("show", what)}


def gateway_mac(lab):
    [port] = lab.vipctl.json("show", "ports")
    return port["mac"]


def test_every_request_succeeds_and_backends_get_their_shares(lab):
    total = 300
    answered = lab.get(total)
    assert answered.total() == total
    for node, share in lab.shares().items():
        deviation = abs(answered[node] - total * share)
        assert deviation <= SIGMAS * math.sqrt(total * share * (1 - share)), answered


def test_connections_go_where_lookup_says(lab):
    source = "10.0.0.50"
    for port in range(20000, 20020):  # outside the range of ephemeral ports
        foretold = lab.vipctl.json("lookup", "tcp", source, str(port), VIP, "80")
        answer = lab.shell("client", "curl", "-s", "--max-time", "5", "--local-port", str(port),
                           f"http://{VIP}/")
        assert answer.stdout.strip() == NODES[foretold["address"]]


def test_a_large_download_arrives_whole(lab):
    answer = lab.shell("client", "curl", "-s", "--max-time", "60", "-o", "/dev/null",
                       "-w", "%{http_code} %{size_download}", "-r", "0-99999999",
                       f"http://{VIP}/big")
    assert answer.stdout == "206 100000000"


def test_an_upload_of_full_size_packets_gets_through(lab, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(bytes(200_000))
    answer = lab.shell("client", "curl", "-s", "-o", "/dev/null", "--max-time", "10",
                       "-w", "%{size_upload}", "--data-binary", f"@{body}", f"http://{VIP}/")
    assert answer.stdout == "200000"


def test_traffic_is_counted(lab):
    services, backends = counters(lab, "services"), counters(lab, "backends")
    answered = lab.get(30)
    by_service = sum(counters(lab, "services").values()) - sum(services.values())
    by_backend = {name: packets - backends[name]
                  for name, packets in counters(lab, "backends").items()}
    assert by_service == sum(by_backend.values())
    assert by_service >= 30 * 4  # at least SYN, ACK, request and FIN of each
    assert sum(1 for packets in by_backend.values() if packets > 0) == len(answered)


def test_accounts_balance_on_a_live_gateway(lab):
    lab.get(30)
    lab.check_counters_balance()


def test_only_the_gateway_answers_for_the_vip(lab):
    """The backends have the VIP on loopback, and must not answer ARP for it."""
    assert lab.client("who_has.py", "eth0", VIP, "1") == [gateway_mac(lab)]
    assert lab.client("probe.py", "nd", VIP6) == [gateway_mac(lab)]


def test_the_gateways_own_address_stays_with_the_kernel(fresh):
    before = fresh.status()["totals"]["received"]
    assert fresh.client("probe.py", "echo", GATEWAY) == [gateway_mac(fresh)]
    assert fresh.client("ping.py", GATEWAY6, "5") == 5
    assert fresh.status()["totals"]["received"] == before


def test_a_packet_to_a_vip_but_no_service_is_dropped_with_its_reason(lab):
    """The reason is no_kernel_path: XDP cannot return packets to the kernel."""
    before = lab.drops()["no_kernel_path"]
    refused = lab.shell("client", "curl", "-s", "--max-time", "1", f"http://{VIP}:8181/")
    assert refused.returncode != 0
    wait_until(lambda: lab.drops()["no_kernel_path"] > before, "the drop is counted")


def test_the_tables_of_the_cli_show_the_same_as_json(lab):
    for what in ("status", "services", "backends", "ports", "workers", "drops"):
        shown = lab.vipctl("show", what)
        assert shown.returncode == 0 and shown.stdout.strip(), what
        assert shown.stderr == ""
    assert VIP in lab.vipctl("show", "services").stdout
