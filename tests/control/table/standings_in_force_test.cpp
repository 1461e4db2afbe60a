// SPDX-License-Identifier: Apache-2.0
#include "control/table/standings_in_force.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using health::Verdict;

class StandingsInForce : public ::testing::Test {
  protected:
    StandingsInForce() : config_(sample::config()), tables_(sample::must_build(config_).tables) {}

    void set(std::size_t backend, abi::BackendHealth health,
             abi::BackendState state = abi::BackendState::kServing) {
        tables_.backends.at(backend).health = static_cast<std::uint8_t>(health);
        tables_.backends.at(backend).state = static_cast<std::uint8_t>(state);
    }

    config::Config config_;
    Tables tables_;
};

TEST_F(StandingsInForce, VerdictsAreThoseOfTheEntries) {
    set(0, abi::BackendHealth::kUp);
    set(1, abi::BackendHealth::kDown, abi::BackendState::kDraining);
    set(2, abi::BackendHealth::kUnknown);
    const auto standings = standings_in_force(tables_, config_);
    ASSERT_EQ(standings.size(), 4u) << "three of the first pool, one of the second";
    EXPECT_EQ(standings[0].verdict, Verdict::kGood);
    EXPECT_EQ(standings[1].verdict, Verdict::kBad);
    EXPECT_EQ(standings[2].verdict, Verdict::kUnknown);
    EXPECT_EQ(standings[3].verdict, Verdict::kUnknown) << "it had no check";
}

TEST_F(StandingsInForce, WhatBecameOfTheFlowsStays) {
    set(0, abi::BackendHealth::kDown, abi::BackendState::kDraining);
    set(1, abi::BackendHealth::kDown, abi::BackendState::kDown);
    const auto standings = standings_in_force(tables_, config_);
    EXPECT_FALSE(standings[0].failure->is_host_unreachable);
    EXPECT_TRUE(standings[1].failure->is_host_unreachable);
}

TEST_F(StandingsInForce, BackendsAreFoundByTheirAddress) {
    set(0, abi::BackendHealth::kDown, abi::BackendState::kDown);
    std::swap(config_.pools[0].backends[0], config_.pools[0].backends[2]);
    config_.pools[0].backends[1] = sample::backend("new", "10.0.0.99");
    const auto standings = standings_in_force(tables_, config_);
    EXPECT_EQ(standings[0].verdict, Verdict::kUnknown);
    EXPECT_EQ(standings[1].verdict, Verdict::kUnknown) << "it is new";
    EXPECT_EQ(standings[2].verdict, Verdict::kBad);
}

}  // namespace
}  // namespace vipfwd::table
