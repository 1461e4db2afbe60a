// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/counter_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace vipfwd::abi {
namespace {

// Checks what JSON, vipctl and metrics rely on.
template <typename Counters, std::size_t N>
void check(const std::array<CounterText<Counters>, N>& rows) {
    std::set<std::string_view> names;
    std::set<std::string> places;
    for (const CounterText<Counters>& row : rows) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"),
                  std::string_view::npos);
        EXPECT_TRUE(row.unit == "packets" || row.unit == "bytes" || row.unit == "flows" ||
                    row.unit == "polls")
            << row.name;
        EXPECT_FALSE(row.help.empty()) << row.name;
        EXPECT_NE(row.counter == nullptr, row.sum == nullptr) << row.name;
        const std::string json = row.place.json;
        EXPECT_TRUE(json.empty() || json.starts_with('/')) << row.name;
        EXPECT_TRUE(json.empty() || places.insert(json).second) << row.name;
        EXPECT_TRUE(*row.place.heading == '\0' || !json.empty()) << row.name;
    }
}

TEST(CounterList, EveryCounterHasANameAUnitAndAHelpOfItsOwn) {
    check(kWorkerCounters);
    check(kPortCounters);
    check(kTrafficCounters);
}

TEST(CounterList, ARowReadsItsCounterAndNoOther) {
    const auto counters = std::make_unique<WorkerCounters>();
    for (const WorkerCounterText& set : kWorkerCounters) {
        if (set.counter == nullptr)
            continue;
        ((*counters).*set.counter).set(7);
        for (const WorkerCounterText& read : kWorkerCounters)
            EXPECT_EQ(read.read(*counters), read.name == set.name ? 7u : 0u) << read.name;
        ((*counters).*set.counter).set(0);
    }
}

TEST(CounterList, DroppedPacketsAreTheSumOverAllReasons) {
    const auto counters = std::make_unique<WorkerCounters>();
    counters->dropped[0].set(1);
    counters->dropped[kDropReasonCapacity - 1].set(2);
    for (const WorkerCounterText& row : kWorkerCounters)
        EXPECT_EQ(row.read(*counters), row.name == "dropped_packets" ? 3u : 0u) << row.name;
}

}  // namespace
}  // namespace vipfwd::abi
