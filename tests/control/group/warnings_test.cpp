// SPDX-License-Identifier: Apache-2.0
#include "control/group/warnings.h"

#include <gtest/gtest.h>

#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

constexpr std::int64_t kStart_ns = 1000 * kNanosecondsPerS;
constexpr std::int64_t kSecond_ns = kNanosecondsPerS;

class WarningsTest : public testing::Test {
  protected:
    // What is logged if the condition is seen now; empty: nothing.
    std::string note(const char* reason, const std::string& source, const char* text = "text") {
        return warnings_
            .note({.reason = reason, .source = source}, now_ns_, Warnings::kLasts_ns,
                  [&] { return std::string(text); })
            .value_or("");
    }
    // "reason source count age_ms text", one a line.
    std::string listed() const {
        std::string all;
        for (const Warning& one : warnings_.list(now_ns_))
            all += one.reason + " " + one.source + " " + std::to_string(one.count) + " " +
                   std::to_string(one.age_ms) + " " + one.text + "\n";
        return all;
    }

    std::int64_t now_ns_ = kStart_ns;
    Warnings warnings_;
};

TEST_F(WarningsTest, AConditionIsListedFromWhenItIsSeenUntilItWasNotSeenForSomeTime) {
    EXPECT_EQ(listed(), "");
    note("version", "10.0.0.2");
    now_ns_ += 2 * kSecond_ns;
    note("version", "10.0.0.2");
    now_ns_ += 500 * kNanosecondsPerMs;
    EXPECT_EQ(listed(), "version 10.0.0.2 2 500 text\n");
    now_ns_ += Warnings::kLasts_ns - kSecond_ns;
    EXPECT_NE(listed(), "");
    now_ns_ += kSecond_ns;
    EXPECT_EQ(listed(), "");
    note("version", "10.0.0.2");
    EXPECT_EQ(listed(), "version 10.0.0.2 1 0 text\n") << "a new one";
}

TEST_F(WarningsTest, ReasonsAndSourcesAreToldApart) {
    note("version", "10.0.0.2");
    note("interval", "10.0.0.2");
    note("version", "10.0.0.3");
    EXPECT_EQ(listed(),
              "version 10.0.0.2 1 0 text\ninterval 10.0.0.2 1 0 text\n"
              "version 10.0.0.3 1 0 text\n");
    warnings_.clear();
    EXPECT_EQ(listed(), "");
}

TEST_F(WarningsTest, OfOneSourceTheVipsAreToldApart) {
    for (const IpAddress& vip : {*parse_ip("10.0.0.100"), *parse_ip("10.0.0.101")})
        (void)warnings_.note({.reason = "address_conflict", .source = "a", .vip = vip}, now_ns_,
                             Warnings::kLasts_ns, [] { return std::string("text"); });
    const auto all = warnings_.list(now_ns_);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1].vip, *parse_ip("10.0.0.101"));
}

TEST_F(WarningsTest, AConditionThatLastsIsLoggedAtOnceAndThenRarely) {
    EXPECT_EQ(note("version", "10.0.0.2"), "text");
    int lines = 0;
    for (int second = 1; second <= 600; ++second) {
        now_ns_ += kSecond_ns;
        lines += note("version", "10.0.0.2", "new text").empty() ? 0 : 1;
    }
    EXPECT_EQ(lines, 2);
    EXPECT_EQ(listed(), "version 10.0.0.2 601 0 new text\n")
        << "the text is the one that was logged";
}

TEST_F(WarningsTest, ManySourcesWithOneReasonFillNeitherLogNorList) {
    int lines = 0;
    for (int i = 0; i < 1000; ++i) {
        now_ns_ += 20 * kNanosecondsPerMs;
        lines += note("version", "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250))
                         .empty()
                     ? 0
                     : 1;
    }
    EXPECT_LE(lines, 3) << "in 20 s";
    EXPECT_EQ(warnings_.list(now_ns_).size(), Warnings::kMost);
    EXPECT_EQ(warnings_.list(now_ns_).back().source, "10.1.3.249");
    EXPECT_EQ(note("interval", "10.0.0.2"), "text") << "another reason has a line of its own";
}

TEST_F(WarningsTest, ALineThatWasHeldBackFollows) {
    note("version", "10.0.0.2");
    EXPECT_EQ(note("version", "10.0.0.3"), "");
    now_ns_ += Warnings::kPerReason_ns;
    EXPECT_EQ(note("version", "10.0.0.3"), "text");
}

}  // namespace
}  // namespace vipfwd::group
