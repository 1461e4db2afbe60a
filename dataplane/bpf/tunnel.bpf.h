// SPDX-License-Identifier: Apache-2.0
// What decap.bpf.c passes from the functions for outer headers (tunnel_outer.bpf.h) to those for
// the inner packet (tunnel_inner.bpf.h).
#pragma once

#include <linux/ipv6.h>
#include <linux/types.h>

#include "dataplane/bpf/decap_counters.h"
#include "dataplane/bpf/decap_settings.h"

// The low two bits of the traffic class (RFC 3168 §5).
#define ECN_MASK 3
#define ECN_NOT_ECT 0
#define ECN_ECT1 1
#define ECN_ECT0 2
#define ECN_CE 3

// The IPv6 traffic class is in the low half of byte 0 and the high half of byte 1, which has the
// ECN field.
#define IPV6_ECN_SHIFT 4

static inline __u8 ipv6_ecn(const struct ipv6hdr* ip) {
    return (((const __u8*)ip)[1] >> IPV6_ECN_SHIFT) & ECN_MASK;
}

static inline void ipv6_set_ecn(struct ipv6hdr* ip, __u8 ecn) {
    __u8* byte = (__u8*)ip + 1;
    *byte = (*byte & ~(ECN_MASK << IPV6_ECN_SHIFT)) | (ecn << IPV6_ECN_SHIFT);
}

// The outer headers that were opened so far, and their payload.
struct tunnel {
    struct decap_source source;
    void* payload;
    __u32 header_bytes;   // between the Ethernet header and the payload
    __u32 payload_bytes;  // do not exceed the frame
    __u8 protocol;        // of the payload: IPPROTO_IPIP, IPPROTO_IPV6; IPPROTO_UDP before open_gue
    __u8 ecn;
};

// The one's complement sum of RFC 1071 in 16 bits.
static inline __u16 fold(__u32 sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)(sum + (sum >> 16));
}
