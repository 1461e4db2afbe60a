// SPDX-License-Identifier: Apache-2.0
// What decap.bpf.c counts, per CPU, in its map `decap_stats`. For C and C++; the names that people
// see are in control/decap/counters.h.
#pragma once

enum decap_counter {
    DECAP_UNWRAPPED,
    // Dropped, because of
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
    DECAP_ECN,
    DECAP_COUNTERS,
};
