// SPDX-License-Identifier: Apache-2.0
#include "control/table/publish.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <set>

#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/validate.h"
#include "tests/control/table/publish_fixture.h"
#include "tests/control/table/sample.h"
#include "tests/sanitized.h"

namespace vipfwd::table {
namespace {

using abi::ActiveGeneration;

TEST_F(PublishTest, NothingIsInForceAtFirst) {
    EXPECT_EQ(publisher_.generation(), 0u);
    EXPECT_EQ(reader_.read_generation().value(), 0u);
}

TEST_F(PublishTest, GenerationsCountUpAndAreValid) {
    for (std::uint64_t number = 1; number <= 5; ++number) {
        publish(with_backends(static_cast<int>(number)));
        const auto seen = reader_.read_generation();
        ASSERT_TRUE(seen) << seen.error().message;
        EXPECT_EQ(*seen, number);
        EXPECT_EQ(reader_.tables().pools[0].backend_count, number);
    }
}

TEST_F(PublishTest, AnUnchangedRingIsNotWrittenAgain) {
    publish(sample::config());
    const std::uint32_t db = publisher_.in_force().pools[1].ring_store;
    publish(with_backends(7));
    EXPECT_EQ(publisher_.in_force().pools[1].ring_store, db);
    EXPECT_NE(publisher_.in_force().pools[0].ring_store, db);
}

TEST_F(PublishTest, WhatIsPreparedIsNotInForceYet) {
    publish(sample::config());
    const Publisher::Base base = publisher_.begin(true);
    Publisher::Prepared prepared =
        Publisher::prepare(sample::must_build(with_backends(7), *base.tables), base).value();
    EXPECT_EQ(reader_.read_generation().value(), 1u);
    EXPECT_EQ(reader_.tables().pools[0].backend_count, 3u);
    ASSERT_TRUE(publisher_.put_in_force(std::move(prepared)));
    EXPECT_EQ(reader_.read_generation().value(), 2u);
    EXPECT_EQ(reader_.tables().pools[0].backend_count, 7u);
}

TEST_F(PublishTest, WhatFollowsAnotherGenerationIsNotPutInForce) {
    publish(sample::config());
    const Publisher::Base base = publisher_.begin(true);
    Publisher::Prepared prepared =
        Publisher::prepare(sample::must_build(with_backends(7), *base.tables), base).value();
    publish(with_backends(5));
    EXPECT_FALSE(publisher_.put_in_force(std::move(prepared)));
    EXPECT_EQ(reader_.read_generation().value(), 2u);
    EXPECT_EQ(reader_.tables().pools[0].backend_count, 5u);
}

TEST_F(PublishTest, PoolsThatShareARingHaveOneStore) {
    config::Config config = sample::config();
    config.pools[1].backends = config.pools[0].backends;
    publish(config);
    const Tables& tables = publisher_.in_force();
    EXPECT_EQ(tables.pools[0].ring_store, tables.pools[1].ring_store);
    EXPECT_EQ(tables.pools[0].ring_checksum, tables.pools[1].ring_checksum);
    EXPECT_EQ(reader_.read_generation().value(), 1u);
    config.pools[1].backends.pop_back();
    publish(config);
    EXPECT_NE(publisher_.in_force().pools[0].ring_store, publisher_.in_force().pools[1].ring_store);
    EXPECT_EQ(reader_.read_generation().value(), 2u);
}

TEST_F(PublishTest, ReplacedRingsAreUnusedUntilWorkersHaveCaughtUp) {
    publish(sample::config());
    EXPECT_FALSE(publisher_.has_unused_rings());
    publish(with_backends(7));
    EXPECT_TRUE(publisher_.has_unused_rings());
    (void)publisher_.begin(false);
    EXPECT_TRUE(publisher_.has_unused_rings());
    Publisher::release_unused_rings(publisher_.begin(true));
    EXPECT_FALSE(publisher_.has_unused_rings());
    EXPECT_EQ(reader_.read_generation().value(), 2u) << "the rings in force are kept";
}

TEST_F(PublishTest, AllLiveWorkersMustAcknowledge) {
    publish(sample::config());
    EXPECT_TRUE(publisher_.all_acknowledged()) << "no worker runs";
    reader_.acknowledge(0, 1);
    reader_.acknowledge(4, 0);
    EXPECT_FALSE(publisher_.all_acknowledged());
    reader_.acknowledge(4, 1);
    EXPECT_TRUE(publisher_.all_acknowledged());
}

TEST_F(PublishTest, RingsOfALaggingWorkerAreNotOverwritten) {
    publish(sample::config());
    std::set<std::uint32_t> stores;
    for (const abi::PoolEntry& pool : publisher_.in_force().pools)
        stores.insert(pool.ring_store);
    // A worker stays at generation 1: no new ring may be written to one of its stores.
    for (int i = 4; i < 40; ++i) {
        publish(with_backends(i), false);
        EXPECT_TRUE(stores.insert(publisher_.in_force().pools[0].ring_store).second);
    }
    publish(with_backends(3), true);
    publish(with_backends(4), true);
    EXPECT_LT(publisher_.in_force().pools[0].ring_store, 4u) << "stores are used again";
}

TEST_F(PublishTest, WithoutAFreeRingStoreNothingChanges) {
    const Build rings = sample::must_build(sample::config());
    Result<void> published;
    std::uint64_t number = 0;
    while (published && number < abi::kRingStores) {
        number = publisher_.generation();
        published = publisher_.publish(rings, false);
    }
    ASSERT_FALSE(published);
    EXPECT_EQ(publisher_.generation(), number);
    EXPECT_EQ(reader_.read_generation().value(), number);
}

TEST_F(PublishTest, ARestartedControlAdoptsTheGenerationInForce) {
    publish(with_backends(5));
    publish(with_backends(6));
    Result<Publisher> adopted = Publisher::adopt(duplicate(publisher_.region().fd()));
    ASSERT_TRUE(adopted) << adopted.error().message;
    EXPECT_EQ(adopted->generation(), 2u);
    EXPECT_TRUE(same(adopted->in_force(), publisher_.in_force()));
    Build next = sample::must_build(with_backends(6), adopted->in_force());
    EXPECT_TRUE(same(next.tables, adopted->in_force())) << "nothing to publish";
    next = sample::must_build(with_backends(7), adopted->in_force());
    ASSERT_TRUE(adopted->publish(std::move(next), true));
    EXPECT_EQ(reader_.read_generation().value(), 3u);
}

TEST_F(PublishTest, ARestartedControlFindsAllThatWasPublished) {
    config::Config config = on_normal_pages();
    config.dataplane.flow_timeouts = {1, 2, 3, 4};
    config.dataplane.new_flows_per_s = 5;
    config.dataplane.service_share_percent = 6;
    config.gateway.gue_port = 6;
    config.services[0].affinity = abi::Affinity::kSource;
    publish(config);
    ASSERT_TRUE(reader_.read_generation());
    EXPECT_EQ(reader_.tables().header.timeouts, config.dataplane.flow_timeouts);
    EXPECT_EQ(reader_.tables().header.new_flows_per_s, 5u);
    EXPECT_EQ(reader_.tables().header.service_share_percent, 6u);
    EXPECT_EQ(reader_.tables().header.gue_port, 6);
    EXPECT_EQ(reader_.tables().services[0].affinity, 1);
    const Publisher adopted = Publisher::adopt(duplicate(publisher_.region().fd())).value();
    EXPECT_TRUE(same(adopted.in_force(), publisher_.in_force()));
    EXPECT_EQ(adopted.in_force().timeouts, config.dataplane.flow_timeouts);
    EXPECT_EQ(adopted.in_force().new_flows_per_s, 5u);
    EXPECT_EQ(adopted.in_force().service_share_percent, 6u);
    EXPECT_EQ(adopted.in_force().gue_port, 6);
}

TEST_F(PublishTest, AfterAdoptionRingsOfALaggingWorkerAreNotOverwritten) {
    publish(with_backends(5));
    const std::uint32_t lagging = publisher_.in_force().pools[0].ring_store;
    publish(with_backends(6), false);
    Publisher adopted = Publisher::adopt(duplicate(publisher_.region().fd())).value();
    ASSERT_TRUE(adopted.publish(sample::must_build(with_backends(7), adopted.in_force()), false));
    EXPECT_NE(adopted.in_force().pools[0].ring_store, lagging);
}

TEST_F(PublishTest, ACorruptRegionIsNotAdopted) {
    publish(sample::config());
    auto writable =
        abi::RegionMapping::map(duplicate(publisher_.region().fd()), abi::RegionSide::kControl)
            .value();
    abi::ControlArea& area = writable.control_for_writing();
    const auto active = ActiveGeneration::unpack(area.active.load());
    const auto adopts = [&] { return Publisher::adopt(duplicate(writable.fd())).has_value(); };
    ASSERT_TRUE(adopts());
    area.generations[active.store].backends[1].weight ^= 1;
    EXPECT_FALSE(adopts());
    area.generations[active.store].backends[1].weight ^= 1;
    std::uint16_t& slot = abi::ring_of(publisher_.in_force().pools[0], area.rings)[100];
    slot ^= 1;
    EXPECT_FALSE(adopts());
    slot ^= 1;
    area.active.store(ActiveGeneration{active.generation, 9}.pack());
    EXPECT_FALSE(adopts());
    area.active.store(ActiveGeneration{active.generation + 1, active.store}.pack());
    EXPECT_FALSE(adopts());
    area.active.store(active.pack());
    EXPECT_TRUE(adopts());
}

TEST_F(PublishTest, AReaderNoticesATornGeneration) {
    publish(sample::config());
    auto writable =
        abi::RegionMapping::map(duplicate(publisher_.region().fd()), abi::RegionSide::kControl)
            .value();
    const auto active = ActiveGeneration::unpack(writable.control().active.load());
    abi::Generation& live = writable.control_for_writing().generations[active.store];
    live.services[0].port_first = live.services[0].port_last = 81;
    EXPECT_FALSE(reader_.read_generation());
}

// Kills the publishing process at a given step. The region is write-protected, so that the first
// write to each page raises SIGSEGV: that is a step.
struct KillingWriter {
    static inline std::uintptr_t page_bytes = 4096;
    static inline int steps_left = 0;

