// SPDX-License-Identifier: Apache-2.0
// The key of maps of addresses, with the layout of vipfwd::IpAddress (dataplane/abi/address.h).
#pragma once

#include <linux/in6.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>

struct address {
    __be32 words[4];
};

static inline struct address address_from_v4(__be32 v4) {
    return (struct address){{0, 0, bpf_htonl(0xffff), v4}};
}

static inline struct address address_from_v6(const struct in6_addr* v6) {
    const __be32* words = v6->in6_u.u6_addr32;
    return (struct address){{words[0], words[1], words[2], words[3]}};
}

// True for ::ffff:0:0/96. The maps have IPv4 addresses in this form: an IPv6 packet with such an
// address must not be taken for a packet of the IPv4 host.
static inline int is_v4_mapped(const struct address* address) {
    return (address->words[0] | address->words[1]) == 0 && address->words[2] == bpf_htonl(0xffff);
}
