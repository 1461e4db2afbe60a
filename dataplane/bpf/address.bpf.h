// SPDX-License-Identifier: Apache-2.0
// The key of maps that list addresses: laid out as vipfwd::IpAddress (dataplane/abi/address.h).
#pragma once

#include <linux/types.h>

#include <bpf/bpf_endian.h>

struct address {
    __be32 words[4];
};

static inline struct address address_from_v4(__be32 v4) {
    return (struct address){{0, 0, bpf_htonl(0xffff), v4}};
}
