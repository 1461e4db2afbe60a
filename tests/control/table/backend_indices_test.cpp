// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_indices.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

abi::BackendEntry serving_entry(const IpAddress& address) {
    abi::BackendEntry made{};
    made.address = address;
    made.state = static_cast<std::uint8_t>(abi::BackendState::kServing);
    return made;
}

// The entries of a pool in the previous generation, and the same backends configured.
class BackendIndicesTest : public ::testing::Test {
  protected:
    static constexpr std::uint32_t kNow_s = 10'000;
    static constexpr std::uint32_t kMemory_s = 500;

    BackendIndicesTest() {
        pool_.backends = sample::config().pools[0].backends;
        for (const config::Backend& backend : pool_.backends)
            previous_.push_back(serving_entry(backend.address));
    }

    BackendIndices indices() const {
        return assign_indices(
            previous_, pool_,
            [](const abi::BackendEntry& one) { return kNow_s - one.time_s > kMemory_s; },
            TakeOver::kNo);
    }
    void retire(std::size_t index, std::uint32_t age_s) {
        previous_[index].state = static_cast<std::uint8_t>(abi::BackendState::kRetired);
        previous_[index].time_s = kNow_s - age_s;
    }
    void expect_all_keep_their_index() const {
        const BackendIndices all = indices();
        ASSERT_EQ(all.size(), previous_.size());
        EXPECT_FALSE(all.any_new());
        for (std::uint32_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(all[i].previous, &previous_[i]);
            EXPECT_EQ(pool_.backends.at(all[i].configured.value()).address, previous_[i].address);
            EXPECT_FALSE(all[i].is_new);
        }
    }

    config::Pool pool_;
    std::vector<abi::BackendEntry> previous_;
};

TEST_F(BackendIndicesTest, BackendsKeepTheirIndexInWhateverOrderTheyAreConfigured) {
    expect_all_keep_their_index();
    std::reverse(pool_.backends.begin(), pool_.backends.end());
    expect_all_keep_their_index();
}

TEST_F(BackendIndicesTest, ABackendThatComesBackGetsItsIndexBackHoweverLongItWasAway) {
    retire(1, 2 * kMemory_s);
    retire(2, 1);
    expect_all_keep_their_index();
    std::swap(pool_.backends[0], pool_.backends[1]);
    expect_all_keep_their_index();
}

TEST_F(BackendIndicesTest, TheIndexOfARemovedBackendIsNobodysAtFirst) {
    pool_.backends.erase(pool_.backends.begin());
    const BackendIndices left = indices();
    ASSERT_EQ(left.size(), 3u);
    EXPECT_FALSE(left[0].configured);
    EXPECT_EQ(left[1].configured, 0u);
    EXPECT_FALSE(left.any_new());
}

TEST_F(BackendIndicesTest, AnAddedBackendGetsAnIndexThatNoFlowCanName) {
    pool_.backends[1] = sample::backend("new", "10.0.0.99");
    EXPECT_EQ(indices().size(), 4u);
    EXPECT_TRUE(indices()[3].is_new);
    EXPECT_EQ(indices()[3].previous, nullptr);
    retire(1, kMemory_s + 1);
    EXPECT_EQ(indices().size(), 3u);
    EXPECT_TRUE(indices()[1].is_new);
    EXPECT_TRUE(indices().any_new());
}

TEST_F(BackendIndicesTest, IndicesOfRemovedBackendsAreTakenOverOldestFirst) {
    retire(0, 1);
    retire(1, 2);
    pool_.backends = {sample::backend("new", "10.0.0.98"), sample::backend("newer", "10.0.0.99")};
    const auto none = [](const abi::BackendEntry&) { return false; };
    const BackendIndices all = assign_indices(previous_, pool_, none, TakeOver::kYes);
    ASSERT_EQ(all.size(), 2u) << "the last one, which is removed just now, is not needed";
    EXPECT_EQ(all[0].configured, 1u);
    EXPECT_EQ(all[1].configured, 0u) << "it was retired before";
    EXPECT_TRUE(all[0].is_new && all[1].is_new);
}

TEST_F(BackendIndicesTest, APoolWithoutBackendsHasNoIndices) {
    pool_.backends.clear();
    previous_.clear();
    EXPECT_EQ(indices().size(), 0u);
    pool_.backends.push_back(sample::backend("first", "10.0.0.1"));
    EXPECT_EQ(indices().size(), 1u);
    EXPECT_TRUE(indices().any_new());
}

}  // namespace
}  // namespace vipfwd::table
