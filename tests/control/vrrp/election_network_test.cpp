// SPDX-License-Identifier: Apache-2.0
// Several elections in a simulated network with random faults.
#include <gtest/gtest.h>

#include "tests/control/vrrp/simulation.h"
#include "tests/sanitized.h"

namespace vipfwd::vrrp {
namespace {

using namespace sample;

constexpr std::uint32_t kSeeds = test::kSanitized ? 10 : 40;
// Three intervals and skew of the lowest priority.
constexpr std::int64_t kTakenOver = 4 * kSimulatedInterval;
// A handover without a successor, one late timer, a takeover, and a preemption after it.
constexpr std::int64_t kSettled = 2 * kTakenOver + 5 * kSimulatedInterval;
constexpr std::int64_t kLong = 40 * kSimulatedInterval;
constexpr Weather kFair{};

using Owners = std::vector<std::size_t>;

// One gateway a priority, the last with the largest address.
std::vector<ElectionSettings> gateways(const Priorities& priorities) {
    std::vector<ElectionSettings> all;
    for (const std::uint8_t priority : priorities) {
        ElectionSettings settings = sample::settings();
        settings.priority = priority;
        settings.advert_interval_ms = kSimulatedInterval_ms;
        const auto host = static_cast<std::uint32_t>(all.size() + 1);
        settings.source = IpAddress::from_v4(Be32::from_host(0x0a000000 + host));
        all.push_back(settings);
    }
    return all;
}

Weather foul(std::uint32_t seed) {
    return {.lost_percent = seed * 7 % 90,
            .delay_ms = 1 + seed * 13 % 200,
            .in_order = seed % 2 != 0,
            .mishaps = 30};
}

void expect_lasting_owner(Simulation& simulation, std::size_t owner, std::uint32_t seed) {
    EXPECT_EQ(simulation.owners(), Owners{owner}) << "seed " << seed;
    const int takeovers = simulation.takeovers();
    simulation.run(kLong, kFair);
    EXPECT_EQ(simulation.owners(), Owners{owner}) << "seed " << seed;
    EXPECT_EQ(simulation.takeovers(), takeovers) << "seed " << seed;
}

TEST(ElectionsOfANetwork, ConvergeOnTheHighestPriorityAfterFaults) {
    for (const auto& priorities : {gateways({100, 200}), gateways({200, 150, 100}),
                                   gateways({1, 254, 253}), gateways({50, 100, 255})}) {
        std::size_t highest = 0;
        for (std::size_t i = 0; i < priorities.size(); ++i)
            highest = priorities[i].priority > priorities[highest].priority ? i : highest;
        for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
            Simulation simulation(priorities, seed);
            simulation.run(kLong, foul(seed));
            simulation.repair();
            simulation.run(kSettled, kFair);
            EXPECT_EQ(simulation.owners().size(), 1u) << "seed " << seed;
            simulation.allow_preempt();  // there may have been handovers
            simulation.run(kTakenOver, kFair);
            expect_lasting_owner(simulation, highest, seed);
        }
    }
}

TEST(ElectionsOfANetwork, ConvergeOnOneAfterFaultsWithoutPreemption) {
    for (const auto& priorities : {gateways({100, 200}), gateways({200, 150, 100})}) {
        for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
            std::vector<ElectionSettings> calm = priorities;
            for (ElectionSettings& settings : calm)
                settings.preempt = false;
            Simulation simulation(calm, seed);
            simulation.run(kLong, foul(seed));
            simulation.repair();
            simulation.run(kSettled, kFair);
            ASSERT_EQ(simulation.owners().size(), 1u) << "seed " << seed;
            expect_lasting_owner(simulation, simulation.owners()[0], seed);
        }
    }
}

TEST(ElectionsOfANetwork, OfEqualPrioritiesConvergeOnTheLargerAddress) {
    for (const auto& equal : {gateways({100, 100}), gateways({100, 100, 100})}) {
        for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
            Simulation simulation(equal, seed);
            simulation.run(kLong, {.lost_percent = 100});  // all become active
            EXPECT_EQ(simulation.owners().size(), equal.size());
            simulation.run(3 * kSimulatedInterval, kFair);
            expect_lasting_owner(simulation, equal.size() - 1, seed);
        }
    }
}

