// SPDX-License-Identifier: Apache-2.0
#include "control/table/unnamed_indices.h"

#include <gtest/gtest.h>

#include "dataplane/abi/mapping.h"
#include "tests/control/table/publish_fixture.h"

namespace vipfwd::table {
namespace {

constexpr std::uint64_t kRequest = 3;
constexpr std::uint64_t kRetiredIn = 8;

// The pool "web", of which the first backend is retired; two workers, whose flows name no backend.
class UnnamedIndicesTest : public ::testing::Test {
  protected:
    UnnamedIndicesTest() {
        const config::Config config = sample::config();
        config::Config without = config;
        without.pools[0].backends.erase(without.pools[0].backends.begin());
        Tables before = sample::must_build(config).tables;
        before.generation = kRetiredIn - 1;
        tables_ = sample::must_build(without, before).tables;
        web_class_ = tables_.services[0].flow_class;
        for (const std::uint32_t worker : {0u, 5u}) {
            status_->workers[worker].heartbeat_ns.store(1);
            status_->censuses[worker].begin(kRequest, kRetiredIn);
            status_->censuses[worker].finish();
        }
    }

    abi::FlowCensus& census(std::uint32_t worker = 5) { return status_->censuses[worker]; }
    bool is_unnamed(std::size_t backend = 0) const {
        return find_unnamed(tables_, {status_, kRequest})[backend];
    }

    Tables tables_;
    std::uint8_t web_class_ = 0;
    // A mapping has zeroed pages only where they are used.
    const abi::RegionMapping region_ = abi::RegionMapping::create("vipfwd-test", false).value();
    abi::RegionMapping dataplane_ =
        abi::RegionMapping::map(duplicate(region_.fd()), abi::RegionSide::kDataplane).value();
    abi::DataplaneStatus* const status_ = &dataplane_.status_for_writing();
};

TEST_F(UnnamedIndicesTest, ARetiredBackendThatNoFlowNamesIsFound) {
    EXPECT_TRUE(is_unnamed());
    EXPECT_FALSE(is_unnamed(1)) << "it serves";
}

TEST_F(UnnamedIndicesTest, AFlowOfOneWorkerSuffices) {
    census().mark(web_class_, 0);
    EXPECT_FALSE(is_unnamed());
}

TEST_F(UnnamedIndicesTest, FlowsOfOtherIndicesAndOfClassesThatDoNotUseThePoolDoNotCount) {
    census().mark(web_class_, 1);
    census().mark(static_cast<std::uint8_t>(web_class_ + 100), 0);
    EXPECT_TRUE(is_unnamed());
    tables_.pools[0].flow_classes[(web_class_ + 100) / 64] |= std::uint64_t{1}
                                                              << (web_class_ + 100) % 64;
    EXPECT_FALSE(is_unnamed());
}

TEST_F(UnnamedIndicesTest, ACensusThatBeganBeforeTheBackendWasRetiredDoesNotCount) {
    census().generation.store(kRetiredIn - 1);
    EXPECT_FALSE(is_unnamed());
}

TEST_F(UnnamedIndicesTest, AllWorkersThatRunMustBeDone) {
    const Census census_of_all{status_, kRequest};
    EXPECT_TRUE(census_of_all.is_done());
    census().begin(kRequest, kRetiredIn);
    census().done.store(kRequest - 1);
    EXPECT_FALSE(census_of_all.is_done());
    EXPECT_FALSE(is_unnamed());
    status_->workers[5].heartbeat_ns.store(0);
    EXPECT_TRUE(is_unnamed());
    status_->workers[0].heartbeat_ns.store(0);
    EXPECT_FALSE(is_unnamed()) << "no worker runs";
}

TEST_F(UnnamedIndicesTest, WithoutARequestOrADataplaneNothingIsKnown) {
    EXPECT_FALSE(Census{}.is_done());
    EXPECT_FALSE((Census{status_, 0}.is_done()));
    EXPECT_FALSE(find_unnamed(tables_, {})[0]);
}

}  // namespace
}  // namespace vipfwd::table
