// SPDX-License-Identifier: Apache-2.0
// The VLAN tags of a port's frames: the one entry of the map `tags` of steer.bpf.c. For C and C++.
#pragma once

#include <linux/types.h>

// In host order, 0: none. Both 0: untagged frames, and those with only a priority in their tag.
struct steer_tags {
    __u16 vlan;        // 802.1Q
    __u16 outer_vlan;  // the tag around it, 802.1ad or 802.1Q; only with `vlan`
};
