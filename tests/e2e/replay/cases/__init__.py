# SPDX-License-Identifier: Apache-2.0
"""All packet cases, as data; and where the cases are tested that no capture can show."""

from cases import ethernet, fragments, icmp, ipv4, ipv6, neighbor, tables, tcp, too_big, udp

ALL = [case for module in (ethernet, ipv4, ipv6, tcp, udp, icmp, neighbor, fragments, too_big,
                           tables)
       for case in module.CASES]

LAST = 86  # cases are numbered from 1 on

# By number: the file, and a text in it.
TESTED_ELSEWHERE = {
    37: ("tests/dataplane/packet/flow_life_test.cpp",
         "APortReusedOnADrainingBackendBeginsAFlowAnew"),
    47: ("tests/dataplane/packet/rewrite_answer_test.cpp", "kVipNotOwned"),
    59: ("tests/dataplane/packet/icmp_test.cpp", "AnErrorFindsItsFlowAtAnotherWorker"),
    74: ("tests/dataplane/packet/parse_test.cpp", "HeadersBeyondTheFirstBufferAreNotRead"),
    75: ("tests/dataplane/packet/rewrite_tunnel_test.cpp", "AnOuterHeaderNeedsHeadroom"),
    **{number: ("tests/dataplane/bpf/decap_test.cpp", "decap_cases") for number in range(76, 81)},
    82: ("tests/dataplane/packet/track_test.cpp", "AServiceWithAnotherPoolHasNoPinnedFlows"),
    86: ("tests/dataplane/packet/track_test.cpp",
         "ATagCollisionNeverSendsAPacketToAnotherServicesBackend"),
}
