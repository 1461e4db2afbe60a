// SPDX-License-Identifier: Apache-2.0
// The counters of steer.bpf.c, in its per-CPU map `steer_stats`. For C and C++.
#pragma once

enum steer_counter {
    STEER_IPV4,       // IPv4 packets to a VIP, redirected to the dataplane
    STEER_ARP,        // ARP packets about a VIP, redirected to the dataplane
    STEER_IPV6,       // IPv6 packets to a VIP, redirected to the dataplane
    STEER_NEIGHBOR,   // neighbor solicitations for a VIP, redirected to the dataplane
    STEER_LOCAL,      // packets to or about a VIP that the kernel has too, passed to the kernel
    STEER_NO_SOCKET,  // no dataplane has a socket on the queue: passed to the kernel, or dropped if
                      // the kernel has the VIP
    STEER_COUNTERS,
};
