// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/generation_intake.h"

#include "tests/dataplane/path/region_fixture.h"

namespace vipfwd::path {
namespace {

using Outcome = GenerationIntake::Taken::Outcome;

// With two workers.
class GenerationIntakeTest : public RegionFixture {
  protected:
    GenerationIntakeTest() { intake_.use_region(region_); }

    GenerationIntake::Taken take() { return intake_.take(facts_); }
    void take_and_settle() {
        ASSERT_EQ(take().outcome, Outcome::kOffered);
        use(0);
        use(1);
        ASSERT_TRUE(intake_.finish_change());
    }
    void use(std::uint32_t worker) { exchange_.use(worker, exchange_.newest()); }
    // A generation that validation rejects.
    void publish_invalid(std::uint64_t number, std::uint32_t store) {
        publish(number, store);
        area().generations[store].header.checksum ^= 1;
    }

    std::vector<host::PortFacts> facts_{{{{2, 0, 0, 0, 0, 9}}, 1500, 9000}};
    Exchange exchange_{2};
    GenerationIntake intake_{exchange_};
};

TEST_F(GenerationIntakeTest, BeforeControlPublishesThereIsNothingToTake) {
    EXPECT_EQ(take().outcome, Outcome::kNothing);
    EXPECT_TRUE(intake_.settled());
    EXPECT_FALSE(intake_.finish_change());
}

TEST_F(GenerationIntakeTest, APublishedGenerationIsOfferedOnce) {
    publish(1, 0);
    const auto taken = take();
    EXPECT_EQ(taken.outcome, Outcome::kOffered);
    EXPECT_EQ(taken.generation, 1u);
    EXPECT_EQ(exchange_.newest()->generation(), 1u);
    use(0);
    use(1);
    EXPECT_TRUE(intake_.finish_change());
    EXPECT_EQ(take().outcome, Outcome::kNothing);
}

TEST_F(GenerationIntakeTest, AChangeIsFinishedOnceWhenAllWorkersUseIt) {
    publish(1, 0);
    take();
    EXPECT_FALSE(intake_.settled());
    use(0);
    EXPECT_FALSE(intake_.finish_change());
    use(1);
    EXPECT_TRUE(intake_.finish_change());
    EXPECT_TRUE(intake_.settled());
    EXPECT_FALSE(intake_.finish_change());
}

TEST_F(GenerationIntakeTest, ANextGenerationWaitsUntilTheChangeIsFinished) {
    publish(1, 0);
    take();
    publish(2, 1);
    use(0);
    EXPECT_EQ(take().outcome, Outcome::kNothing);
    use(1);
    EXPECT_EQ(take().outcome, Outcome::kNothing);
    ASSERT_TRUE(intake_.finish_change());
    const auto taken = take();
    EXPECT_EQ(taken.outcome, Outcome::kOffered);
    EXPECT_EQ(taken.generation, 2u);
}

TEST_F(GenerationIntakeTest, AnInvalidGenerationIsRejectedOnceAndThePreviousOneStays) {
    publish(1, 0);
    take_and_settle();
    publish_invalid(2, 1);
    const auto taken = take();
    EXPECT_EQ(taken.outcome, Outcome::kRejected);
    EXPECT_EQ(taken.generation, 2u);
    EXPECT_NE(taken.error, "");
    EXPECT_TRUE(intake_.rejected());
    EXPECT_EQ(exchange_.newest()->generation(), 1u);
    EXPECT_EQ(take().outcome, Outcome::kNothing);
}

TEST_F(GenerationIntakeTest, AfterARejectionTheNextGenerationIsTaken) {
    publish(1, 0);
    take_and_settle();
    publish_invalid(2, 1);
    take();
    publish(3, 1);
    EXPECT_EQ(take().outcome, Outcome::kOffered);
    EXPECT_FALSE(intake_.rejected());
}

TEST_F(GenerationIntakeTest, RetakeJudgesTheActiveGenerationAgain) {
    publish_invalid(1, 0);
    EXPECT_EQ(take().outcome, Outcome::kRejected);
    intake_.retake();
    EXPECT_EQ(take().outcome, Outcome::kRejected);
}

TEST_F(GenerationIntakeTest, RetakeOffersTheGenerationWithNewPortFacts) {
    publish(1, 0);
    take_and_settle();
    facts_[0].mtu = 1400;
    intake_.retake();
    take_and_settle();
    EXPECT_EQ(exchange_.newest()->generation(), 1u);
    EXPECT_EQ(exchange_.newest()->tables.ports[0].mtu, 1400u);
}

TEST_F(GenerationIntakeTest, AGenerationForOtherPortsIsRejected) {
    publish(1, 0);
    facts_.clear();
    EXPECT_EQ(take().outcome, Outcome::kRejected);
}

// As after a restart of control that made another region.
TEST_F(GenerationIntakeTest, UntilANewRegionHasAGenerationWorkersUseThePreviousRegion) {
    publish(7, 0);
    take_and_settle();
    abi::RegionMapping other = *abi::RegionMapping::create("other", false);
    auto mapped = std::make_shared<abi::RegionMapping>(*abi::RegionMapping::map(
        abi::Fd(fcntl(other.fd(), F_DUPFD_CLOEXEC, 0)), abi::RegionSide::kDataplane));
    intake_.use_region(mapped);
    EXPECT_EQ(take().outcome, Outcome::kNothing);
    EXPECT_EQ(exchange_.newest()->region, region_);

    std::swap(control_, other);
    publish(7, 0);
    take_and_settle();
    EXPECT_EQ(exchange_.newest()->region, mapped);
    EXPECT_EQ(exchange_.newest()->generation(), 7u);
}

TEST_F(GenerationIntakeTest, ThePreviousRegionIsReleasedWhenTheChangeIsFinished) {
    publish(1, 0);
    take_and_settle();
    const std::weak_ptr<abi::RegionMapping> previous = region_;
    region_.reset();
    abi::RegionMapping other = *abi::RegionMapping::create("other", false);
    intake_.use_region(std::make_shared<abi::RegionMapping>(*abi::RegionMapping::map(
        abi::Fd(fcntl(other.fd(), F_DUPFD_CLOEXEC, 0)), abi::RegionSide::kDataplane)));
    std::swap(control_, other);
    publish(1, 0);
    take();
    EXPECT_FALSE(previous.expired());
    use(0);
    use(1);
    intake_.finish_change();
    EXPECT_TRUE(previous.expired());
}

}  // namespace
}  // namespace vipfwd::path
