// SPDX-License-Identifier: Apache-2.0
// Compares all entries of a flow table's bucket at once. Bit i of a mask stands for entry i. Each
// function has a plain version, and an AVX2 version with the same result where AVX2 is available.
#pragma once

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstdint>

#include "dataplane/packet/flow_entry.h"
#include "dataplane/packet/flow_shares.h"

namespace vipfwd::packet {

// A mask of the entries that have the tag.
inline std::uint32_t entries_with_tag_plain(const FlowBucket& bucket, std::uint32_t tag) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (bucket.entries[i].tag == tag ? 1u : 0u) << i;
    return found;
}

// True if an entry has the tag.
inline bool has_tag_plain(const FlowBucket& bucket, std::uint32_t tag) {
    return entries_with_tag_plain(bucket, tag) != 0;
}

// A mask of the entries that are free or have timed out.
inline std::uint32_t dead_entries_plain(const FlowBucket& bucket, const FlowAge& age) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (age.is_live(bucket.entries[i]) ? 0u : 1u) << i;
    return found;
}

// A mask of the entries of unproven and of closing flows.
inline std::uint32_t unproven_entries_plain(const FlowBucket& bucket) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (is_proven(state_of(bucket.entries[i])) ? 0u : 1u) << i;
    return found;
}

// A mask of the entries of a class.
inline std::uint32_t entries_of_class_plain(const FlowBucket& bucket, std::uint8_t flow_class) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (class_of(bucket.entries[i].tag) == flow_class ? 1u : 0u) << i;
    return found;
}

// A mask of the entries whose class holds more than its share.
inline std::uint32_t entries_over_share_plain(const FlowBucket& bucket, const FlowShares& shares) {
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        found |= (shares.is_over(class_of(bucket.entries[i].tag)) ? 1u : 0u) << i;
    return found;
}

// The index of the entry with the oldest stamp among those in the mask, the first of several.
// Requires that the mask is not empty and that the entries in it are live.
inline std::uint32_t oldest_entry_plain(const FlowBucket& bucket, std::uint32_t mask,
                                        const FlowAge& age) {
    auto oldest = static_cast<std::uint32_t>(std::countr_zero(mask));
    for (std::uint32_t i = oldest; i < 8; ++i) {
        if ((mask >> i & 1) != 0 && age.idle(bucket.entries[i]) > age.idle(bucket.entries[oldest]))
            oldest = i;
    }
    return oldest;
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

// As entries_with_tag(), but in any order.
inline bool has_tag(const FlowBucket& bucket, std::uint32_t tag) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    const __m256i wanted = _mm256_set1_epi32(static_cast<int>(tag));
    const __m256i first = _mm256_cmpeq_epi32(_mm256_load_si256(halves), wanted);
    const __m256i second = _mm256_cmpeq_epi32(_mm256_load_si256(halves + 1), wanted);
    const __m256 tags = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(second),
                                          _MM_SHUFFLE(2, 0, 2, 0));
    return _mm256_movemask_ps(tags) != 0;
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

inline std::uint32_t unproven_entries(const FlowBucket& bucket) {
    // The lowest bit of the state becomes the sign.
    return mask_of(_mm256_slli_epi32(stamps_of(bucket), 31 - kFlowTimeBits));
}

inline __m256i classes_of(const FlowBucket& bucket) {
    const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
    return _mm256_srli_epi32(
        halves_of_entries<false>(_mm256_load_si256(halves), _mm256_load_si256(halves + 1)),
        kFlowClassShift);
}

inline std::uint32_t entries_of_class(const FlowBucket& bucket, std::uint8_t flow_class) {
    return mask_of(_mm256_cmpeq_epi32(classes_of(bucket), _mm256_set1_epi32(flow_class)));
}

inline std::uint32_t entries_over_share(const FlowBucket& bucket, const FlowShares& shares) {
    const __m256i held = _mm256_i32gather_epi32(shares.held().data(), classes_of(bucket), 4);
    return mask_of(_mm256_cmpgt_epi32(held, _mm256_set1_epi32(shares.most())));
}

// Each 32-bit word gets the idle time, and below it 7 minus the index; the greatest word wins.
// Words of entries that are not in the mask are negative.
inline std::uint32_t oldest_entry(const FlowBucket& bucket, std::uint32_t mask,
                                  const FlowAge& age) {
    const __m256i numbered =
        _mm256_or_si256(_mm256_slli_epi32(idle_times(stamps_of(bucket), age), 3),
                        _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
    const __m256i bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i is_in_mask =
        _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(static_cast<int>(mask)), bits), bits);
    const __m256i all = _mm256_blendv_epi8(_mm256_set1_epi32(-1), numbered, is_in_mask);
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, _MM_SHUFFLE(1, 0, 3, 2)));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, _MM_SHUFFLE(2, 3, 0, 1)));
    return 7 - (static_cast<std::uint32_t>(_mm_cvtsi128_si32(most)) & 7);
}

#else

inline std::uint32_t entries_with_tag(const FlowBucket& bucket, std::uint32_t tag) {
    return entries_with_tag_plain(bucket, tag);
}
inline bool has_tag(const FlowBucket& bucket, std::uint32_t tag) {
    return has_tag_plain(bucket, tag);
}
inline std::uint32_t dead_entries(const FlowBucket& bucket, const FlowAge& age) {
    return dead_entries_plain(bucket, age);
}
inline std::uint32_t unproven_entries(const FlowBucket& bucket) {
    return unproven_entries_plain(bucket);
}
inline std::uint32_t entries_of_class(const FlowBucket& bucket, std::uint8_t flow_class) {
    return entries_of_class_plain(bucket, flow_class);
}
inline std::uint32_t entries_over_share(const FlowBucket& bucket, const FlowShares& shares) {
    return entries_over_share_plain(bucket, shares);
}
inline std::uint32_t oldest_entry(const FlowBucket& bucket, std::uint32_t mask,
                                  const FlowAge& age) {
    return oldest_entry_plain(bucket, mask, age);
}

#endif

}  // namespace vipfwd::packet
