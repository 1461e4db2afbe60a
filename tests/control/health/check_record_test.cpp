// SPDX-License-Identifier: Apache-2.0
#include "control/health/check_record.h"

#include <gtest/gtest.h>

namespace vipfwd::health {
namespace {

using ResultKind = ProbeResult::Kind;

const ProbeResult kGoodResult{.kind = ResultKind::kGood};

TEST(CheckRecord, BeforeTheFirstResultThereIsNothing) {
    const CheckRecord record;
    EXPECT_EQ(record.last_at_ms(), 0);
    EXPECT_EQ(record.latencies(), std::nullopt);
}

TEST(CheckRecord, CountsResultsByTheirKind) {
    CheckRecord record;
    record.add(kGoodResult, 1, 1);
    record.add({ResultKind::kFailed, "refused"}, 2, 1);
    record.add({ResultKind::kFailed, "HTTP status 503"}, 3, 1);
    EXPECT_EQ(record.count(ResultKind::kGood), 1u);
    EXPECT_EQ(record.count(ResultKind::kFailed), 2u);
    EXPECT_EQ(record.count(ResultKind::kNone), 0u);
    EXPECT_EQ(record.last().reason, "HTTP status 503");
    EXPECT_EQ(record.last_at_ms(), 3);
}

TEST(CheckRecord, TheTimeOfAVerdictIsThatOfTheResult) {
    CheckRecord record;
    record.add(kGoodResult, 7, 1);
    record.note_verdict_change();
    record.add(kGoodResult, 8, 1);
    EXPECT_EQ(record.since_ms(), 7);
}

TEST(CheckRecord, LatenciesAreOfTheLastGoodResults) {
    CheckRecord record;
    record.add(kGoodResult, 1, 5'000);
    for (std::uint32_t i = 1; i <= CheckRecord::kLatencies; ++i)
        record.add(kGoodResult, 2, i);
    record.add({ResultKind::kFailed, "no answer"}, 3, 900'000);
    EXPECT_EQ(record.latencies(), (Latencies{.last_us = 32, .p50_us = 17, .p99_us = 32}));
}

}  // namespace
}  // namespace vipfwd::health
