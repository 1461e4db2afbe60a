// SPDX-License-Identifier: Apache-2.0
// Drops PER_MILLE of the adverts from the node whose MAC address ends in FROM (0: from all nodes).
// See lossy.py.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VRRP 112

static __always_inline int is_advert(void* packet, void* end, __be16 ethertype) {
    struct iphdr* v4 = packet;
    struct ipv6hdr* v6 = packet;
    if (ethertype == bpf_htons(ETH_P_IP))
        return (void*)(v4 + 1) <= end && v4->protocol == VRRP;
    return ethertype == bpf_htons(ETH_P_IPV6) && (void*)(v6 + 1) <= end && v6->nexthdr == VRRP;
}

SEC("loss")
int lose(struct __sk_buff* skb) {
    void* end = (void*)(long)skb->data_end;
    struct ethhdr* frame = (void*)(long)skb->data;
    if ((void*)(frame + 1) > end || !is_advert(frame + 1, end, frame->h_proto))
        return TC_ACT_OK;
    if (FROM != 0 && frame->h_source[ETH_ALEN - 1] != FROM)
        return TC_ACT_OK;
    return bpf_get_prandom_u32() % 1000 < PER_MILLE ? TC_ACT_SHOT : TC_ACT_OK;
}

char _license[] SEC("license") = "Apache-2.0";
