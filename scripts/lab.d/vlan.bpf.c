// SPDX-License-Identifier: Apache-2.0
// The tagged port of a switch, for kernels without VLAN devices; see ensure_tagged in network.sh.
// OUTER is 0 if there is only one tag.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_ID 0x0fff

SEC("egress")
int put_tags(struct __sk_buff* skb) {
    if (bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), INNER) != 0)
        return TC_ACT_SHOT;
    if (OUTER != 0 && bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021AD), OUTER) != 0)
        return TC_ACT_SHOT;
    return TC_ACT_OK;
}

static __always_inline int take_tag(struct __sk_buff* skb, __u16 protocol, __u16 vlan) {
    return skb->vlan_present && skb->vlan_proto == bpf_htons(protocol) &&
           (skb->vlan_tci & VLAN_ID) == vlan && bpf_skb_vlan_pop(skb) == 0;
}

SEC("ingress")
int take_tags(struct __sk_buff* skb) {
    if (OUTER != 0 && !take_tag(skb, ETH_P_8021AD, OUTER))
        return TC_ACT_SHOT;
    if (!take_tag(skb, ETH_P_8021Q, INNER) || skb->vlan_present)
        return TC_ACT_SHOT;
    return TC_ACT_OK;
}

char _license[] SEC("license") = "Apache-2.0";
