// SPDX-License-Identifier: Apache-2.0
#include "control/table/carry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

constexpr std::uint32_t kToday_s = 10'000;
constexpr std::uint32_t kRemembered_s = 500;

abi::BackendEntry row(const IpAddress& address) {
    abi::BackendEntry made{};
    made.address = address;
    made.state = static_cast<std::uint8_t>(abi::BackendState::kServing);
    return made;
}

// A row of backends, and a pool that has the same ones.
class SeatsTest : public ::testing::Test {
  protected:
    SeatsTest() {
        pool_.backends = sample::config().pools[0].backends;
        for (const config::Backend& backend : pool_.backends)
            before_.push_back(row(backend.address));
    }

    Seats seats() const { return assign_seats(before_, pool_, kToday_s, kRemembered_s); }
    void retire(std::size_t index, std::uint32_t age_s) {
        before_[index].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
        before_[index].retired_at_s = kToday_s - age_s;
    }
    // Every place is that of the backend that had it, whatever its place in the configuration.
    void expect_all_stay() const {
        const Seats all = seats();
        ASSERT_EQ(all.size(), before_.size());
        EXPECT_FALSE(all.any_new());
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(all[i].before, &before_[i]);
            EXPECT_EQ(pool_.backends.at(all[i].holder.value()).address, before_[i].address);
            EXPECT_FALSE(all[i].is_new);
        }
    }

    config::Pool pool_;
    std::vector<abi::BackendEntry> before_;
};

TEST_F(SeatsTest, EverybodyStaysInWhateverOrder) {
    expect_all_stay();
    std::reverse(pool_.backends.begin(), pool_.backends.end());
    expect_all_stay();
}

TEST_F(SeatsTest, WhoComesBackTakesItsPlaceHoweverLongItWasAway) {
    retire(1, 2 * kRemembered_s);
    retire(2, 1);
    expect_all_stay();
    std::swap(pool_.backends[0], pool_.backends[1]);
    expect_all_stay();
}

TEST_F(SeatsTest, WhoIsGoneLeavesItsPlaceEmpty) {
    pool_.backends.erase(pool_.backends.begin());
    const Seats left = seats();
    ASSERT_EQ(left.size(), 3u);
    EXPECT_FALSE(left[0].holder);
    EXPECT_EQ(left[1].holder, 0u);
    EXPECT_FALSE(left.any_new());
}

TEST_F(SeatsTest, ANewcomerGetsAPlaceThatNoFlowCanName) {
    pool_.backends[1] = sample::backend("new", "10.0.0.99");
    EXPECT_EQ(seats().size(), 4u);
    EXPECT_TRUE(seats()[3].is_new);
    EXPECT_EQ(seats()[3].before, nullptr);
    retire(1, kRemembered_s + 1);
    EXPECT_EQ(seats().size(), 3u);
    EXPECT_TRUE(seats()[1].is_new);
    EXPECT_TRUE(seats().any_new());
}

TEST_F(SeatsTest, WithoutBackendsThereIsNoPlace) {
    pool_.backends.clear();
    before_.clear();
    EXPECT_EQ(seats().size(), 0u);
    pool_.backends.push_back(sample::backend("first", "10.0.0.1"));
    EXPECT_EQ(seats().size(), 1u);
    EXPECT_TRUE(seats().any_new());
}

}  // namespace
}  // namespace vipfwd::table
