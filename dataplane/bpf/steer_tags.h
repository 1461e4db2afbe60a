// SPDX-License-Identifier: Apache-2.0
// The VLAN tags of a port's frames: the value of the only entry of the map `tags` of steer.bpf.c.
// For C and C++.
#pragma once

#include <linux/types.h>

// In host order; 0: none. If both are 0: untagged frames, and frames whose tag has only a priority.
struct steer_tags {
    __u16 vlan;        // 802.1Q
    __u16 outer_vlan;  // of the outer tag, 802.1ad or 802.1Q; only if `vlan` is set
};
