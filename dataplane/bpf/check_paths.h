// SPDX-License-Identifier: Apache-2.0
// The map `paths` of check.bpf.c: how the packets of each health check that runs are encapsulated.
// The packets' mark is CHECK_MARK plus an index into the map. For C and C++.
#pragma once

#include <linux/types.h>

#define CHECK_MAX_PATHS 4096u
#define CHECK_MARK 0x76000000u
#define CHECK_MARK_MASK 0xff000000u

enum check_form {
    CHECK_NONE,  // no check uses the entry: its packets are dropped
    CHECK_IPIP,
    CHECK_GUE,
    CHECK_L2,
};

// Written by control, except for `packets`.
struct check_path {
    __u64 packets;    // that were sent on
    __u32 form;       // enum check_form
    __u32 interface;  // by which the packets leave
    __u8 link[12];    // the Ethernet header without its type: destination, source
    __be16 gue_port;  // UDP destination
    __u8 is_outer_v4;
    __u8 reserved;
    __u8 source[16];       // of the outer header, layout of vipfwd::IpAddress
    __u8 destination[16];  // the same
};
