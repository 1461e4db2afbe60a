# SPDX-License-Identifier: Apache-2.0
"""Every packet case, as data; and where those are tested that no capture can show."""

from cases import ethernet, fragments, icmp, ipv4, ipv6, neighbor, tables, tcp, too_big, udp

ALL = [case for module in (ethernet, ipv4, ipv6, tcp, udp, icmp, neighbor, fragments, too_big,
                           tables)
       for case in module.CASES]

LAST = 86  # cases are numbered from 1 on

# By number: the file, and what is there.
TESTED_ELSEWHERE = {
    37: ("tests/dataplane/packet/pipeline_test.cpp", "ASynAlwaysSelectsAnew"),
    47: ("tests/dataplane/packet/pipeline_test.cpp", "kVipNotOwned"),
    59: ("tests/dataplane/packet/pipeline_test.cpp", "all_flows"),
    74: ("tests/dataplane/io/receive_test.cpp", "linearize|segments"),
    75: ("tests/dataplane/packet/pipeline_test.cpp", "kNoHeadroom"),
    **{number: ("tests/dataplane/bpf/decap_test.cpp", "TEST") for number in range(76, 81)},
    82: ("tests/dataplane/io/snapshot_test.cpp", "TEST"),
    86: ("tests/dataplane/packet/flow_table_test.cpp", "TEST"),
}
