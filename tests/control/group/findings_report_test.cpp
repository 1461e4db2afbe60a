// SPDX-License-Identifier: Apache-2.0
#include "control/group/findings_report.h"

#include <gtest/gtest.h>

namespace vipfwd::group {
namespace {

std::vector<table::BackendFinding> findings(std::size_t count, std::uint8_t state) {
    std::vector<table::BackendFinding> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back({.key = 1000 * (count - i), .state = state});
    return all;
}

TEST(FindingsReport, HasItsFormOnTheWire) {
    const std::vector<table::BackendFinding> some = {{.key = 5, .state = table::kFoundDown},
                                                     {.key = 0x100, .state = 0}};
    const auto reports = reports_of(some, 51);
    ASSERT_EQ(reports.size(), 1u);
    std::vector<std::uint8_t> wanted = {'v', 'f', 'p', '1', 2, 51, 0, 0, 0, 0, 0, 2};
    wanted.resize(20);
    wanted.resize(28, 0xff);
    const std::vector<std::uint8_t> rest = {0, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 0, 5, 1};
    wanted.insert(wanted.end(), rest.begin(), rest.end());
    EXPECT_EQ(encode(reports[0]), wanted);
    EXPECT_EQ(decode_report(wanted), reports[0]);
    const auto of_owner = reports_of(some, 51, true);
    wanted[6] = 1;
    EXPECT_EQ(encode(of_owner[0]), wanted);
    EXPECT_EQ(decode_report(wanted), of_owner[0]);
}

TEST(FindingsReport, AllTogetherCoverEachBackendOnce) {
    for (const std::size_t count : {0u, 1u, 120u, 121u, 1000u}) {
        const auto all = findings(count, table::kTakenOut);
        std::size_t covered = 0;
        std::uint64_t next = 0;
        for (const FindingsReport& report : reports_of(all, 51)) {
            EXPECT_EQ(report.first, next);
            next = report.last + 1;
            EXPECT_EQ(report.count, report.entries.size());
            EXPECT_LE(report.entries.size(), FindingsReport::kMostEntries);
            EXPECT_EQ(decode_report(encode(report)), report);
            for (const table::BackendFinding& one : all)
                covered += report.covers(one.key) && report.state_of(one.key) == one.state ? 1 : 0;
        }
        EXPECT_EQ(next, 0u) << "the last key is covered";
        EXPECT_EQ(covered, count);
    }
}

TEST(FindingsReport, OfBackendsThatAreAllUpIsShort) {
    const auto reports = reports_of(findings(60'000, 0), 51);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_TRUE(reports[0].entries.empty());
    EXPECT_EQ(reports[0].count, 60'000u);
}

TEST(FindingsReport, ThatIsNotConsistentIsIgnored) {
    const auto reports = reports_of(findings(3, table::kFoundDown), 51);
    const std::vector<std::uint8_t> bytes = encode(reports[0]);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const bool has_whole_entries = length >= 36 && (length - 36) % 9 == 0;
        EXPECT_EQ(decode_report(std::span(bytes).first(length)).has_value(), has_whole_entries)
            << length;
    }
    struct Case {
        const char* name;
        std::size_t at;
        std::uint8_t value;
    };
    for (const Case& one : {Case{"another kind", 4, 1}, Case{"more entries than backends", 11, 2},
                            Case{"an entry outside of the range", 19, 0xff},
                            Case{"keys in no order", 36, 1}, Case{"a state of 0", 44, 0}}) {
        std::vector<std::uint8_t> changed = bytes;
        changed[one.at] = one.value;
        if (one.at == 19)
            changed[18] = 0xff;
        EXPECT_FALSE(decode_report(changed)) << one.name;
    }
}

}  // namespace
}  // namespace vipfwd::group
