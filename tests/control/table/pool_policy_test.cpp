// SPDX-License-Identifier: Apache-2.0
#include "control/table/pool_policy.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace vipfwd::table {
namespace {

using abi::BackendAdmin;
using abi::BackendHealth;
using abi::BackendState;

// A backend is written as its tier and a letter: "u" up, "d" down, "?" without a result, "x" taken
// out by an operator, "0" of weight 0.
PoolMember member_of(char tier, char letter) {
    PoolMember made{.tier = static_cast<std::uint32_t>(tier - '0'), .weight = 100};
    made.condition = {BackendState::kDraining, BackendHealth::kUp};
    switch (letter) {
        case 'u':
            made.condition.state = BackendState::kServing;
            break;
        case 'd':
            made.condition.health = BackendHealth::kDown;
            break;
        case '?':
            made.condition.health = BackendHealth::kUnknown;
            break;
        case 'x':
            made.is_taken_out = true;
            break;
        default:
            made.weight = 0;
    }
    return made;
}

// "1u 1d 2u"
std::vector<PoolMember> members_of(const std::string& text) {
    std::vector<PoolMember> members;
    for (std::size_t i = 0; i < text.size(); i += 3)
        members.push_back(member_of(text[i], text[i + 1]));
    return members;
}

// "S" serves, "k" keeps its flows, "-" has none.
std::string states_of(const std::vector<PoolMember>& members) {
    std::string states;
    for (const PoolMember& one : members) {
        states += one.serves() ? 'S' : one.condition.state == BackendState::kDraining ? 'k' : '-';
    }
    return states;
}

config::MinUp count(std::uint32_t backends) {
    return {.count = backends};
}
config::MinUp percent(std::uint32_t share) {
    return {.percent = share};
}

struct SpreadCase {
    std::string name;
    config::MinUp min_up;
    std::string members;
    std::string states;
    std::uint32_t tier;
    bool fails_open;
};

void PrintTo(const SpreadCase& one, std::ostream* out) {
    *out << one.name;
}

class Spread : public ::testing::TestWithParam<SpreadCase> {};

TEST_P(Spread, DecidesWhichBackendsServe) {
    const SpreadCase& one = GetParam();
    config::Pool pool;
    pool.min_up = one.min_up;
    std::vector<PoolMember> members = members_of(one.members);
    const PoolOutcome outcome = apply_policy(pool, members, {});
    EXPECT_EQ(states_of(members), one.states);
    EXPECT_EQ(outcome.tier, one.tier);
    EXPECT_EQ(outcome.fails_open, one.fails_open);
    EXPECT_EQ(outcome.writer, std::nullopt);
    for (const PoolMember& each : members)
        EXPECT_EQ(each.ring_weight, each.weight);
}

INSTANTIATE_TEST_SUITE_P(
    MinUp, Spread,
    ::testing::Values(
        SpreadCase{"WithoutItAPoolNeverFailsOpen", {}, "1d 1d 1d", "kkk", 1, false},
        SpreadCase{"AsManyAsNeeded", count(2), "1u 1u 1d", "SSk", 1, false},
        SpreadCase{"TooFew", count(2), "1u 1d 1d", "SSS", 1, true},
        SpreadCase{"NoneIsUp", count(1), "1d 1d", "SS", 1, true},
        SpreadCase{"APercentageIsRoundedUp", percent(50), "1u 1d 1d", "SSS", 1, true},
        SpreadCase{"APercentageOfThoseThatCount", percent(50), "1u 1d 1x 10", "Skkk", 1, false},
        SpreadCase{"TakenOutStaysOut", count(2), "1u 1d 1x 10", "SSkk", 1, true},
        SpreadCase{"NothingIsDown", count(2), "1u 1x 1x", "Skk", 1, false},
        SpreadCase{"EverythingIsTakenOut", count(1), "1x 1x", "kk", 1, false},
        SpreadCase{"NoResultIsNotDown", count(2), "1u 1? 1d", "Skk", 1, false},
        SpreadCase{"ANewPoolServesBeforeItsResults", count(2), "1? 1? 1?", "SSS", 1, false},
        SpreadCase{"NoBackends", count(1), "", "", 1, false}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Tiers, Spread,
    ::testing::Values(
        SpreadCase{"TheFirstServesAlone", {}, "1u 1u 2u", "SSk", 1, false},
        SpreadCase{"TheFirstServesWhileOneOfItIsUp", {}, "1d 1u 2u", "kSk", 1, false},
        SpreadCase{"TheSecondTakesOver", {}, "1d 1d 2u", "kkS", 2, false},
        SpreadCase{"AndTheThird", {}, "1d 2d 3u", "kkS", 3, false},
        SpreadCase{"OperatorsTakeTheFirstOut", {}, "1x 1x 2u", "kkS", 2, false},
        SpreadCase{"NoneIsUp", {}, "1d 2d", "kk", 2, false},
        SpreadCase{"TheSecondJoinsIfTheFirstHasTooFew", count(2), "1u 1d 2u", "SkS", 2, false},
        SpreadCase{"OnlyAsManyTiersAsNeeded", count(2), "1u 1d 2u 3u", "SkSk", 2, false},
        SpreadCase{"AllTiersTogetherAreTooFew", count(2), "1u 1d 2d", "SSS", 2, true},
        SpreadCase{"APercentageIsOfTheFirst", percent(50), "1d 1d 1d 1d 2u 2u", "kkkkSS", 2, false},
        SpreadCase{"TierNumbersMayHaveGaps", {}, "3d 7u 9u", "kSk", 7, false},
        SpreadCase{"WithoutResultsTheFirstServes", {}, "1? 2?", "Sk", 1, false},
        SpreadCase{"ResultsCountMoreThanTiersWithoutOnes", {}, "1? 2u", "kS", 2, false}),
    [](const auto& one) { return one.param.name; });

struct FirstCase {
    std::string name;
    bool failback;
    int writer_before;  // -1: none
    std::string members;
    std::string states;
    int writer;
    int followed = -1;  // the writer at the owner; -1: none
};

void PrintTo(const FirstCase& one, std::ostream* out) {
    *out << one.name;
}

class First : public ::testing::TestWithParam<FirstCase> {};

TEST_P(First, ChoosesTheWriter) {
    const FirstCase& one = GetParam();
    config::Pool pool;
    pool.mode = config::PoolMode::kFirst;
    pool.failback = one.failback;
    std::vector<PoolMember> members = members_of(one.members);
    if (one.writer_before >= 0)
        members[static_cast<std::size_t>(one.writer_before)].was_writer = true;
    if (one.followed >= 0)
        members[static_cast<std::size_t>(one.followed)].is_followed = true;
    const PoolOutcome outcome = apply_policy(pool, members, {});
    EXPECT_EQ(states_of(members), one.states);
    EXPECT_EQ(outcome.writer ? static_cast<int>(*outcome.writer) : -1, one.writer);
}

INSTANTIATE_TEST_SUITE_P(
    Mode, First,
    ::testing::Values(
        FirstCase{"TheMostPreferred", false, -1, "1u 1u 1u", "S--", 0},
        FirstCase{"TheNextIfItIsDown", false, 0, "1d 1u 1u", "-S-", 1},
        FirstCase{"ItGoesOnWhenABetterOneIsUp", false, 1, "1u 1u 1u", "-S-", 1},
        FirstCase{"FailbackGivesItBack", true, 1, "1u 1u 1u", "S--", 0},
        FirstCase{"OneThatIsDrainedIsReplaced", false, 0, "1x 1u", "-S", 1},
        FirstCase{"OneThatIsDrainedKeepsItsFlowsIfThereIsNoOther", false, 0, "1x 1d", "k-", 0},
        FirstCase{"TheFormerOneKeepsItsFlowsWhileNoneIsUp", false, 1, "1d 1d", "-k", 1},
        FirstCase{"ItGoesOnIfAllComeUpAgain", false, 1, "1u 1u", "-S", 1},
        FirstCase{"ANewPoolBeginsWithTheMostPreferred", false, -1, "1? 1u", "S-", 0},
        FirstCase{"NoneIsUpInANewPool", false, -1, "1d 1d", "--", -1},
        FirstCase{"ANewBackendWaitsForItsResult", true, 1, "1? 1u", "-S", 1},
        FirstCase{"ANewBackendDoesNotReplaceTheWriterUnchecked", false, 1, "1? 1d 1u", "--S", 2},
        FirstCase{"ABackupHasThatOfTheOwner", false, 0, "1u 1u 1u", "--S", 2, 2},
        FirstCase{"AlsoWithFailback", true, 0, "1u 1u 1u", "-S-", 1, 1},
        FirstCase{"AndInANewPool", false, -1, "1? 1? 1?", "-S-", 1, 1},
        FirstCase{"UnlessItIsDownHere", false, 0, "1u 1d 1u", "S--", 0, 1},
        FirstCase{"OrDrainedHere", false, 0, "1u 1x 1u", "S--", 0, 1},
        FirstCase{"OrHasNoResultHereYet", false, 0, "1u 1? 1u", "S--", 0, 1}),
    [](const auto& one) { return one.param.name; });

class SlowStart : public ::testing::Test {
  protected:
    SlowStart() { pool_.slow_start_ms = 1000; }

    // The previous entry of a backend.
    static abi::BackendEntry entry(BackendState state, BackendHealth health,
                                   std::uint64_t came_up_at_ms = 0) {
        abi::BackendEntry made{};
        made.weight = 100;
        made.state = static_cast<std::uint8_t>(state);
        made.health = static_cast<std::uint8_t>(health);
        made.came_up_at_ms = came_up_at_ms;
        return made;
    }

    // The weight of the first backend, which had that entry, beside one that has always served.
    std::uint32_t weight(const abi::BackendEntry* previous, const std::string& members = "1u 1u",
                         bool is_new = false) {
        const abi::BackendEntry other = entry(BackendState::kServing, BackendHealth::kUp);
        members_ = members_of(members);
        members_[0].previous = previous;
        for (std::size_t i = 1; i < members_.size(); ++i)
            members_[i].previous = &other;
        apply_policy(pool_, members_, {.is_new = is_new, .now_ms = 50'000});
        for (std::size_t i = 1; i < members_.size(); ++i)
            EXPECT_EQ(members_[i].ring_weight, members_[i].weight);
        return members_[0].ring_weight;
    }

    config::Pool pool_;
    std::vector<PoolMember> members_;
};

TEST_F(SlowStart, OneThatComesUpBeginsWithATenth) {
    const abi::BackendEntry down = entry(BackendState::kDown, BackendHealth::kDown);
    EXPECT_EQ(weight(&down), 10u);
    EXPECT_EQ(members_[0].came_up_at_ms, 50'000u);
    const abi::BackendEntry waiting = entry(BackendState::kDraining, BackendHealth::kUnknown);
    EXPECT_EQ(weight(&waiting), 10u);
    pool_.slow_start_ms = 0;
    EXPECT_EQ(weight(&down), 100u);
}

TEST_F(SlowStart, SoDoesANewOneButNotInANewPool) {
    EXPECT_EQ(weight(nullptr), 10u);
    EXPECT_EQ(weight(nullptr, "1u 1u", true), 100u);
}

TEST_F(SlowStart, SoDoesOneThatAnOperatorSetsReady) {
    abi::BackendEntry maint = entry(BackendState::kDown, BackendHealth::kUp);
    maint.admin = static_cast<std::uint8_t>(BackendAdmin::kMaint);
    EXPECT_EQ(weight(&maint), 10u);
}

TEST_F(SlowStart, ABackupTierHasItsWeightAtOnce) {
    const abi::BackendEntry standby = entry(BackendState::kDraining, BackendHealth::kUp);
    EXPECT_EQ(weight(&standby, "2u 1d 2u"), 100u);
}

TEST_F(SlowStart, TheWeightRisesAndIsWholeInTheEnd) {
    for (const auto& [up_for_ms, expected] : std::vector<std::pair<std::uint64_t, std::uint32_t>>{
             {0, 10}, {99, 10}, {100, 20}, {550, 60}, {899, 90}, {900, 100}, {5000, 100}}) {
        const abi::BackendEntry before =
            entry(BackendState::kServing, BackendHealth::kUp, 50'000 - up_for_ms);
        EXPECT_EQ(weight(&before), expected) << up_for_ms;
        EXPECT_EQ(members_[0].came_up_at_ms, expected < 100 ? 50'000 - up_for_ms : 0) << up_for_ms;
    }
}

TEST_F(SlowStart, OneThatServesAloneHasAllOfItsWeight) {
    const abi::BackendEntry down = entry(BackendState::kDown, BackendHealth::kDown);
    EXPECT_EQ(weight(&down, "1u 1d"), 100u);
    EXPECT_EQ(members_[0].came_up_at_ms, 0u);
}

TEST_F(SlowStart, APoolThatFailsOpenUsesAllWeights) {
    pool_.min_up.count = 3;
    const abi::BackendEntry down = entry(BackendState::kDown, BackendHealth::kDown);
    EXPECT_EQ(weight(&down, "1u 1u 1d"), 100u);
}

}  // namespace
}  // namespace vipfwd::table
