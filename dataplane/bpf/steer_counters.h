// SPDX-License-Identifier: Apache-2.0
// What steer.bpf.c counts, per CPU, in its map `steer_stats`. For C and C++.
#pragma once

enum steer_counter {
    STEER_IPV4,       // IPv4 packets to a VIP, handed to the dataplane
    STEER_ARP,        // ARP packets about a VIP, handed to the dataplane
    STEER_IPV6,       // IPv6 packets to a VIP, handed to the dataplane
    STEER_NEIGHBOR,   // neighbour solicitations for a VIP, handed to the dataplane
    STEER_LOCAL,      // to or about a VIP that the kernel has as well, left to the kernel
    STEER_NO_SOCKET,  // for the dataplane, but none listens on the queue: left to the kernel, or
                      // dropped if that has the VIP
    STEER_COUNTERS,
};
