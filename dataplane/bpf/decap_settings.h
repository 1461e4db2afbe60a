// SPDX-License-Identifier: Apache-2.0
// What vipfwd-decap tells decap.bpf.c, beside the addresses in its map `local`. For C and C++.
#pragma once

#include <linux/types.h>

// The one entry of the map `settings`.
struct decap_settings {
    __u16 gue_port;  // UDP destination, host order
};

// The key of the map `allowed`, a trie of source prefixes. The family is part of what is compared,
// so that no IPv6 source passes for an IPv4 one and ::/0 is all of IPv6, but nothing else.
struct decap_source {
    __u32 prefix_bits;  // of family and address together; 0: every source there is
    __u8 family[4];     // 4 or 6 in the last byte
    __u8 address[16];   // as vipfwd::IpAddress: IPv4 is mapped
};
