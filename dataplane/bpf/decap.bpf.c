// SPDX-License-Identifier: Apache-2.0
// On a backend: takes the tunnel header off packets that a gateway sent to this host, so that the
// kernel sees what the client sent.
//
//   Ethernet | outer IPv4, protocol 4 | inner IPv4 ...   ->   Ethernet | inner IPv4 ...
//
// A tunnel is ours if its destination is in `local`; everything else passes untouched. Ours but
// malformed is dropped and counted by reason. A tunnel in a tunnel is unwrapped once.
//
// An encapsulation is added as a function that finds and checks its outer header and fills a
// `struct tunnel`, an inner family as one that checks what is inside.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/address.bpf.h"
#include "dataplane/bpf/decap_counters.h"

#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV4_MAX_HEADER_BYTES 60

// The low two bits of the traffic class (RFC 3168 §5).
#define ECN_MASK 3
#define ECN_NOT_ECT 0
#define ECN_ECT1 1
#define ECN_ECT0 2
#define ECN_CE 3

// Outer destinations to unwrap for; the value is not used.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, struct address);
    __type(value, __u32);
} local SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, DECAP_COUNTERS);
    __type(key, __u32);
    __type(value, __u64);
} decap_stats SEC(".maps");

// What an outer header says about its payload.
struct tunnel {
    void* payload;
    __u32 header_bytes;   // between the Ethernet header and the payload
    __u32 payload_bytes;  // all within the frame
    __u8 ecn;
};

static inline void count(enum decap_counter counter) {
    __u32 index = counter;
    __u64* value = bpf_map_lookup_elem(&decap_stats, &index);
    if (value)
        ++*value;
}

static inline int drop(enum decap_counter reason) {
    count(reason);
    return XDP_DROP;
}

static inline int is_local(__be32 destination) {
    struct address key = address_from_v4(destination);
    return bpf_map_lookup_elem(&local, &key) != 0;
}

static inline __u16 fold(__u32 sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)(sum + (sum >> 16));
}

// RFC 791: the one's complement sum over a good header is all ones. Requires the header to be
// within the frame; `end` repeats that to the verifier.
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

// Sets the ECN field and amends the header checksum (RFC 1624: HC' = ~(~HC + ~m + m')).
static inline void ipv4_set_ecn(struct iphdr* ip, __u8 ecn) {
    __u16* first_word = (__u16*)ip;
    __u32 sum = (__u16)~ip->check + (__u16)~first_word[0];
    ip->tos = (ip->tos & ~ECN_MASK) | ecn;
    ip->check = (__u16)~fold(sum + first_word[0]);
}

// Checks the IPIP tunnel that starts at `ip` and is ours, and fills `tunnel`. Returns
// DECAP_UNWRAPPED, or the reason to drop it.
static inline enum decap_counter open_ipip(struct iphdr* ip, void* end, struct tunnel* tunnel) {
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
    tunnel->payload = (void*)ip + header_bytes;
    tunnel->header_bytes = header_bytes;
    tunnel->payload_bytes = total_bytes - header_bytes;
    tunnel->ecn = ip->tos & ECN_MASK;
    return DECAP_UNWRAPPED;
}

// RFC 6040 §4.2: the outer header's mark goes on to the packet inside; a congestion mark for a
// transport that does not understand it becomes a loss. Returns as open_ipip() does.
static inline enum decap_counter merge_ecn_ipv4(struct iphdr* inner, __u8 outer_ecn) {
    __u8 inner_ecn = inner->tos & ECN_MASK;
    if (inner_ecn == ECN_NOT_ECT)
        return outer_ecn == ECN_CE ? DECAP_ECN : DECAP_UNWRAPPED;
    if (outer_ecn == ECN_CE || (outer_ecn == ECN_ECT1 && inner_ecn == ECN_ECT0))
        ipv4_set_ecn(inner, outer_ecn);
    return DECAP_UNWRAPPED;
}

// Checks that the packet inside is IPv4 and ends within the tunnel; the rest, its checksum among
// it, is the kernel's to judge. Returns as open_ipip() does.
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
    return merge_ecn_ipv4(inner, tunnel->ecn);
}

// Moves the Ethernet header up to the packet inside and cuts off what is before it.
static inline int strip(struct xdp_md* ctx, struct ethhdr* ethernet, struct tunnel* tunnel,
                        __u16 ethertype) {
    struct ethhdr header = *ethernet;
    header.h_proto = bpf_htons(ethertype);
    *((struct ethhdr*)tunnel->payload - 1) = header;
    // Cannot fail with what was checked; if it does all the same, XDP_ABORTED has a tracepoint.
    if (bpf_xdp_adjust_head(ctx, (int)tunnel->header_bytes))
        return XDP_ABORTED;
    count(DECAP_UNWRAPPED);
    return XDP_PASS;
}

static inline int unwrap_ipv4(struct xdp_md* ctx, struct ethhdr* ethernet, void* end) {
    struct iphdr* ip = (struct iphdr*)(ethernet + 1);
    if ((void*)(ip + 1) > end || ip->protocol != IPPROTO_IPIP || !is_local(ip->daddr))
        return XDP_PASS;
    struct tunnel tunnel;
    enum decap_counter outcome = open_ipip(ip, end, &tunnel);
    if (outcome == DECAP_UNWRAPPED)
        outcome = check_inner_ipv4(&tunnel, end);
    return outcome == DECAP_UNWRAPPED ? strip(ctx, ethernet, &tunnel, ETH_P_IP) : drop(outcome);
}

SEC("xdp")
int vipfwd_decap(struct xdp_md* ctx) {
    void* end = (void*)(long)ctx->data_end;
    struct ethhdr* ethernet = (void*)(long)ctx->data;
    if ((void*)(ethernet + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
        return XDP_PASS;
    return unwrap_ipv4(ctx, ethernet, end);
}

const char program_license[] SEC("license") = "Apache-2.0";
