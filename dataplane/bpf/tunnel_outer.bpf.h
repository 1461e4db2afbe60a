// SPDX-License-Identifier: Apache-2.0
// One function for each encapsulation: it checks the outer header and fills in a `struct tunnel`.
// Returns DECAP_UNWRAPPED, or the reason to drop the packet. `end` is the end of the frame.
#pragma once

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>

#include "dataplane/bpf/address_key.bpf.h"
#include "dataplane/bpf/tunnel.bpf.h"

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV4_MAX_HEADER_BYTES 60

// draft-ietf-intarea-gue-09 §3.1, variant 0. Optional 4-byte words follow.
struct gue_header {
    __u8 first;     // variant, control bit, number of optional words
    __u8 protocol;  // of the payload
    __be16 flags;   // which optional fields follow
};

#define GUE_VARIANT 0xc0
#define GUE_CONTROL 0x20
#define GUE_WORDS 0x1f

// RFC 791: the one's complement sum over a valid header is all ones. Requires that the header is
// within the frame; the comparison with `end` proves it to the verifier.
static inline int ipv4_checksum_is_good(struct iphdr* ip, void* end) {
    __u16* words = (__u16*)ip;
    __u32 sum = 0;
    for (__u32 i = 0; i < IPV4_MAX_HEADER_BYTES / 2; ++i) {
        if (i >= ip->ihl * 2u || (void*)(words + i + 1) > end)
            break;
        sum += words[i];
    }
    return fold(sum) == 0xffff;
}

static inline struct decap_source source_key(__u8 family, struct address address) {
    struct decap_source key = {.prefix_bits = 8 * (sizeof(key) - sizeof(key.prefix_bits)),
                               .family = {0, 0, 0, family}};
    __builtin_memcpy(key.address, &address, sizeof(key.address));
    return key;
}

static inline enum decap_counter open_ipv4(struct iphdr* ip, void* end, struct tunnel* tunnel) {
    __u32 header_bytes = ip->ihl * 4u;
    __u32 total_bytes = bpf_ntohs(ip->tot_len);
    if (ip->version != 4)
        return DECAP_OUTER_VERSION;
    if (header_bytes < sizeof(*ip) || (void*)ip + header_bytes > end)
        return DECAP_OUTER_HEADER_LENGTH;
    if (total_bytes < header_bytes || (void*)ip + total_bytes > end)
        return DECAP_OUTER_TOTAL_LENGTH;
    if (!ipv4_checksum_is_good(ip, end))
        return DECAP_OUTER_CHECKSUM;
    if (ip->frag_off & bpf_htons(IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET))
        return DECAP_OUTER_FRAGMENT;
    tunnel->source = source_key(4, address_from_v4(ip->saddr));
    tunnel->payload = (void*)ip + header_bytes;
    tunnel->header_bytes = header_bytes;
    tunnel->payload_bytes = total_bytes - header_bytes;
    tunnel->protocol = ip->protocol;
    tunnel->ecn = ip->tos & ECN_MASK;
    return DECAP_UNWRAPPED;
}

static inline enum decap_counter open_ipv6(struct ipv6hdr* ip, void* end, struct tunnel* tunnel) {
    __u32 payload_bytes = bpf_ntohs(ip->payload_len);
    if (ip->version != 6)
        return DECAP_OUTER_VERSION;
    if ((void*)(ip + 1) + payload_bytes > end)
        return DECAP_OUTER_TOTAL_LENGTH;
    tunnel->source = source_key(6, address_from_v6(&ip->saddr));
    tunnel->payload = ip + 1;
    tunnel->header_bytes = sizeof(*ip);
    tunnel->payload_bytes = payload_bytes;
    tunnel->protocol = ip->nexthdr;
    tunnel->ecn = ipv6_ecn(ip);
    return DECAP_UNWRAPPED;
}

// Opens the UDP datagram in a tunnel that open_ipv4() or open_ipv6() has filled.
//
// A UDP checksum of 0 is valid over both families (RFC 6935 §5). Another one is not verified,
// because that would read the whole packet, and the inner packet has checksums of its own, which
// cover its addresses. Optional fields of GUE are skipped.
static inline enum decap_counter open_gue(struct tunnel* tunnel, void* end) {
    struct udphdr* udp = tunnel->payload;
    struct gue_header* gue = (void*)(udp + 1);
    if (tunnel->payload_bytes < sizeof(*udp) || (void*)(udp + 1) > end)
        return DECAP_UDP_LENGTH;
    __u32 udp_bytes = bpf_ntohs(udp->len);
    if (udp_bytes < sizeof(*udp) || udp_bytes > tunnel->payload_bytes)
        return DECAP_UDP_LENGTH;
    if (udp_bytes < sizeof(*udp) + sizeof(*gue) || (void*)(gue + 1) > end)
        return DECAP_GUE_HEADER_LENGTH;
    if (gue->first & GUE_VARIANT)
        return DECAP_GUE_VARIANT;
    if (gue->first & GUE_CONTROL)
        return DECAP_GUE_CONTROL;
    __u32 header_bytes = sizeof(*udp) + sizeof(*gue) + (gue->first & GUE_WORDS) * 4u;
    if (header_bytes > udp_bytes)
        return DECAP_GUE_HEADER_LENGTH;
    if (gue->protocol != IPPROTO_IPIP && gue->protocol != IPPROTO_IPV6)
        return DECAP_GUE_PROTOCOL;
    tunnel->payload = (void*)udp + header_bytes;
    tunnel->header_bytes += header_bytes;
    tunnel->payload_bytes = udp_bytes - header_bytes;
    tunnel->protocol = gue->protocol;
    return DECAP_UNWRAPPED;
}
