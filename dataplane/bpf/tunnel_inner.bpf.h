// SPDX-License-Identifier: Apache-2.0
// One function for each family of inner packets: it checks the packet, also that it is for a VIP,
// and merges the congestion mark of the outer header into it. Returns DECAP_UNWRAPPED, or the
// reason to drop the packet.
#pragma once

#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>

#include "dataplane/bpf/address_key.bpf.h"
#include "dataplane/bpf/tunnel.bpf.h"

// decap.bpf.c has the maps. A tunnel goes to a local address.
static inline int is_local(const struct address* address);
static inline int is_vip(const struct address* address);

// What a gateway sends is for a VIP, and never from this host, which reaches its VIPs by itself.
static inline enum decap_counter check_addresses(struct address source,
                                                 struct address destination) {
    if (!is_vip(&destination))
        return DECAP_INNER_DESTINATION;
    if (is_vip(&source) || is_local(&source))
        return DECAP_INNER_SOURCE;
    return DECAP_UNWRAPPED;
}

// RFC 6040 §4.2: the packet is dropped if it is marked, but its transport does not support ECN.
static inline int ecn_is_lost(__u8 inner, __u8 outer) {
    return inner == ECN_NOT_ECT && outer == ECN_CE;
}

// RFC 6040 §4.2: the ECN field of the packet, unless it is dropped.
static inline __u8 merged_ecn(__u8 inner, __u8 outer) {
    if (inner == ECN_NOT_ECT)
        return inner;
    return outer == ECN_CE || (outer == ECN_ECT1 && inner == ECN_ECT0) ? outer : inner;
}

// Sets the ECN field and amends the header checksum (RFC 1624: HC' = ~(~HC + ~m + m')).
static inline void ipv4_set_ecn(struct iphdr* ip, __u8 ecn) {
    __u16* first_word = (__u16*)ip;
    __u32 sum = (__u16)~ip->check + (__u16)~first_word[0];
    ip->tos = (ip->tos & ~ECN_MASK) | ecn;
    ip->check = (__u16)~fold(sum + first_word[0]);
}

// Checks that the packet is IPv4, has a TTL and ends within the tunnel. The kernel checks the rest,
// and the checksum.
static inline enum decap_counter check_inner_ipv4(struct tunnel* tunnel, void* end) {
    struct iphdr* inner = tunnel->payload;
    if (tunnel->payload_bytes < sizeof(*inner) || (void*)(inner + 1) > end)
        return DECAP_INNER_TRUNCATED;
    __u32 header_bytes = inner->ihl * 4u;
    __u32 total_bytes = bpf_ntohs(inner->tot_len);
    if (inner->version != 4)
        return DECAP_INNER_VERSION;
    if (header_bytes < sizeof(*inner))
        return DECAP_INNER_HEADER_LENGTH;
    if (total_bytes < header_bytes || total_bytes > tunnel->payload_bytes)
        return DECAP_INNER_TOTAL_LENGTH;
    if (inner->ttl == 0)
        return DECAP_INNER_EXPIRED;
    enum decap_counter outcome =
        check_addresses(address_from_v4(inner->saddr), address_from_v4(inner->daddr));
    if (outcome != DECAP_UNWRAPPED)
        return outcome;
    __u8 ecn = inner->tos & ECN_MASK;
    if (ecn_is_lost(ecn, tunnel->ecn))
        return DECAP_ECN;
    if (merged_ecn(ecn, tunnel->ecn) != ecn)
        ipv4_set_ecn(inner, tunnel->ecn);
    return DECAP_UNWRAPPED;
}

// The same for IPv6, which has no checksum.
static inline enum decap_counter check_inner_ipv6(struct tunnel* tunnel, void* end) {
    struct ipv6hdr* inner = tunnel->payload;
    if (tunnel->payload_bytes < sizeof(*inner) || (void*)(inner + 1) > end)
        return DECAP_INNER_TRUNCATED;
    if (inner->version != 6)
        return DECAP_INNER_VERSION;
    if (sizeof(*inner) + bpf_ntohs(inner->payload_len) > tunnel->payload_bytes)
        return DECAP_INNER_TOTAL_LENGTH;
    if (inner->hop_limit == 0)
        return DECAP_INNER_EXPIRED;
    struct address source = address_from_v6(&inner->saddr);
    struct address destination = address_from_v6(&inner->daddr);
    if (is_v4_mapped(&destination))
        return DECAP_INNER_DESTINATION;
    if (is_v4_mapped(&source))
        return DECAP_INNER_SOURCE;
    enum decap_counter outcome = check_addresses(source, destination);
    if (outcome != DECAP_UNWRAPPED)
        return outcome;
    __u8 ecn = ipv6_ecn(inner);
    if (ecn_is_lost(ecn, tunnel->ecn))
        return DECAP_ECN;
    ipv6_set_ecn(inner, merged_ecn(ecn, tunnel->ecn));
    return DECAP_UNWRAPPED;
}
