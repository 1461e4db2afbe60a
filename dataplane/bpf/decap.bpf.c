// SPDX-License-Identifier: Apache-2.0
// Runs on a backend: removes the tunnel headers from packets that a gateway sent to this host, so
// that the kernel receives what the client sent. Inner and outer packet may be IPv4 or IPv6 each:
//
//   IPIP   Ethernet | outer IP, protocol 4 or 41 | inner IP ...     ->   Ethernet | inner IP ...
//   GUE    Ethernet | outer IP | UDP | GUE | inner IP ...           ->   Ethernet | inner IP ...
//
// A tunnel is ours if its destination is in `local` and, for GUE, the UDP destination port is that
// in `settings`. All other packets pass unchanged, such as those whose outer IPv6 header has
// extension headers. A packet of our tunnels is dropped and counted by reason if it is malformed,
// its outer source is not in `allowed`, or what is inside is not for an address in `vips`: who can
// forge an allowed source must not reach anything else on this host. A tunnel in a tunnel is
// unwrapped once.
//
// To add an encapsulation, write a function that checks its outer header and fills in a `struct
// tunnel` (tunnel_outer.bpf.h). To add an inner family, write one that checks the inner packet
// (tunnel_inner.bpf.h).
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/address_key.bpf.h"
#include "dataplane/bpf/decap_counters.h"
#include "dataplane/bpf/decap_settings.h"
#include "dataplane/bpf/tunnel.bpf.h"
#include "dataplane/bpf/tunnel_inner.bpf.h"
#include "dataplane/bpf/tunnel_outer.bpf.h"

// Outer destination addresses to unwrap. The value is not used.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, struct address);
    __type(value, __u32);
} local SEC(".maps");

// Inner destination addresses to deliver to. The value is not used.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 8192);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct address);
    __type(value, __u32);
} vips SEC(".maps");

// Outer source addresses to unwrap. The value is not used.
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 1024);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct decap_source);
    __type(value, __u32);
} allowed SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct decap_settings);
} settings SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, DECAP_COUNTERS);
    __type(key, __u32);
    __type(value, __u64);
} decap_stats SEC(".maps");

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

static inline int is_local(const struct address* address) {
    return bpf_map_lookup_elem(&local, address) != 0;
}

static inline int is_vip(const struct address* address) {
    return bpf_map_lookup_elem(&vips, address) != 0;
}

static inline int is_allowed(const struct decap_source* source) {
    return bpf_map_lookup_elem(&allowed, source) != 0;
}

// `udp` is where the outer header ends, which may be beyond the frame.
static inline int is_gue(struct udphdr* udp, void* end) {
    __u32 only = 0;
    struct decap_settings* configured = bpf_map_lookup_elem(&settings, &only);
    return configured && (void*)(udp + 1) <= end && bpf_ntohs(udp->dest) == configured->gue_port;
}

// A first fragment has a UDP header and is ours, but cannot be unwrapped. A later one has none.
static inline int carries_tunnel_v4(struct iphdr* ip, void* end) {
    if (ip->protocol != IPPROTO_UDP)
        return ip->protocol == IPPROTO_IPIP || ip->protocol == IPPROTO_IPV6;
    return ip->ihl * 4u >= sizeof(*ip) && !(ip->frag_off & bpf_htons(IPV4_FRAGMENT_OFFSET)) &&
           is_gue((void*)ip + ip->ihl * 4u, end);
}

static inline int carries_tunnel_v6(struct ipv6hdr* ip, void* end) {
    if (ip->nexthdr != IPPROTO_UDP)
        return ip->nexthdr == IPPROTO_IPIP || ip->nexthdr == IPPROTO_IPV6;
    return is_gue((struct udphdr*)(ip + 1), end);
}

// Moves the Ethernet header to the front of the inner packet and removes what precedes it.
static inline int strip(struct xdp_md* ctx, struct ethhdr* ethernet, struct tunnel* tunnel) {
    struct ethhdr header = *ethernet;
    header.h_proto = bpf_htons(tunnel->protocol == IPPROTO_IPIP ? ETH_P_IP : ETH_P_IPV6);
    *((struct ethhdr*)tunnel->payload - 1) = header;
    // Cannot fail after these checks. If it does, XDP_ABORTED triggers a tracepoint.
    if (bpf_xdp_adjust_head(ctx, (int)tunnel->header_bytes))
        return XDP_ABORTED;
    count(DECAP_UNWRAPPED);
    return XDP_PASS;
}

// Opens the rest of a tunnel whose outer IP header was opened, and checks the inner packet.
static inline enum decap_counter open_rest(struct tunnel* tunnel, void* end) {
    if (!is_allowed(&tunnel->source))
        return DECAP_OUTER_SOURCE;
    if (tunnel->protocol == IPPROTO_UDP) {
        enum decap_counter outcome = open_gue(tunnel, end);
        if (outcome != DECAP_UNWRAPPED)
            return outcome;
    }
    return tunnel->protocol == IPPROTO_IPIP ? check_inner_ipv4(tunnel, end)
                                            : check_inner_ipv6(tunnel, end);
}

static inline int unwrap_from_ipv4(struct xdp_md* ctx, struct ethhdr* ethernet, void* end) {
    struct iphdr* ip = (struct iphdr*)(ethernet + 1);
    if ((void*)(ip + 1) > end || !carries_tunnel_v4(ip, end))
        return XDP_PASS;
    struct address destination = address_from_v4(ip->daddr);
    if (!is_local(&destination))
        return XDP_PASS;
    struct tunnel tunnel;
    enum decap_counter outcome = open_ipv4(ip, end, &tunnel);
    if (outcome == DECAP_UNWRAPPED)
        outcome = open_rest(&tunnel, end);
    return outcome == DECAP_UNWRAPPED ? strip(ctx, ethernet, &tunnel) : drop(outcome);
}

static inline int unwrap_from_ipv6(struct xdp_md* ctx, struct ethhdr* ethernet, void* end) {
    struct ipv6hdr* ip = (struct ipv6hdr*)(ethernet + 1);
    if ((void*)(ip + 1) > end || !carries_tunnel_v6(ip, end))
        return XDP_PASS;
    struct address destination = address_from_v6(&ip->daddr);
    if (is_v4_mapped(&destination) || !is_local(&destination))
        return XDP_PASS;
    struct tunnel tunnel;
    enum decap_counter outcome = open_ipv6(ip, end, &tunnel);
    if (outcome == DECAP_UNWRAPPED)
        outcome = open_rest(&tunnel, end);
    return outcome == DECAP_UNWRAPPED ? strip(ctx, ethernet, &tunnel) : drop(outcome);
}

SEC("xdp")
int vipfwd_decap(struct xdp_md* ctx) {
    void* end = (void*)(long)ctx->data_end;
    struct ethhdr* ethernet = (void*)(long)ctx->data;
    if ((void*)(ethernet + 1) > end)
        return XDP_PASS;
    switch (bpf_ntohs(ethernet->h_proto)) {
        case ETH_P_IP:
            return unwrap_from_ipv4(ctx, ethernet, end);
        case ETH_P_IPV6:
            return unwrap_from_ipv6(ctx, ethernet, end);
        default:
            return XDP_PASS;
    }
}

const char program_license[] SEC("license") = "Apache-2.0";