TEST(ElectionsOfANetwork, MakeTheOwnerAnnounceLastWhenAPartitionEnds) {
    for (const auto& parted :
         {gateways({200, 100}), gateways({100, 100}), gateways({50, 200, 100})}) {
        for (std::uint32_t seed = 1; seed <= 4 * kSeeds; ++seed) {
            Simulation simulation(parted, seed);
            simulation.run(kLong + seed * kMs, {.lost_percent = 100});
            ASSERT_EQ(simulation.owners().size(), parted.size());
            simulation.run(kSettled, kFair);
            ASSERT_EQ(simulation.owners().size(), 1u) << "seed " << seed;
            EXPECT_EQ(simulation.last_announcer(), parted[simulation.owners()[0]].source)
                << "seed " << seed;
        }
    }
}

// Up to a second, or as long again as it took, whichever is less.
TEST(ElectionsOfANetwork, MakeTheOwnerAnnounceLastWhenAPartitionEndsOneWayFirst) {
    for (const auto& [parted, owner] :
         {std::pair(gateways({200, 100}), 0u), std::pair(gateways({100, 100}), 1u),
          std::pair(gateways({50, 200, 100}), 1u)}) {
        for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
            const std::int64_t later = (1 + seed * 37 % 200) * kSimulatedInterval + seed * kMs;
            Simulation simulation(parted, seed);
            simulation.run(kLong + seed * kMs, {.lost_percent = 100});
            simulation.run(later, {.deaf = owner});
            ASSERT_EQ(simulation.owners(), Owners{owner}) << "seed " << seed;
            simulation.run(std::min(later, 1000 * kMs) + 5 * kSimulatedInterval, kFair);
            EXPECT_EQ(simulation.owners(), Owners{owner}) << "seed " << seed;
            EXPECT_EQ(simulation.last_announcer(), parted[owner].source) << "seed " << seed;
        }
    }
}

TEST(ElectionsOfANetwork, OfEqualPrioritiesConvergeOnOneAfterFaults) {
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        Simulation simulation(gateways({100, 100, 100}), seed);
        simulation.run(kLong, foul(seed));
        simulation.repair();
        simulation.run(kSettled, kFair);
        ASSERT_EQ(simulation.owners().size(), 1u) << "seed " << seed;
        expect_lasting_owner(simulation, simulation.owners()[0], seed);
    }
}

TEST(ElectionsOfANetwork, NeverTakeOverFromAHigherPriorityThatIsReceivedInTime) {
    int takeovers = 0;
    for (std::uint32_t seed = 1; seed <= 8 * kSeeds; ++seed) {
        Simulation simulation(gateways({100, 150, 200}), seed);
        simulation.run(2 * kLong, foul(seed));
        EXPECT_EQ(simulation.unfounded(), 0) << "seed " << seed;
        takeovers += simulation.takeovers();
    }
    EXPECT_GT(takeovers, 25 * static_cast<int>(kSeeds));
}

TEST(ElectionsOfANetwork, ReplaceACrashedOneWithinFourIntervals) {
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        Simulation simulation(gateways({200, 150, 100}), seed);
        simulation.run(kSettled + seed * kMs, kFair);
        EXPECT_EQ(simulation.owners(), Owners{0});
        simulation.crash(0);
        simulation.run(kTakenOver, kFair);
        expect_lasting_owner(simulation, 1, seed);
    }
}

TEST(ElectionsOfANetwork, ReplaceAStoppedOneWithinAnInterval) {
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        Simulation simulation(gateways({200, 150, 100}), seed);
        simulation.run(kSettled + seed * kMs, kFair);
        simulation.stop(0);
        simulation.run(kSimulatedInterval, kFair);
        expect_lasting_owner(simulation, 1, seed);
    }
}

TEST(ElectionsOfANetwork, AlwaysHaveAnOwnerDuringAHandover) {
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        Simulation simulation(gateways({200, 150, 100}), seed);
        simulation.run(kSettled + seed * kMs, kFair);
        simulation.hand_over(0);
        for (std::int64_t passed = 0; passed < kSimulatedInterval; passed += kMs) {
            simulation.run(kMs, kFair);
            ASSERT_FALSE(simulation.owners().empty()) << "seed " << seed;
        }
        expect_lasting_owner(simulation, 1, seed);
    }
}

}  // namespace
}  // namespace vipfwd::vrrp
