// SPDX-License-Identifier: Apache-2.0
// Which entries of a bucket have a tag: bit i stands for entry i.
#pragma once

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <cstdint>

#include "dataplane/packet/flow_table.h"

namespace vipfwd::packet {

inline std::uint32_t matching_plain(const FlowBucket& bucket, std::uint32_t tag) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (bucket.entries[i].tag == tag ? 1u : 0u) << i;
    return found;
}

#ifdef __AVX2__

// Both halves of the bucket compared at once; then the comparisons of tags, every other one, side
// by side.
inline std::uint32_t matching(const FlowBucket& bucket, std::uint32_t tag) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(tag));
    const __m256 low = _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_load_si256(halves), wanted));
    const __m256 high =
        _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_load_si256(halves + 1), wanted));
    const auto entries = [](__m256 equal) {
        return static_cast<std::uint32_t>(_mm256_movemask_pd(
            _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castps_si256(equal), 32))));
    };
    return entries(low) | entries(high) << 4;
}

#else

inline std::uint32_t matching(const FlowBucket& bucket, std::uint32_t tag) {
    return matching_plain(bucket, tag);
}

#endif

}  // namespace vipfwd::packet
