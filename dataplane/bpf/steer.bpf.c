// SPDX-License-Identifier: Apache-2.0
// On the gateway's AF_XDP ports: hands packets of the VIPs to the dataplane, and leaves everything
// else to the kernel, untouched.
//
// To the dataplane go, if the address is in `vips`:
//   IPv4                     by destination: any protocol, fragments and malformed packets too (it
//                            counts them)
//   ARP                      requests and replies, by target protocol address
//   IPv6                     by destination, as IPv4; but
//   neighbour solicitations  by target, wherever they are sent to, valid or not (it judges)
// All else of IPv6 (router and neighbour advertisements, MLD, link-local traffic) is the kernel's.
//
// A VIP that the kernel has as well (STEER_VIP_IS_LOCAL), for services of the machine itself,
// leaves to it what these need: TCP and UDP to ports that are not in `services`, and the answers to
// its own ARP requests and neighbour solicitations, which it sends from the VIP. Not fragments, nor
// what comes behind IPv6 extension headers: the dataplane gets them, and counts what is no
// service's. Without a dataplane the rest of such a VIP's packets is dropped: the kernel would
// answer ARP in the place of the next owner, and reset connections of services.
//
// Only frames with the port's VLAN tags (`tags`) are looked at. XDP does not see a tag that the NIC
// has taken off ("rx-vlan-offload" of ethtool): such a frame looks untagged here. The dataplane
// turns that off when it takes the interface, if the NIC lets it. A veth hands over the tag beside
// the frame as well, unless its peer has "tx-vlan-offload" off.
//
// The dataplane's driver loads this file and fills `xsks_map` (a name it prescribes) with its
// sockets; control keeps `vips`, `services` and `tags` in step with its tables. When the dataplane
// dies, the program and these maps stay on the interface; its sockets are gone then, and the
// packets go to the kernel (but for such a VIP).
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "dataplane/bpf/address.bpf.h"
#include "dataplane/bpf/steer_counters.h"
#include "dataplane/bpf/steer_tags.h"
#include "dataplane/bpf/steer_vips.h"

// By receive queue.
struct {
    __uint(type, BPF_MAP_TYPE_XSKMAP);
    __uint(max_entries, STEER_MAX_QUEUES);
    __type(key, __u32);
    __type(value, __u32);
} xsks_map SEC(".maps");

// Room for twice the VIPs: an update adds the new addresses before it removes the old ones.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 2 * STEER_MAX_VIPS);
    __type(key, struct address);
    __type(value, __u32);  // STEER_VIP_...
} vips SEC(".maps");

// Room for twice the services, as above. Takes no memory before it has entries.
struct {
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);
    __uint(max_entries, 2 * STEER_MAX_SERVICES * STEER_PREFIXES_PER_SERVICE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, struct steer_service);
    __type(value, __u8);  // unused
} services SEC(".maps");

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

// RFC 4861 §4.3 and §4.4, up to their options.
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
    __be16 ethertype;  // of what follows
};

static inline void count(enum steer_counter counter) {
    __u32 index = counter;
    __u64* value = bpf_map_lookup_elem(&steer_stats, &index);
    if (value)
        ++*value;
}

// A VIP that the kernel has as well.
static inline int is_local(const __u32* vip) {
    return (*vip & STEER_VIP_IS_LOCAL) != 0;
}

static inline int leave_to_kernel(void) {
    count(STEER_LOCAL);
    return XDP_PASS;
}

static inline int hand_over(struct xdp_md* ctx, const __u32* vip, enum steer_counter counter) {
    __u64 otherwise = is_local(vip) ? XDP_DROP : XDP_PASS;
    int action = (int)bpf_redirect_map(&xsks_map, ctx->rx_queue_index, otherwise);
    count(action == XDP_REDIRECT ? counter : STEER_NO_SOCKET);
    return action;
}

static inline int has_ports(__u8 protocol) {
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

// What TCP and UDP begin with.
struct ports {
    __be16 source;
    __be16 destination;
};

// Whether the TCP or UDP header at `l4` is there and has a port that is no service's.
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
        return leave_to_kernel();
    return hand_over(ctx, vip, STEER_IPV4);
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
    if (!vip)
        return XDP_PASS;
    if (is_local(vip) && arp->operation == bpf_htons(ARP_REPLY))
        return leave_to_kernel();
    return hand_over(ctx, vip, STEER_ARP);
}

// The message of that type, solicitation or advertisement, that follows `ip` at once, or null:
// behind an extension header there is none.
static inline struct neighbor_message* find_message(struct ipv6hdr* ip, __u8 type, void* end) {
    struct neighbor_message* message = (void*)(ip + 1);
    if (ip->nexthdr != IPPROTO_ICMPV6 || (void*)(message + 1) > end || message->type != type)
        return 0;
    return message;
}

static inline int steer_solicitation(struct xdp_md* ctx, struct neighbor_message* solicitation) {
    struct address target = address_from_v6(&solicitation->target);
    if (is_v4_mapped(&target))
        return XDP_PASS;
    __u32* vip = bpf_map_lookup_elem(&vips, &target);
    return vip ? hand_over(ctx, vip, STEER_NEIGHBOR) : XDP_PASS;
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
        return steer_solicitation(ctx, solicitation);
    __u32* vip = bpf_map_lookup_elem(&vips, &destination);
    if (!vip)
        return XDP_PASS;
    if (is_local(vip) && (find_message(ip, ICMPV6_NEIGHBOR_ADVERTISEMENT, end) ||
                          (ip->version == 6 && has_ports(ip->nexthdr) &&
                           is_no_service(&destination, ip->nexthdr, (void*)(ip + 1), end))))
        return leave_to_kernel();
    return hand_over(ctx, vip, STEER_IPV6);
}

// Where a frame stands behind the headers that were looked at.
struct position {
    void* at;         // null: these are not the port's tags
    __u16 ethertype;  // of what is there
};

static inline struct position step_over_tag(struct position from, __u16 vlan, void* end) {
    struct vlan_tag* tag = from.at;
    if ((void*)(tag + 1) > end || (bpf_ntohs(tag->control) & VLAN_ID_MASK) != vlan)
        return (struct position){0, 0};
    return (struct position){tag + 1, bpf_ntohs(tag->ethertype)};
}

// Steps over the tags that are the port's, all of them and no other.
static inline struct position step_over_tags(struct position from, const struct steer_tags* port,
                                             void* end) {
    if (port->vlan == 0) {  // then a tag may have a priority, but no VLAN
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
