// SPDX-License-Identifier: Apache-2.0
// What steer.bpf.c counts, per CPU, in its map `steer_stats`. For C and C++.
#pragma once

enum steer_counter {
    STEER_IPV4,       // IPv4 packets to a VIP, handed to the dataplane
    STEER_ARP,        // ARP packets about a VIP, handed to the dataplane
    STEER_IPV6,       // IPv6 packets to a VIP, handed to the dataplane
    STEER_NEIGHBOR,   // neighbour solicitations for a VIP, handed to the dataplane
    STEER_NO_SOCKET,  // any of them, left to the kernel: no dataplane listens on the queue
    STEER_COUNTERS,
};
