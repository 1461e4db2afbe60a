// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/internet_checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace vipfwd {
namespace {

// RFC 1071 §1, word by word.
std::uint16_t fold_slowly(std::uint64_t sum) {
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

std::vector<std::uint64_t> sums() {
    std::vector<std::uint64_t> all{0, 1, 0xffff, 0x10000, 0xffffffff, 0xffff0001'0000ffff, ~0ul};
    std::mt19937_64 random(1);
    for (int i = 0; i < 1000; ++i)
        all.push_back(random() >> random() % 64);
    return all;
}

TEST(InternetChecksum, AddsEveryCarryBack) {
    for (const std::uint64_t sum : sums())
        EXPECT_EQ(fold_sum(sum), fold_slowly(sum)) << std::hex << sum;
}

TEST(InternetChecksum, A64BitWordCountsAsItsFour16BitWords) {
    for (const std::uint64_t a : sums()) {
        for (const std::uint64_t b : {1ul, 0xffff'ffff'0000ul, ~0ul})
            EXPECT_EQ(fold_sum(add_words(a, b)),
                      fold_slowly(std::uint64_t{fold_slowly(a)} + fold_slowly(b)));
    }
}

}  // namespace
}  // namespace vipfwd
