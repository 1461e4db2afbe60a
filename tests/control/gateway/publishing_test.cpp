// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/publishing.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "dataplane/abi/mapping.h"
#include "tests/control/table/sample.h"

namespace vipfwd::gateway {
namespace {

using table::sample::ip;

class PublishingTest : public testing::Test {
  protected:
    PublishingTest() { config_.dataplane.memory = abi::Memory::kNormal; }

    PublishInputs inputs() const {
        return {.config = std::make_shared<const config::Config>(config_),
                .facts = table::sample::facts(),
                .facts_are_complete = complete_,
                .dataplane_is_connected = connected_,
                .dataplane_is_ready = ready_,
                .rejected_generation = rejected_};
    }
    std::optional<std::uint64_t> refresh() {
        std::optional<PublishJob> job = publishing_.begin(inputs());
        if (!job)
            return std::nullopt;
        job->run();
        return publishing_.finish(std::move(*job));
    }
    // A copy of the fd, as a dataplane receives it.
    abi::Fd provide(abi::Fd handed_back = {}) {
        const Result<int> fd = publishing_.provide_region(std::move(handed_back), config_);
        EXPECT_TRUE(fd);
        return abi::Fd(fcntl(*fd, F_DUPFD_CLOEXEC, 0));
    }
    // A dataplane that forwards by the generation in force.
    void start_dataplane() {
        region_.emplace(abi::RegionMapping::map(provide(), abi::RegionSide::kDataplane).value());
        region_->status_for_writing().booted = region_->control().boot;
        connected_ = ready_ = true;
        acknowledge();
    }
    void acknowledge() {
        abi::WorkerStatus& worker = region_->status_for_writing().workers[0];
        worker.heartbeat_ns.store(1);
        worker.generation.store(publishing_.publisher()->generation());
    }
    void add_backend(const std::string& name, const std::string& address) {
        config_.pools[0].backends.push_back(table::sample::backend(name, address));
    }

