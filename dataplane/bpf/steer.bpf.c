// SPDX-License-Identifier: Apache-2.0
// Runs on the gateway's AF_XDP ports: redirects packets of the VIPs to the dataplane, and passes
// all other packets to the kernel, unchanged.
//
// These go to the dataplane, if the address is in `vips`:
//   IPv4                    by destination: any protocol, including fragments and malformed
//   packets,
//                           which the dataplane counts
//   ARP                     requests and replies, by target protocol address
//   IPv6                    by destination, like IPv4, except for
//   neighbor solicitations  by target, whatever their destination; the dataplane validates them
// All other IPv6 packets (router and neighbor advertisements, MLD, link-local traffic) go to the
// kernel.
//
// The kernel may have a VIP too (STEER_VIP_IS_LOCAL), for services of the machine itself. Then the
// kernel gets what these services need: TCP and UDP to ports that are not in `services`, and the
// answers to ARP requests and neighbor solicitations that it sent from the VIP. Fragments, and TCP
// and UDP behind IPv6 extension headers, go to the dataplane, which counts those of no service.
// Without a dataplane, the other packets of such a VIP are dropped: the kernel would answer ARP
// instead of the next owner, and reset connections of services.
//
// ARP and neighbor discovery in which another host uses a VIP as its own address goes to the kernel
// if it is about another address, or multicast. It is noted in `senders`, where control reads it:
// the dataplane does not see it.
//
// Only frames with the port's VLAN tags (`tags`) are redirected. XDP does not see a tag that the
// NIC has stripped ("rx-vlan-offload" of ethtool): such a frame looks untagged here. The dataplane
// turns the offload off when it takes the interface, if the NIC permits that. A veth also passes
// the tag beside the frame, unless "tx-vlan-offload" is off on its peer.
//
// The dataplane's driver loads this file and puts its sockets into `xsks_map` (the driver requires
// this name). Control keeps `vips`, `services` and `tags` equal to its tables. When the dataplane
// dies, the program and the maps stay on the interface, but the sockets are gone: packets go to the
// kernel, except those of VIPs that the kernel has too.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/address_key.bpf.h"
#include "dataplane/bpf/steer_counters.h"
#include "dataplane/bpf/steer_sender.h"
#include "dataplane/bpf/steer_tags.h"
#include "dataplane/bpf/steer_vips.h"

// AF_XDP sockets, by receive queue.
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, STEER_MAX_QUEUES);
    __type(key, __u32);
    __type(value, __u32);
} xsks_map SEC(".maps");

// Room for twice the maximum of VIPs: an update adds new addresses before it removes old ones.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 2 * STEER_MAX_VIPS);
    __type(key, struct address);
    __type(value, __u32);  // STEER_VIP_...
} vips SEC(".maps");

// Room for twice the maximum of services, as above. An empty trie takes no memory.
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 2 * STEER_MAX_SERVICES * STEER_PREFIXES_PER_SERVICE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct steer_service);
    __type(value, __u8);  // unused
} services SEC(".maps");

// By VIP. Control removes what it has read; while the map is full, no further VIP is noted.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, STEER_MAX_SENDERS);
    __type(key, struct address);
    __type(value, struct steer_sender);
} senders SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct steer_tags);
} tags SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, STEER_COUNTERS);
    __type(key, __u32);
    __type(value, __u64);
} steer_stats SEC(".maps");

#define ARP_HARDWARE_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2

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

#define ICMPV6_NEIGHBOR_SOLICITATION 135
#define ICMPV6_NEIGHBOR_ADVERTISEMENT 136

// RFC 4861 §4.3 and §4.4, without options.
struct neighbor_message {
    __u8 type;
    __u8 code;
    __be16 checksum;
    __be32 flags;
    struct in6_addr target;
};

#define VLAN_ID_MASK 0x0fff

// An IEEE 802.1Q tag, from its control information on.
struct vlan_tag {
    __be16 control;
    __be16 ethertype;  // of what follows the tag
};

static inline void count(enum steer_counter counter) {
    __u32 index = counter;
    __u64* value = bpf_map_lookup_elem(&steer_stats, &index);
    if (value)
        ++*value;
}

// True if the kernel has the VIP too.
static inline int is_local(const __u32* vip) {
    return (*vip & STEER_VIP_IS_LOCAL) != 0;
}

