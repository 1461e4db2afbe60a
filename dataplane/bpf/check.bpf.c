// SPDX-License-Identifier: Apache-2.0
// Runs on the gateway's loopback interface, for what leaves by it: sends the packets of health
// checks to the backends as the dataplane sends those of clients.
//
// A check connects to the VIP, from an address of the gateway and with a mark, for which control
// has a rule and a route to the loopback interface. The mark selects an entry of `paths`, which
// says what the packet needs:
//
//   IPIP   Ethernet | inner IP ...   ->   Ethernet | outer IP, protocol 4 or 41 | inner IP ...
//   GUE    Ethernet | inner IP ...   ->   Ethernet | outer IP | UDP | GUE | inner IP ...
//   L2     Ethernet | IP ...         ->   the same to the backend's MAC address
//
// The backend answers to the gateway's address, which takes no special way. A marked packet without
// an entry is dropped: it must not reach a server of the gateway itself.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/check_paths.h"
#include "dataplane/bpf/tunnel_outer.bpf.h"

#define OUTER_TTL 64
#define IPV4_DONT_FRAGMENT 0x4000

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, CHECK_MAX_PATHS);
    __type(key, __u32);
    __type(value, struct check_path);
} paths SEC(".maps");

struct gue_front {
    struct udphdr udp;
    struct gue_header gue;
};

// A source port or flow label is made of `hash`, as by the dataplane.
static inline struct gue_front make_gue(const struct check_path* path, __u8 protocol, __u32 hash,
                                        __u32 payload_bytes) {
    return (struct gue_front){
        .udp = {.source = bpf_htons(0xc000 | (hash & 0x3fff)),
                .dest = path->gue_port,
                .len = bpf_htons(sizeof(struct gue_front) + payload_bytes)},
        .gue = {.protocol = protocol},
    };
}

static inline struct iphdr make_ipv4(const struct check_path* path, __u8 protocol,
                                     __u32 payload_bytes) {
    struct iphdr ip = {.version = 4,
                       .ihl = sizeof(ip) / 4,
                       .tot_len = bpf_htons(sizeof(ip) + payload_bytes),
                       .frag_off = bpf_htons(IPV4_DONT_FRAGMENT),
                       .ttl = OUTER_TTL,
                       .protocol = protocol};
    __builtin_memcpy(&ip.saddr, &path->source[12], sizeof(ip.saddr));
    __builtin_memcpy(&ip.daddr, &path->destination[12], sizeof(ip.daddr));
    __u16 words[sizeof(ip) / 2];
    __builtin_memcpy(words, &ip, sizeof(ip));
    __u32 sum = 0;
    for (__u32 i = 0; i < sizeof(words) / sizeof(words[0]); ++i)
        sum += words[i];
    ip.check = (__u16)~fold(sum);
    return ip;
}

static inline struct ipv6hdr make_ipv6(const struct check_path* path, __u8 protocol, __u32 hash,
                                       __u32 payload_bytes) {
    struct ipv6hdr ip = {.version = 6,
                         .flow_lbl = {hash >> 16 & 0xf, hash >> 8 & 0xff, hash & 0xff},
                         .payload_len = bpf_htons(payload_bytes),
                         .nexthdr = protocol,
                         .hop_limit = OUTER_TTL};
    __builtin_memcpy(&ip.saddr, path->source, sizeof(ip.saddr));
    __builtin_memcpy(&ip.daddr, path->destination, sizeof(ip.daddr));
    return ip;
}

// Makes room for the outer headers and writes them. Returns 0, or an error of the kernel.
static inline long encapsulate(struct __sk_buff* skb, const struct check_path* path) {
    __u32 inner_bytes = skb->len - ETH_HLEN;
    __u32 hash = bpf_get_hash_recalc(skb);
    __u8 protocol = skb->protocol == bpf_htons(ETH_P_IP) ? IPPROTO_IPIP : IPPROTO_IPV6;
    __u32 gue_bytes = path->form == CHECK_GUE ? sizeof(struct gue_front) : 0;
    __u32 ip_bytes = path->is_outer_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
    __u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO |
                  (path->is_outer_v4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
    if (gue_bytes)
        flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
    long error = bpf_skb_adjust_room(skb, ip_bytes + gue_bytes, BPF_ADJ_ROOM_MAC, flags);
    if (error)
        return error;
    if (gue_bytes) {
        struct gue_front front = make_gue(path, protocol, hash, inner_bytes);
        error = bpf_skb_store_bytes(skb, ETH_HLEN + ip_bytes, &front, sizeof(front), 0);
        if (error)
            return error;
        protocol = IPPROTO_UDP;
    }
    if (path->is_outer_v4) {
        struct iphdr ip = make_ipv4(path, protocol, inner_bytes + gue_bytes);
        return bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0);
    }
    struct ipv6hdr ip = make_ipv6(path, protocol, hash, inner_bytes + gue_bytes);
    return bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0);
}

static inline long write_link(struct __sk_buff* skb, const struct check_path* path) {
    __be16 type = skb->protocol;
    if (path->form != CHECK_L2)
        type = bpf_htons(path->is_outer_v4 ? ETH_P_IP : ETH_P_IPV6);
    long error = bpf_skb_store_bytes(skb, 0, path->link, sizeof(path->link), 0);
    return error ? error : bpf_skb_store_bytes(skb, sizeof(path->link), &type, sizeof(type), 0);
}

SEC("tc")
int vipfwd_check(struct __sk_buff* skb) {
    if ((skb->mark & CHECK_MARK_MASK) != CHECK_MARK)
        return TC_ACT_UNSPEC;
    __u32 index = skb->mark & ~CHECK_MARK_MASK;
    struct check_path* path = bpf_map_lookup_elem(&paths, &index);
    if (!path || path->form == CHECK_NONE)
        return TC_ACT_SHOT;
    if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
        return TC_ACT_SHOT;
    if (path->form != CHECK_L2 && encapsulate(skb, path) != 0)
        return TC_ACT_SHOT;
    if (write_link(skb, path) != 0)
        return TC_ACT_SHOT;
    __sync_fetch_and_add(&path->packets, 1);
    skb->mark = 0;
    return bpf_redirect(path->interface, 0);
}

const char program_license[] SEC("license") = "Apache-2.0";
