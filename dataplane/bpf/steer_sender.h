// SPDX-License-Identifier: Apache-2.0
// The values of the map `senders` of steer.bpf.c. For C and C++.
#pragma once

#include <linux/types.h>

#define STEER_MAX_SENDERS 256

// Who used a VIP as its own address, as last seen.
struct steer_sender {
    __u64 at_ns;  // CLOCK_MONOTONIC
    __u8 mac[6];
    __u8 reserved[2];
};
