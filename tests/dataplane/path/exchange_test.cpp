// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/exchange.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace vipfwd::path {
namespace {

TEST(Exchange, NothingIsOfferedAtFirst) {
    const Exchange exchange(2);
    EXPECT_EQ(exchange.newest(), nullptr);
    EXPECT_TRUE(exchange.settled());
}

TEST(Exchange, AnOfferIsSettledWhenEveryWorkerUsesIt) {
    Exchange exchange(2);
    exchange.next().tables.generation.header.generation = 1;
    exchange.offer();
    EXPECT_EQ(exchange.newest()->generation(), 1u);
    EXPECT_FALSE(exchange.settled());
    exchange.use(0, exchange.newest());
    EXPECT_FALSE(exchange.settled());
    exchange.use(1, exchange.newest());
    EXPECT_TRUE(exchange.settled());
}

TEST(Exchange, TheSnapshotToFillIsNeverTheOneInUse) {
    Exchange exchange(1);
    for (std::uint64_t generation = 1; generation < 5; ++generation) {
        EXPECT_NE(&exchange.next(), exchange.newest());
        exchange.next().tables.generation.header.generation = generation;
        exchange.offer();
        exchange.use(0, exchange.newest());
        EXPECT_EQ(exchange.newest()->generation(), generation);
    }
}

TEST(Exchange, ARegionIsReleasedWhenNoWorkerUsesIt) {
    Exchange exchange(1);
    auto first = std::make_shared<abi::RegionMapping>();
    const std::weak_ptr<abi::RegionMapping> watch = first;
    exchange.next().region = std::move(first);
    exchange.offer();
    exchange.use(0, exchange.newest());
    exchange.release();
    EXPECT_FALSE(watch.expired());
    exchange.next().region = std::make_shared<abi::RegionMapping>();
    exchange.offer();
    exchange.use(0, exchange.newest());
    exchange.release();
    EXPECT_TRUE(watch.expired());
}

// Two fields that the main thread writes with equal values are always equal for the workers.
TEST(Exchange, AWorkerNeverSeesASnapshotChange) {
    Exchange exchange(1);
    std::atomic<bool> done = false;
    std::uint64_t torn = 0;
    std::thread worker([&] {
        const Snapshot* current = nullptr;
        while (!done) {
            const Snapshot* newest = exchange.newest();
            if (newest != current) {
                current = newest;
                exchange.use(0, current);
            }
            if (current != nullptr)
                torn += current->tables.ports[0].mtu != current->tables.generation.header.vip_count;
        }
    });
    for (std::uint32_t i = 0; i < 2000; ++i) {
        while (!exchange.settled())
            std::this_thread::yield();
        exchange.next().tables.ports[0].mtu = i;
        exchange.next().tables.generation.header.vip_count = i;
        exchange.offer();
    }
    while (!exchange.settled())
        std::this_thread::yield();
    done = true;
    worker.join();
    EXPECT_EQ(torn, 0u);
}

}  // namespace
}  // namespace vipfwd::path