    static void on_write(int, siginfo_t* info, void*) {
        if (steps_left-- == 0)
            kill(getpid(), SIGKILL);
        const auto page = reinterpret_cast<std::uintptr_t>(info->si_addr) & ~(page_bytes - 1);
        mprotect(reinterpret_cast<void*>(page), page_bytes, PROT_READ | PROT_WRITE);
    }

    static void arm(const abi::ControlArea& area, int steps) {
        steps_left = steps;
        struct sigaction action {};
        action.sa_sigaction = on_write;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, nullptr);
        mprotect(const_cast<abi::ControlArea*>(&area), abi::kStatusOffset, PROT_READ);
    }
};

// True if the child published before it would have been killed.
bool publish_in_child(int region_fd, const config::Config& config, int dies_at_step) {
    const pid_t child = fork();
    if (child == 0) {
        Publisher publisher = Publisher::adopt(duplicate(region_fd)).value();
        Build build = sample::must_build(config, publisher.in_force());
        KillingWriter::arm(publisher.region().control(), dies_at_step);
        (void)publisher.publish(std::move(build), true);
        _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) || WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status);
}

TEST_F(PublishTest, AWriterKilledAtAnyStepPublishesNothing) {
    constexpr int kStride = test::kSanitized ? 5 : 1;
    publish(with_backends(300));
    int step = 0;
    while (!publish_in_child(publisher_.region().fd(), with_backends(299), step)) {
        const auto seen = reader_.read_generation();
        ASSERT_TRUE(seen) << seen.error().message << " at step " << step;
        EXPECT_EQ(*seen, 1u) << "at step " << step;
        step += kStride;
    }
    EXPECT_GT(step, 32 + 5) << "a ring alone has 33 pages";
    EXPECT_EQ(reader_.read_generation().value(), 2u);
    EXPECT_EQ(reader_.tables().pools[0].backend_count, 300u);
}

TEST_F(PublishTest, CountersAreSummedOverWorkers) {
    reader_.status().services[0][3].packets.add(5);
    reader_.status().services[31][3].packets.add(6);
    reader_.status().backends[1][65535].bytes.add(7);
    EXPECT_EQ(publisher_.counters().service(3).packets, 11u);
    EXPECT_EQ(publisher_.counters().backend(65535).bytes, 7u);
}

}  // namespace
}  // namespace vipfwd::table
