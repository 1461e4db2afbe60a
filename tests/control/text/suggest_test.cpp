// SPDX-License-Identifier: Apache-2.0
#include "control/text/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace vipfwd::text {
namespace {

constexpr std::array<std::string_view, 4> kKeys{"port", "protocol", "pool", "address"};

TEST(EditDistance, CountsEdits) {
    EXPECT_EQ(edit_distance("port", "port", 9), 0u);
    EXPECT_EQ(edit_distance("prt", "port", 9), 1u);
    EXPECT_EQ(edit_distance("poort", "port", 9), 1u);
    EXPECT_EQ(edit_distance("part", "port", 9), 1u);
    EXPECT_EQ(edit_distance("prot", "port", 9), 1u);
    EXPECT_EQ(edit_distance("kitten", "sitting", 9), 3u);
    EXPECT_EQ(edit_distance("", "abc", 9), 3u);
}

TEST(EditDistance, IgnoresCase) {
    EXPECT_EQ(edit_distance("TCP", "tcp", 9), 0u);
}

TEST(EditDistance, StopsCountingAboveTheLimit) {
    EXPECT_EQ(edit_distance("abcdef", "uvwxyz", 2), 3u);
    EXPECT_EQ(edit_distance("a", "abcdef", 2), 3u);
}

TEST(EditDistance, DoesNotCompareLongText) {
    EXPECT_EQ(edit_distance(std::string(64, 'a'), std::string(64, 'a'), 5), 6u);
    EXPECT_EQ(edit_distance(std::string(63, 'a'), std::string(63, 'a'), 5), 0u);
}

TEST(Nearest, FindsTheCandidateWithTheFewestEdits) {
    EXPECT_EQ(nearest("prot", kKeys), "port");
    EXPECT_EQ(nearest("adress", kKeys), "address");
    EXPECT_EQ(nearest("protokol", kKeys), "protocol");
    EXPECT_EQ(nearest("POOL", kKeys), "pool");
}

TEST(Nearest, FindsNoDistantCandidate) {
    EXPECT_EQ(nearest("colour", kKeys), "");
    EXPECT_EQ(nearest("", kKeys), "");
    EXPECT_EQ(nearest("port", {}), "");
}

TEST(Suggestion, IsTheEndOfASentenceOrEmpty) {
    EXPECT_EQ(suggestion("adress", kKeys), "; did you mean 'address'?");
    EXPECT_EQ(suggestion("colour", kKeys), "");
}

}  // namespace
}  // namespace vipfwd::text
