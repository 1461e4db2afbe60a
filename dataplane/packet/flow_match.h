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

// Both halves of the bucket compared at once; then the comparisons of tags, every other one,
// brought together, and in order: each lane has those of both halves.
inline std::uint32_t matching(const FlowBucket& bucket, std::uint32_t tag) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(tag));
    const __m256i low = _mm256_cmpeq_epi32(_mm256_load_si256(halves), wanted);
    const __m256i high = _mm256_cmpeq_epi32(_mm256_load_si256(halves + 1), wanted);
    const __m256 tags = _mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high),
                                          _MM_SHUFFLE(2, 0, 2, 0));
    const __m256i in_order =
        _mm256_permute4x64_epi64(_mm256_castps_si256(tags), _MM_SHUFFLE(3, 1, 2, 0));
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(in_order)));
}

#else

inline std::uint32_t matching(const FlowBucket& bucket, std::uint32_t tag) {
    return matching_plain(bucket, tag);
}

#endif

}  // namespace vipfwd::packet