    config::Config config_ = table::sample::config();
    bool complete_ = true;
    bool connected_ = false;
    bool ready_ = false;
    std::uint64_t rejected_ = 0;
    std::optional<abi::RegionMapping> region_;
    Publishing publishing_;
};

TEST_F(PublishingTest, WithoutARegionNothingIsPublished) {
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_EQ(publishing_.publisher(), nullptr);
    EXPECT_EQ(publishing_.status(), nullptr);
    EXPECT_TRUE(publishing_.trial_base().build(config_)) << "a trial build needs none";
}

TEST_F(PublishingTest, ChangedTablesArePublishedAndUnchangedOnesAreNot) {
    provide();
    EXPECT_EQ(refresh(), 1u);
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_FALSE(publishing_.pending());
    add_backend("web4", "10.0.0.14");
    EXPECT_EQ(refresh(), 2u);
}

TEST_F(PublishingTest, IncompleteFactsArePublishedLater) {
    provide();
    complete_ = false;
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_TRUE(publishing_.pending());
    complete_ = true;
    EXPECT_EQ(refresh(), 1u);
    EXPECT_FALSE(publishing_.pending());
}

TEST_F(PublishingTest, ADataplaneThatHasNotCaughtUpIsWaitedFor) {
    start_dataplane();
    EXPECT_EQ(refresh(), 1u);
    add_backend("web4", "10.0.0.14");
    EXPECT_EQ(refresh(), std::nullopt) << "generation 1 is not acknowledged";
    EXPECT_TRUE(publishing_.pending());
    acknowledge();
    EXPECT_EQ(refresh(), 2u);
    connected_ = ready_ = false;
    add_backend("web5", "10.0.0.15");
    EXPECT_EQ(refresh(), 3u) << "a dataplane that is gone is not waited for";
}

TEST_F(PublishingTest, ADataplaneThatRejectedAGenerationGetsTheNextOne) {
    start_dataplane();
    EXPECT_EQ(refresh(), 1u);
    rejected_ = 1;
    add_backend("web4", "10.0.0.14");
    EXPECT_EQ(refresh(), 2u);
}

TEST_F(PublishingTest, AValidRegionThatIsHandedBackIsAdopted) {
    abi::Fd kept = provide();
    ASSERT_EQ(refresh(), 1u);
    const std::uint64_t id = publishing_.publisher()->region().region_id();
    publishing_ = Publishing();  // control restarts
    provide(std::move(kept));
    EXPECT_EQ(publishing_.publisher()->region().region_id(), id);
    EXPECT_EQ(publishing_.publisher()->generation(), 1u);
    EXPECT_TRUE(publishing_.pending()) << "something may have changed in the meantime";
    EXPECT_EQ(refresh(), std::nullopt) << "nothing has";
    EXPECT_FALSE(publishing_.pending());
}

TEST_F(PublishingTest, AnInvalidRegionThatIsHandedBackIsReplaced) {
    provide(abi::Fd(open("/dev/null", O_RDWR | O_CLOEXEC)));
    ASSERT_NE(publishing_.publisher(), nullptr);
    EXPECT_EQ(refresh(), 1u);
}

TEST_F(PublishingTest, AKnownRegionIsPreferredToOneThatIsHandedBack) {
    provide();
    const std::uint64_t id = publishing_.publisher()->region().region_id();
    Publishing other;
    const int fd = other.provide_region({}, config_).value();
    provide(abi::Fd(fcntl(fd, F_DUPFD_CLOEXEC, 0)));
    EXPECT_EQ(publishing_.publisher()->region().region_id(), id);
}

TEST_F(PublishingTest, TheTablesFollowThePortsThatTheDataplaneWasStartedWith) {
    start_dataplane();
    EXPECT_EQ(publishing_.boot_in_force(config_, true).port_count, 1u);
    config::Port other;
    other.name = "inside";
    other.device = "eth2";
    config_.ports.push_back(other);
    publishing_.store_boot_parameters(config_);
    EXPECT_EQ(region_->control().boot.port_count, 2u) << "for the next start";
    EXPECT_EQ(publishing_.boot_in_force(config_, true).port_count, 1u);
    EXPECT_EQ(publishing_.boot_in_force(config_, false).port_count, 2u);
}

TEST_F(PublishingTest, ATrialBuildChangesNothing) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    config::Config candidate = config_;
    candidate.pools[0].backends.clear();
    EXPECT_TRUE(publishing_.trial_base().build(candidate));
    EXPECT_EQ(refresh(), std::nullopt);
}

TEST_F(PublishingTest, TheRingsOfATrialArePublished) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    add_backend("web4", "10.0.0.14");
    const auto trial =
        std::make_shared<table::Build>(publishing_.trial_base().build(config_).value());
    ASSERT_EQ(trial->new_rings.size(), 1u);
    auto marked = std::make_shared<table::RingSlots>(*trial->new_rings[0].slots);
    std::ranges::fill(*marked, std::uint16_t{2});
    trial->new_rings[0].slots = marked;
    publishing_.use_rings(trial);
    EXPECT_EQ(refresh(), 2u);
    EXPECT_TRUE(std::ranges::equal(
        publishing_.publisher()->ring(publishing_.publisher()->in_force().pools[0]), *marked))
        << "they are not built again";
    EXPECT_EQ(marked.use_count(), 2) << "here and in the trial: publishing keeps none";
}

