// SPDX-License-Identifier: Apache-2.0
// What the verdicts of checks do to tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "control/table/build.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using abi::BackendHealth;
using abi::BackendState;
using health::Verdict;

class BuildHealth : public ::testing::Test {
  protected:
    BuildHealth() {
        config::Config config = sample::config();
        config.pools[0].check.type = config::CheckType::kTcp;
        configure(std::move(config));
    }

    // Without results.
    void configure(config::Config config) {
        standings_.config = std::make_shared<const config::Config>(std::move(config));
        standings_.numbers = std::make_shared<const health::BackendNumbers>(*standings_.config);
        standings_.backends.assign(standings_.numbers->count(), {});
    }

    void set(std::size_t backend, Verdict verdict, bool is_host_unreachable = false) {
        health::Standing& standing = standings_.backends.at(backend);
        standing = {.verdict = verdict};
        if (verdict == Verdict::kBad)
            standing.failure = std::make_shared<const health::Failure>(
                health::Failure{.reason = "why", .is_host_unreachable = is_host_unreachable});
    }

    void set_all(Verdict verdict) {
        for (std::size_t i = 0; i < 3; ++i)
            set(i, verdict);
    }

    // The next generation.
    void build_next() {
        Build made = build(*standings_.config, sample::facts(), tables_, sample::zero_counters(),
                           1000, {}, {}, {.standings = &standings_})
                         .value();
        tables_ = std::move(made.tables);
        new_rings_ = std::move(made.new_rings);
    }

    // Stand-in for what the publisher does.
    void store_rings() {
        std::uint32_t store = 1;
        for (abi::PoolEntry& pool : tables_.pools) {
            pool.ring_store = pool.ring_store == abi::kNoRing ? abi::kNoRing : store++;
        }
    }

    const abi::BackendEntry& at(std::size_t backend) const { return tables_.backends.at(backend); }
    BackendState state(std::size_t backend) const {
        return static_cast<BackendState>(at(backend).state);
    }
    BackendHealth health_of(std::size_t backend) const {
        return static_cast<BackendHealth>(at(backend).health);
    }
    std::size_t slots_of(std::uint16_t backend) const {
        const RingSlots& slots = *new_rings_.at(0).slots;
        return static_cast<std::size_t>(std::count(slots.begin(), slots.end(), backend));
    }

    health::Standings standings_;
    Tables tables_;
    std::vector<NewRing> new_rings_;
};

TEST_F(BuildHealth, ABackendThatIsDownHasNoSlotsAndKeepsItsIndex) {
    set_all(Verdict::kGood);
    build_next();
    store_rings();
    set(1, Verdict::kBad);
    build_next();
    EXPECT_EQ(tables_.pools[0].backend_count, 3u);
    EXPECT_EQ(slots_of(1), 0u);
    EXPECT_GT(slots_of(0), 0u);
    EXPECT_EQ(health_of(1), BackendHealth::kDown);
    store_rings();
    set(1, Verdict::kGood);
    build_next();
    EXPECT_EQ(state(1), BackendState::kServing);
    EXPECT_GT(slots_of(1), 0u);
}

TEST_F(BuildHealth, APoolOfWhichAllAreDownHasNoRing) {
    set_all(Verdict::kBad);
    build_next();
    EXPECT_EQ(tables_.pools[0].ring_store, abi::kNoRing);
}

TEST_F(BuildHealth, WithoutAnyResultANewPoolServesWithAllItsBackends) {
    build_next();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(state(i), BackendState::kServing);
        EXPECT_EQ(health_of(i), BackendHealth::kUnknown);
    }
}

TEST_F(BuildHealth, ANewBackendWaitsForItsFirstResult) {
    set_all(Verdict::kGood);
    build_next();
    config::Config config = *standings_.config;
    config.pools[0].backends.push_back(sample::backend("web4", "10.0.0.14"));
    configure(config);
    set_all(Verdict::kGood);
    build_next();
    EXPECT_EQ(state(3), BackendState::kDraining);
    EXPECT_EQ(health_of(3), BackendHealth::kUnknown);
    set(3, Verdict::kGood);
    build_next();
    EXPECT_EQ(state(3), BackendState::kServing);
}

TEST_F(BuildHealth, ABackendThatComesBackFromRetirementWaitsForItsFirstResult) {
    set_all(Verdict::kGood);
    build_next();
    const config::Config whole = *standings_.config;
    config::Config reduced = whole;
    reduced.pools[0].backends.erase(reduced.pools[0].backends.begin());
    configure(reduced);
    build_next();
    ASSERT_EQ(state(0), BackendState::kRetired);
    configure(whole);
    build_next();
    EXPECT_EQ(state(0), BackendState::kDraining);
    EXPECT_EQ(state(1), BackendState::kServing);
}

