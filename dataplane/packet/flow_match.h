// SPDX-License-Identifier: Apache-2.0
// Compares all entries of a flow table's bucket at once. Bit i of a mask stands for entry i. Each
// function has a plain version, and an AVX2 version with the same result where AVX2 is available.
#pragma once

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstdint>

#include "dataplane/packet/flow_table.h"

namespace vipfwd::packet {

// A mask of the entries that have the tag.
inline std::uint32_t entries_with_tag_plain(const FlowBucket& bucket, std::uint32_t tag) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (bucket.entries[i].tag == tag ? 1u : 0u) << i;
    return found;
}

// A mask of the entries that are free or have timed out.
inline std::uint32_t dead_entries_plain(const FlowBucket& bucket, const FlowAge& age) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (age.is_live(bucket.entries[i]) ? 0u : 1u) << i;
    return found;
}

// The index of the opening or closing entry that was idle longest, the first of several; 8 if no
// entry is opening or closing. Requires that all entries are live.
inline std::uint32_t longest_idle_entry_plain(const FlowBucket& bucket, const FlowAge& age) {
    std::uint32_t longest = 8;
    for (std::uint32_t i = 0; i < 8; ++i) {
        const FlowEntry& entry = bucket.entries[i];
        const FlowState state = state_of(entry);
        if (state != FlowState::kOpening && state != FlowState::kClosing)
            continue;
        if (longest == 8 || age.idle(entry) > age.idle(bucket.entries[longest]))
            longest = i;
    }
    return longest;
}

#ifdef __AVX2__

// The low words of all entries (tags), or the high words (backend, with stamp above it), in order.
// The shuffle works on each 128-bit lane, so its result interleaves both halves of the bucket; the
// permutation puts the words in order.
template <bool high>
__m256i halves_of_entries(__m256i first, __m256i second) {
    constexpr int kEvery = high ? _MM_SHUFFLE(3, 1, 3, 1) : _MM_SHUFFLE(2, 0, 2, 0);
    const __m256 taken =
        _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second), kEvery);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(taken), _MM_SHUFFLE(3, 1, 2, 0));
}

inline std::uint32_t mask_of(__m256i comparison) {
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(comparison)));
}

inline std::uint32_t entries_with_tag(const FlowBucket& bucket, std::uint32_t tag) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(tag));
    return mask_of(
        halves_of_entries<false>(_mm256_cmpeq_epi32(_mm256_load_si256(halves), wanted),
                                 _mm256_cmpeq_epi32(_mm256_load_si256(halves + 1), wanted)));
}

// The stamps of the entries, each in a 32-bit word.
inline __m256i stamps_of(const FlowBucket& bucket) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    return _mm256_srli_epi32(
        halves_of_entries<true>(_mm256_load_si256(halves), _mm256_load_si256(halves + 1)), 16);
}

inline __m256i idle_times(__m256i stamps, const FlowAge& age) {
    const __m256i now = _mm256_set1_epi32(static_cast<int>(age.now()));
    return _mm256_and_si256(_mm256_sub_epi32(now, stamps),
                            _mm256_set1_epi32(static_cast<int>(kFlowTimeMask)));
}

inline std::uint32_t dead_entries(const FlowBucket& bucket, const FlowAge& age) {
    const __m256i stamps = stamps_of(bucket);
    const __m256i by_state =
        _mm256_load_si256(reinterpret_cast<const __m256i*>(age.longest_idle().data()));
    const __m256i longest =
        _mm256_permutevar8x32_epi32(by_state, _mm256_srli_epi32(stamps, kFlowTimeBits));
    return mask_of(_mm256_cmpgt_epi32(idle_times(stamps, age), longest));
}

// Each 32-bit word gets the idle time, and below it 7 minus the index; the greatest word wins.
// Words of entries that must not be evicted are negative.
inline std::uint32_t longest_idle_entry(const FlowBucket& bucket, const FlowAge& age) {
    static_assert((static_cast<int>(FlowState::kOpening) & 1) != 0 &&
                      (static_cast<int>(FlowState::kClosing) & 1) != 0 &&
                      ((static_cast<int>(FlowState::kFree) | static_cast<int>(FlowState::kUdp) |
                        static_cast<int>(FlowState::kEstablished)) &
                       1) == 0,
                  "the states that may be evicted are the odd ones");
    const __m256i stamps = stamps_of(bucket);
    const __m256i numbered = _mm256_or_si256(_mm256_slli_epi32(idle_times(stamps, age), 3),
                                             _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
    const __m256i is_odd = _mm256_srai_epi32(_mm256_slli_epi32(stamps, 31 - kFlowTimeBits), 31);
    const __m256i all = _mm256_blendv_epi8(_mm256_set1_epi32(-1), numbered, is_odd);
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, _MM_SHUFFLE(1, 0, 3, 2)));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, _MM_SHUFFLE(2, 3, 0, 1)));
    const int winner = _mm_cvtsi128_si32(most);
    return winner < 0 ? 8 : 7 - (static_cast<std::uint32_t>(winner) & 7);
}

#else

inline std::uint32_t entries_with_tag(const FlowBucket& bucket, std::uint32_t tag) {
    return entries_with_tag_plain(bucket, tag);
}
inline std::uint32_t dead_entries(const FlowBucket& bucket, const FlowAge& age) {
    return dead_entries_plain(bucket, age);
}
inline std::uint32_t longest_idle_entry(const FlowBucket& bucket, const FlowAge& age) {
    return longest_idle_entry_plain(bucket, age);
}

#endif

}  // namespace vipfwd::packet