TEST_F(PublishingTest, ARetiredBackendGoesOnceTheWorkersFlowsDoNotNameIt) {
    constexpr std::int64_t kPeriod_ns = Publishing::kCensusPeriod_ns;
    start_dataplane();
    ASSERT_EQ(refresh(), 1u);
    acknowledge();
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns)) << "no backend is retired";
    config_.pools[0].backends.pop_back();
    ASSERT_EQ(refresh(), 2u);
    abi::FlowCensus& census = region_->status_for_writing().censuses[0];
    const auto request = [&] { return region_->control().census_request.load(); };
    const auto answer = [&](bool names_it) {
        census.begin(request(), publishing_.publisher()->generation());
        if (names_it)
            census.mark(publishing_.publisher()->in_force().services[0].flow_class, 2);
        census.finish();
    };
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns));
    EXPECT_EQ(request(), 0u) << "the worker has not acknowledged it";
    acknowledge();
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns));
    EXPECT_EQ(request(), 1u);
    EXPECT_FALSE(publishing_.run_census(9 * kPeriod_ns)) << "there is no answer yet";
    EXPECT_EQ(request(), 1u);
    answer(true);
    EXPECT_TRUE(publishing_.run_census(kPeriod_ns + 1));
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns + 2));
    EXPECT_EQ(request(), 1u) << "not so soon";
    EXPECT_FALSE(publishing_.run_census(2 * kPeriod_ns));
    EXPECT_EQ(request(), 2u);
    answer(false);
    EXPECT_TRUE(publishing_.run_census(2 * kPeriod_ns + 1));
    EXPECT_EQ(publishing_.trial_base().build(config_)->tables.pools[0].backend_count, 2u);
    ASSERT_EQ(refresh(), 3u);
    EXPECT_EQ(publishing_.publisher()->in_force().pools[0].backend_count, 2u);
    acknowledge();
    EXPECT_FALSE(publishing_.run_census(9 * kPeriod_ns));
    EXPECT_EQ(request(), 2u) << "nothing is left to ask for";
}

TEST_F(PublishingTest, ACountForAReloadGoesBeforeTheCensusOfRetiredBackends) {
    constexpr std::int64_t kPeriod_ns = Publishing::kCensusPeriod_ns;
    start_dataplane();
    ASSERT_EQ(refresh(), 1u);
    acknowledge();
    config_.pools[0].backends.pop_back();
    ASSERT_EQ(refresh(), 2u);
    acknowledge();
    const abi::ControlArea& area = region_->control();
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns));
    EXPECT_EQ(area.census_request.load(), 1u);
    publishing_.request_count(std::vector<std::uint32_t>{7});
    EXPECT_EQ(area.census_request.load(), 2u);
    EXPECT_EQ(area.watched.count.load(), 1u);
    EXPECT_EQ(area.watched.keys[0].load(), 7u);
    EXPECT_FALSE(publishing_.run_census(9 * kPeriod_ns));
    EXPECT_EQ(area.census_request.load(), 2u);
    publishing_.end_count();
    EXPECT_FALSE(publishing_.run_census(kPeriod_ns + 1));
    EXPECT_EQ(area.census_request.load(), 3u) << "the one without an answer is repeated at once";
}

TEST_F(PublishingTest, TheMemoryOfReplacedRingsIsGivenBackOnceWorkersHaveCaughtUp) {
    start_dataplane();
    ASSERT_EQ(refresh(), 1u);
    acknowledge();
    const abi::PoolEntry replaced = publishing_.publisher()->in_force().pools[0];
    add_backend("web4", "10.0.0.14");
    ASSERT_EQ(refresh(), 2u);
    EXPECT_FALSE(publishing_.watch_region(0)) << "the worker may still read it";
    acknowledge();
    EXPECT_TRUE(publishing_.watch_region(0));
    const auto slots = publishing_.publisher()->ring(replaced);
    const auto sum = [&] { return std::accumulate(slots.begin(), slots.end(), 0u); };
    const std::uint32_t before = sum();
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_LT(sum(), before / 10) << "released pages read as zeros";
    EXPECT_FALSE(publishing_.watch_region(0));
}