// Notes that the host with that MAC address uses the address as its own, if it is a VIP.
static inline void note_sender(const struct address* address, const __u8* mac) {
    if (!bpf_map_lookup_elem(&vips, address))
        return;
    struct steer_sender sender = {.at_ns = bpf_ktime_get_ns()};
    __builtin_memcpy(sender.mac, mac, sizeof(sender.mac));
    bpf_map_update_elem(&senders, address, &sender, BPF_ANY);
}

static inline int pass_to_kernel(void) {
    count(STEER_LOCAL);
    return XDP_PASS;
}

static inline int redirect(struct xdp_md* ctx, const __u32* vip, enum steer_counter counter) {
    __u64 otherwise = is_local(vip) ? XDP_DROP : XDP_PASS;
    int action = (int)bpf_redirect_map(&xsks_map, ctx->rx_queue_index, otherwise);
    count(action == XDP_REDIRECT ? counter : STEER_NO_SOCKET);
    return action;
}

static inline int has_ports(__u8 protocol) {
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

// The first fields of TCP and UDP.
struct ports {
    __be16 source;
    __be16 destination;
};

// True if there is a TCP or UDP header at `l4` whose destination port is not a service's.
static inline int is_no_service(const struct address* vip, __u8 protocol, struct ports* l4,
                                void* end) {
    if ((void*)(l4 + 1) > end)
        return 0;
    struct steer_service key = {.prefix_bits = STEER_SERVICE_BITS,
                                .protocol = bpf_htons(protocol),
                                .port = l4->destination};
    __builtin_memcpy(key.vip, vip, sizeof(key.vip));
    return !bpf_map_lookup_elem(&services, &key);
}

#define IPV4_FRAGMENT_MASK 0x3fff  // more fragments, and the offset

static inline int is_ipv4_with_ports(const struct iphdr* ip) {
    return ip->version == 4 && ip->ihl >= 5 && has_ports(ip->protocol) &&
           (ip->frag_off & bpf_htons(IPV4_FRAGMENT_MASK)) == 0;
}

static inline int steer_ipv4(struct xdp_md* ctx, void* packet, void* end) {
    struct iphdr* ip = packet;
    if ((void*)(ip + 1) > end)
        return XDP_PASS;
    struct address destination = address_from_v4(ip->daddr);
    __u32* vip = bpf_map_lookup_elem(&vips, &destination);
    if (!vip)
        return XDP_PASS;
    if (is_local(vip) && is_ipv4_with_ports(ip) &&
        is_no_service(&destination, ip->protocol, (void*)ip + ip->ihl * 4, end))
        return pass_to_kernel();
    return redirect(ctx, vip, STEER_IPV4);
}

static inline int steer_arp(struct xdp_md* ctx, void* packet, void* end) {
    struct arp_packet* arp = packet;
    if ((void*)(arp + 1) > end)
        return XDP_PASS;
    if (arp->hardware_type != bpf_htons(ARP_HARDWARE_ETHERNET) ||
        arp->protocol_type != bpf_htons(ETH_P_IP) || arp->hardware_bytes != ETH_ALEN ||
        arp->protocol_bytes != sizeof(arp->target_address))
        return XDP_PASS;
    struct address target = address_from_v4(arp->target_address);
    __u32* vip = bpf_map_lookup_elem(&vips, &target);
    int is_reply = arp->operation == bpf_htons(ARP_REPLY);
    if (vip && !(is_local(vip) && is_reply))
        return redirect(ctx, vip, STEER_ARP);
    if (is_reply || arp->operation == bpf_htons(ARP_REQUEST)) {
        struct address sender = address_from_v4(arp->sender_address);
        note_sender(&sender, arp->sender_mac);
    }
    return vip ? pass_to_kernel() : XDP_PASS;
}

// The neighbor solicitation or advertisement (by `type`) directly behind `ip`, or null. None is
// looked for behind extension headers.
static inline struct neighbor_message* find_message(struct ipv6hdr* ip, __u8 type, void* end) {
    struct neighbor_message* message = (void*)(ip + 1);
    if (ip->nexthdr != IPPROTO_ICMPV6 || (void*)(message + 1) > end || message->type != type)
        return 0;
    return message;
}

#define NEIGHBOR_HOP_LIMIT 255  // RFC 4861 §7.1

// The same for a message of neighbor discovery and the sender of its frame.
static inline void note_neighbor(struct xdp_md* ctx, const struct ipv6hdr* ip,
                                 const struct in6_addr* used, void* end) {
    struct ethhdr* ethernet = (void*)(long)ctx->data;
    struct address address = address_from_v6(used);
    if ((void*)(ethernet + 1) <= end && ip->hop_limit == NEIGHBOR_HOP_LIMIT &&
        !is_v4_mapped(&address))
        note_sender(&address, ethernet->h_source);
}

static inline int steer_solicitation(struct xdp_md* ctx, struct ipv6hdr* ip,
                                     struct neighbor_message* solicitation, void* end) {
    struct address target = address_from_v6(&solicitation->target);
    __u32* vip = is_v4_mapped(&target) ? 0 : bpf_map_lookup_elem(&vips, &target);
    if (vip)
        return redirect(ctx, vip, STEER_NEIGHBOR);
    note_neighbor(ctx, ip, &ip->saddr, end);
    return XDP_PASS;
}

static inline int steer_ipv6(struct xdp_md* ctx, void* packet, void* end) {
    struct ipv6hdr* ip = packet;
    if ((void*)(ip + 1) > end)
        return XDP_PASS;
    struct address destination = address_from_v6(&ip->daddr);
    if (is_v4_mapped(&destination))
        return XDP_PASS;
    struct neighbor_message* solicitation = find_message(ip, ICMPV6_NEIGHBOR_SOLICITATION, end);
    if (solicitation)
        return steer_solicitation(ctx, ip, solicitation, end);
    __u32* vip = bpf_map_lookup_elem(&vips, &destination);
    if (vip && !is_local(vip))
        return redirect(ctx, vip, STEER_IPV6);
    struct neighbor_message* advertisement = find_message(ip, ICMPV6_NEIGHBOR_ADVERTISEMENT, end);
    if (advertisement)
        note_neighbor(ctx, ip, &advertisement->target, end);
    if (!vip)
        return XDP_PASS;
    if (advertisement || (ip->version == 6 && has_ports(ip->nexthdr) &&
                          is_no_service(&destination, ip->nexthdr, (void*)(ip + 1), end)))
        return pass_to_kernel();
    return redirect(ctx, vip, STEER_IPV6);
}

// A position in a frame, behind the headers that were read.
struct position {
    void* at;         // null: the tags are not the port's
    __u16 ethertype;  // of what begins here
};

static inline struct position step_over_tag(struct position from, __u16 vlan, void* end) {
    struct vlan_tag* tag = from.at;
    if ((void*)(tag + 1) > end || (bpf_ntohs(tag->control) & VLAN_ID_MASK) != vlan)
        return (struct position){0, 0};
    return (struct position){tag + 1, bpf_ntohs(tag->ethertype)};
}

// Steps over the tags of the port: exactly these and no others.
static inline struct position step_over_tags(struct position from, const struct steer_tags* port,
                                             void* end) {
    if (port->vlan == 0) {  // a tag of VLAN 0 has only a priority
        return from.ethertype == ETH_P_8021Q ? step_over_tag(from, 0, end) : from;
    }
    if (port->outer_vlan != 0) {
        if (from.ethertype != ETH_P_8021AD && from.ethertype != ETH_P_8021Q)
            return (struct position){0, 0};
        from = step_over_tag(from, port->outer_vlan, end);
    }
    if (!from.at || from.ethertype != ETH_P_8021Q)
        return (struct position){0, 0};
    return step_over_tag(from, port->vlan, end);
}

SEC("xdp")
int vipfwd_steer(struct xdp_md* ctx) {
    void* end = (void*)(long)ctx->data_end;
    struct ethhdr* ethernet = (void*)(long)ctx->data;
    __u32 only = 0;
    struct steer_tags* port = bpf_map_lookup_elem(&tags, &only);
    if ((void*)(ethernet + 1) > end || !port)
        return XDP_PASS;
    struct position packet = {ethernet + 1, bpf_ntohs(ethernet->h_proto)};
    packet = step_over_tags(packet, port, end);
    if (!packet.at)
        return XDP_PASS;
    switch (packet.ethertype) {
        case ETH_P_IP:
            return steer_ipv4(ctx, packet.at, end);
        case ETH_P_ARP:
            return steer_arp(ctx, packet.at, end);
        case ETH_P_IPV6:
            return steer_ipv6(ctx, packet.at, end);
        default:
            return XDP_PASS;
    }
}

const char program_license[] SEC("license") = "Apache-2.0";
