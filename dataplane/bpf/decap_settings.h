// SPDX-License-Identifier: Apache-2.0
// The settings that vipfwd-decap writes for decap.bpf.c, besides the addresses in its maps `local`
// and `vips`. For C and C++.
#pragma once

#include <linux/types.h>

// The value of the only entry of the map `settings`.
struct decap_settings {
    __u16 gue_port;  // UDP destination port, host order
};

// The key of the map `allowed`, a trie of source prefixes. The prefix begins with the family, so
// that an IPv6 source never matches an IPv4 prefix, and ::/0 matches IPv6 only.
struct decap_source {
    __u32 prefix_bits;  // of family and address together; 0 matches every source
    __u8 family[4];     // 4 or 6 in the last byte
    __u8 address[16];   // layout of vipfwd::IpAddress: IPv4 is mapped
};