TEST_F(PublishingTest, WhatIsRepairedMeanwhileIsBegunAgain) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    add_backend("web4", "10.0.0.14");
    std::optional<PublishJob> job = publishing_.begin(inputs());
    ASSERT_TRUE(job);
    job->run();
    const table::Publisher& publisher = *publishing_.publisher();
    const abi::PoolEntry db = publisher.in_force().pools[1];
    const_cast<std::uint16_t&>(publisher.ring(db)[7]) ^= 1;
    EXPECT_TRUE(publishing_.watch_region(0));
    EXPECT_EQ(publishing_.finish(std::move(*job)), std::nullopt) << "it refers to the damaged ring";
    EXPECT_TRUE(publishing_.pending());
    EXPECT_EQ(refresh(), 2u);
    EXPECT_FALSE(publisher.must_publish());
}

// Counts for how many backends a next hop is looked up.
class RebuildTest : public PublishingTest {
  protected:
    RebuildTest() {
        config_.pools[0].check.type = config::CheckType::kTcp;
        facts_.next_hops = std::make_shared<const net::NextHops>(
            std::vector<std::pair<IpAddress, net::NextHop>>());
        facts_.next_hop = [this](const IpAddress&) {
            ++lookups_;
            return std::nullopt;
        };
        configure();
    }

    void configure() {
        const auto config = std::make_shared<const config::Config>(config_);
        standings_ = {config, std::make_shared<const health::BackendNumbers>(*config), {}};
        standings_.backends.assign(standings_.numbers->count(),
                                   {.verdict = health::Verdict::kGood});
    }
    std::optional<std::uint64_t> refresh() {
        lookups_ = 0;
        PublishInputs given = inputs();
        given.config = standings_.config;
        given.facts = facts_;
        given.standings = std::make_shared<const health::Standings>(standings_);
        given.choices = choices_;
        std::optional<PublishJob> job = publishing_.begin(std::move(given));
        job->run();
        return publishing_.finish(std::move(*job));
    }
    void fail(std::size_t backend) {
        standings_.backends[backend] = {
            .verdict = health::Verdict::kBad,
            .failure = std::make_shared<const health::Failure>(health::Failure{.reason = "why"})};
    }

    net::Facts facts_ = table::sample::facts();
    health::Standings standings_;
    std::shared_ptr<const health::AdminChoices> choices_ =
        std::make_shared<const health::AdminChoices>();
    int lookups_ = 0;
};

TEST_F(RebuildTest, AChangeOfBackendsConcernsTheirPoolsOnly) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    EXPECT_EQ(lookups_, 4) << "of all backends of both pools";
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_EQ(lookups_, 0);
    fail(1);
    EXPECT_EQ(refresh(), 2u);
    EXPECT_EQ(lookups_, 3);
    auto choices = std::make_shared<health::AdminChoices>();
    choices->set("db", ip("10.0.0.21"), {.weight = 7});
    choices_ = choices;
    EXPECT_EQ(refresh(), 3u);
    EXPECT_EQ(lookups_, 1);
}

TEST_F(RebuildTest, AllIsBuiltIfAnythingElseDiffers) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    facts_.next_hops = std::make_shared<const net::NextHops>(*facts_.next_hops);
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_EQ(lookups_, 4) << "other next hops";
    facts_.ports[0].mtu = 1400;
    EXPECT_EQ(refresh(), 2u);
    EXPECT_EQ(lookups_, 4) << "another MTU";
    configure();
    EXPECT_EQ(refresh(), std::nullopt);
    EXPECT_EQ(lookups_, 4) << "another configuration";
    fail(1);
    EXPECT_EQ(refresh(), 3u);
    EXPECT_EQ(lookups_, 3);
}

TEST_F(RebuildTest, RetiredBackendsAreGivenBack) {
    provide();
    ASSERT_EQ(refresh(), 1u);
    config_.pools[0].backends.pop_back();
    configure();
    ASSERT_EQ(refresh(), 2u);
    fail(0);
    EXPECT_EQ(refresh(), 3u);
    EXPECT_EQ(lookups_, 3) << "of both pools, as long as one has a retired backend";
}

}  // namespace
}  // namespace vipfwd::gateway
