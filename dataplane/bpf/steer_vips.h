// SPDX-License-Identifier: Apache-2.0
// The values of the map `vips` of steer.bpf.c, and the keys of its map `services`. For C and C++.
#pragma once

#include <linux/types.h>

// Limits of the region (dataplane/abi/limits.h, which C cannot include). service_map.cpp asserts
// that they are equal, and STEER_MAX_QUEUES not less.
#define STEER_MAX_VIPS 8192
#define STEER_MAX_SERVICES 4096
#define STEER_MAX_QUEUES 64

// The maximum number of prefixes for a range of ports: two for each length from 1 to 15 bits.
#define STEER_PREFIXES_PER_SERVICE 30

// A flag in a value of `vips`: the kernel has the address too. Only TCP and UDP to ports that are
// not in `services` go to the kernel.
#define STEER_VIP_IS_LOCAL 1u

// A prefix in the trie of the ports of services, of VIPs with STEER_VIP_IS_LOCAL. A packet is
// looked up with all bits.
struct steer_service {
    __u32 prefix_bits;  // of the following fields
    __u8 vip[16];       // layout of vipfwd::IpAddress
    __be16 protocol;
    __be16 port;  // last, so that a prefix can cover a range of ports
};

#define STEER_SERVICE_BITS (8u * (sizeof(struct steer_service) - sizeof(__u32)))