TEST_F(BuildHealth, VerdictsGoOnWhileTheChecksKnowNothing) {
    set_all(Verdict::kGood);
    set(0, Verdict::kBad, true);
    build_next();
    set_all(Verdict::kUnknown);
    build_next();
    EXPECT_EQ(state(0), BackendState::kDown);
    EXPECT_EQ(health_of(0), BackendHealth::kDown);
    EXPECT_EQ(state(1), BackendState::kServing);
    EXPECT_EQ(health_of(1), BackendHealth::kUp);
}

TEST_F(BuildHealth, StandingsOfAnotherConfigurationDoNotCount) {
    set_all(Verdict::kGood);
    build_next();
    set_all(Verdict::kBad);
    const config::Config other = *standings_.config;
    tables_ = build(other, sample::facts(), tables_, sample::zero_counters(), 1000, {}, {},
                    {.standings = &standings_})
                  .value()
                  .tables;
    EXPECT_EQ(state(0), BackendState::kServing);
}

TEST_F(BuildHealth, APoolFailsOpenAndKeepsWhatItsChecksSay) {
    config::Config config = *standings_.config;
    config.pools[0].min_up.count = 2;
    configure(config);
    set_all(Verdict::kGood);
    build_next();
    EXPECT_EQ(tables_.pools[0].fails_open, 0);
    set(0, Verdict::kBad);
    set(1, Verdict::kBad);
    build_next();
    EXPECT_EQ(tables_.pools[0].fails_open, 1);
    EXPECT_EQ(state(0), BackendState::kServing);
    EXPECT_EQ(health_of(0), BackendHealth::kDown);
    set(0, Verdict::kGood);
    build_next();
    EXPECT_EQ(tables_.pools[0].fails_open, 0);
    EXPECT_EQ(state(0), BackendState::kServing);
    EXPECT_EQ(state(1), BackendState::kDraining);
}

TEST_F(BuildHealth, AControlThatRestartsGoesOnFailingOpen) {
    config::Config config = *standings_.config;
    config.pools[0].min_up.count = 3;
    configure(config);
    set_all(Verdict::kGood);
    set(0, Verdict::kBad);
    build_next();
    const Tables before = tables_;
    set_all(Verdict::kUnknown);
    build_next();
    EXPECT_EQ(tables_.pools[0].fails_open, 1);
    EXPECT_EQ(state(0), BackendState::kServing);
    EXPECT_TRUE(same(tables_, before));
}

TEST_F(BuildHealth, TheWriterOfAPoolGoesOnWhateverComesUpAndHoweverTheFileIsOrdered) {
    config::Config config = *standings_.config;
    config.pools[0].mode = config::PoolMode::kFirst;
    configure(config);
    set_all(Verdict::kGood);
    build_next();
    EXPECT_EQ(tables_.pools[0].writer, 1);
    set(0, Verdict::kBad);
    build_next();
    EXPECT_EQ(tables_.pools[0].writer, 2);
    EXPECT_EQ(state(0), BackendState::kDown) << "its flows move to the next one";
    EXPECT_EQ(state(2), BackendState::kDown) << "only one serves";
    EXPECT_EQ(
        std::set<std::uint16_t>(new_rings_.at(0).slots->begin(), new_rings_.at(0).slots->end()),
        std::set<std::uint16_t>{1});
    set(0, Verdict::kGood);
    build_next();
    EXPECT_EQ(tables_.pools[0].writer, 2) << "there is no switch back";
    std::swap(config.pools[0].backends[0], config.pools[0].backends[2]);
    configure(config);
    build_next();
    EXPECT_EQ(tables_.pools[0].writer, 2) << "after a restart, before there are results";
    config.pools[0].failback = true;
    configure(config);
    set_all(Verdict::kGood);
    build_next();
    EXPECT_EQ(tables_.pools[0].writer, 3) << "web3 is the first in the file now";
}

TEST_F(BuildHealth, TheRingHasTheWeightOfASlowStart) {
    config::Config config = *standings_.config;
    config.pools[0].slow_start_ms = 60'000;
    configure(config);
    set_all(Verdict::kGood);
    build_next();
    EXPECT_EQ(at(0).ring_weight, 100);
    set(0, Verdict::kBad);
    build_next();
    set(0, Verdict::kGood);
    build_next();
    EXPECT_EQ(at(0).weight, 100);
    EXPECT_EQ(at(0).ring_weight, 10);
    EXPECT_EQ(at(0).came_up_at_ms, 1'000'000u);
    EXPECT_EQ(slots_of(0), 65537 / 21 + 1) << "a tenth of the weight of each other one";
    EXPECT_EQ(at(1).ring_weight, 100);
}

}  // namespace
}  // namespace vipfwd::table
