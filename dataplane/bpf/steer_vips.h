// SPDX-License-Identifier: Apache-2.0
// What steer.bpf.c knows of VIPs: the values of its map `vips`, and the keys of `services`. For C
// and C++.
#pragma once

#include <linux/types.h>

// The region's limits (dataplane/abi/limits.h), which C cannot include: service_map.cpp asserts
// that these are the same, and STEER_MAX_QUEUES no less.
#define STEER_MAX_VIPS 8192
#define STEER_MAX_SERVICES 4096
#define STEER_MAX_QUEUES 64

// The most prefixes that a range of ports takes: two for each length from 1 to 15 bits.
#define STEER_PREFIXES_PER_SERVICE 30

// In a value of `vips`. The kernel has the address, too: it gets TCP and UDP to ports that are not
// in `services`, and nothing else in the dataplane's stead.
#define STEER_VIP_IS_LOCAL 1u

// The ports of a VIP with STEER_VIP_IS_LOCAL that are a service's: a prefix for a trie, which a
// packet is looked up in with all bits.
struct steer_service {
    __u32 prefix_bits;  // of what follows
    __u8 vip[16];       // as vipfwd::IpAddress
    __be16 protocol;
    __be16 port;  // the last to come, as ports may be a range
};

#define STEER_SERVICE_BITS (8u * (sizeof(struct steer_service) - sizeof(__u32)))
