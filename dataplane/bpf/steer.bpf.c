// SPDX-License-Identifier: Apache-2.0
// On the gateway's AF_XDP ports: hands packets of the VIPs to the dataplane, and leaves everything
// else to the kernel, untouched.
//
// To the dataplane go, if the address is in `vips`:
//   IPv4   by destination: any protocol, fragments and malformed packets too (it counts them)
//   ARP    requests and replies, by target protocol address
// To the kernel go: VLAN-tagged frames, and IPv6, which the dataplane does not speak yet.
//
// The dataplane's driver loads this file and fills `xsks_map` (a name it prescribes) with its
// sockets; control keeps `vips` in step with its tables. When the dataplane dies, the program and
// `vips` stay on the interface; its sockets are gone then, and the packets go to the kernel.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/address.bpf.h"
#include "dataplane/bpf/steer_counters.h"

// By receive queue.
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, __u32);
} xsks_map SEC(".maps");

// Twice abi::kMaxVips: an update adds the new addresses before it removes the old ones.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 2 * 8192);
    __type(key, struct address);
    __type(value, __u32);
} vips SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, STEER_COUNTERS);
    __type(key, __u32);
    __type(value, __u64);
} steer_stats SEC(".maps");

#define ARP_HARDWARE_ETHERNET 1

// RFC 826, for IPv4 over Ethernet. (<linux/if_arp.h> needs a C library.)
struct arp_packet {
    __be16 hardware_type;
    __be16 protocol_type;
    __u8 hardware_bytes;
    __u8 protocol_bytes;
    __be16 operation;
    __u8 sender_mac[ETH_ALEN];
    __be32 sender_address;
    __u8 target_mac[ETH_ALEN];
    __be32 target_address;
} __attribute__((packed));

static inline void count(enum steer_counter counter) {
    __u32 index = counter;
    __u64* value = bpf_map_lookup_elem(&steer_stats, &index);
    if (value)
        ++*value;
}

static inline int steer(struct xdp_md* ctx, __be32 destination, enum steer_counter counter) {
    struct address key = address_from_v4(destination);
    if (!bpf_map_lookup_elem(&vips, &key))
        return XDP_PASS;
    int action = (int)bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
    count(action == XDP_REDIRECT ? counter : STEER_NO_SOCKET);
    return action;
}

static inline int steer_ipv4(struct xdp_md* ctx, void* packet, void* end) {
    struct iphdr* ip = packet;
    if ((void*)(ip + 1) > end)
        return XDP_PASS;
    return steer(ctx, ip->daddr, STEER_IPV4);
}

static inline int steer_arp(struct xdp_md* ctx, void* packet, void* end) {
    struct arp_packet* arp = packet;
    if ((void*)(arp + 1) > end)
        return XDP_PASS;
    if (arp->hardware_type != bpf_htons(ARP_HARDWARE_ETHERNET) ||
        arp->protocol_type != bpf_htons(ETH_P_IP) || arp->hardware_bytes != ETH_ALEN ||
        arp->protocol_bytes != sizeof(arp->target_address))
        return XDP_PASS;
    return steer(ctx, arp->target_address, STEER_ARP);
}

SEC("xdp")
int vipfwd_steer(struct xdp_md* ctx) {
    void* end = (void*)(long)ctx->data_end;
    struct ethhdr* ethernet = (void*)(long)ctx->data;
    void* packet = ethernet + 1;
    if (packet > end)
        return XDP_PASS;
    switch (bpf_ntohs(ethernet->h_proto)) {
        case ETH_P_IP:
            return steer_ipv4(ctx, packet, end);
        case ETH_P_ARP:
            return steer_arp(ctx, packet, end);
        default:
            return XDP_PASS;
    }
}

const char program_license[] SEC("license") = "Apache-2.0";
