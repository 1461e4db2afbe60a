// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/flow_census.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::abi {
namespace {

class FlowCensusTest : public ::testing::Test {
  protected:
    std::unique_ptr<FlowCensus> census_ = std::make_unique<FlowCensus>();
};

TEST_F(FlowCensusTest, NamesWhatWasMarked) {
    census_->begin(1, 7);
    for (const auto& [flow_class, index] : {std::pair(0, 0), {64, 63}, {255, 65535}})
        census_->mark(static_cast<std::uint8_t>(flow_class), static_cast<std::uint16_t>(index));
    EXPECT_TRUE(census_->names(0, 0));
    EXPECT_TRUE(census_->names(64, 63));
    EXPECT_TRUE(census_->names(255, 65535));
    EXPECT_FALSE(census_->names(64, 62));
    EXPECT_FALSE(census_->names(65, 63));
    EXPECT_FALSE(census_->names(1, 0));
    EXPECT_EQ(census_->generation.load(), 7u);
}

TEST_F(FlowCensusTest, ARoundForgetsTheOneBefore) {
    census_->begin(1, 1);
    census_->mark(3, 10);
    census_->mark(4, 10);
    census_->begin(2, 1);
    EXPECT_FALSE(census_->names(3, 10));
    census_->mark(3, 11);
    EXPECT_FALSE(census_->names(3, 10));
    EXPECT_TRUE(census_->names(3, 11));
    EXPECT_FALSE(census_->names(4, 10));
}

TEST_F(FlowCensusTest, IsDoneFromTheEndOfItsRoundToTheNextOne) {
    EXPECT_FALSE(census_->is_done(1));
    census_->begin(1, 1);
    EXPECT_FALSE(census_->is_done(1));
    census_->finish();
    EXPECT_TRUE(census_->is_done(1));
    EXPECT_TRUE(census_->is_still_done(1));
    EXPECT_FALSE(census_->is_done(2));
    census_->begin(2, 1);
    EXPECT_FALSE(census_->is_done(1));
    EXPECT_FALSE(census_->is_still_done(1));
}

}  // namespace
}  // namespace vipfwd::abi
