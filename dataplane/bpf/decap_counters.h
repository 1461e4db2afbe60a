// SPDX-License-Identifier: Apache-2.0
// The counters of decap.bpf.c, in its per-CPU map `decap_stats`. For C and C++.
// control/decap/drop_texts.h has the names for the user.
#pragma once

enum decap_counter {
    DECAP_UNWRAPPED,
    // Drops, by reason:
    DECAP_OUTER_VERSION,
    DECAP_OUTER_HEADER_LENGTH,
    DECAP_OUTER_TOTAL_LENGTH,
    DECAP_OUTER_CHECKSUM,
    DECAP_OUTER_FRAGMENT,
    DECAP_OUTER_SOURCE,
    DECAP_UDP_LENGTH,
    DECAP_GUE_VARIANT,
    DECAP_GUE_CONTROL,
    DECAP_GUE_HEADER_LENGTH,
    DECAP_GUE_PROTOCOL,
    DECAP_INNER_TRUNCATED,
    DECAP_INNER_VERSION,
    DECAP_INNER_HEADER_LENGTH,
    DECAP_INNER_TOTAL_LENGTH,
    DECAP_INNER_EXPIRED,
    DECAP_INNER_DESTINATION,
    DECAP_INNER_SOURCE,
    DECAP_ECN,
    DECAP_COUNTERS,
};
