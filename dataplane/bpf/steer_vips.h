// SPDX-License-Identifier: Apache-2.0
// What steer.bpf.c knows of VIPs: the values of its map `vips`, and the keys of `services`. For C
// and C++.
#pragma once

#include <linux/types.h>

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
