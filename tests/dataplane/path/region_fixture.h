// SPDX-License-Identifier: Apache-2.0
// A region that control has made, as both sides map it, and a generation to publish in it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>

#include "dataplane/abi/mapping.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/validate.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::path {

class RegionFixture : public testing::Test {
  protected:
    RegionFixture()
        : control_(*abi::RegionMapping::create("test", false)),
          region_(std::make_shared<abi::RegionMapping>(*abi::RegionMapping::map(
              abi::Fd(fcntl(control_.fd(), F_DUPFD_CLOEXEC, 0)), abi::RegionSide::kDataplane))) {}

    abi::ControlArea& area() { return control_.control_for_writing(); }

    // Publishes the generation of world_, as control does.
    abi::ActiveGeneration publish(std::uint64_t number, std::uint32_t store) {
        abi::Generation& generation = world_.generation();
        generation.header.generation = number;
        for (std::uint32_t pool = 0; pool < generation.header.pool_count; ++pool) {
            std::ranges::copy(world_.ring(pool), area().rings + abi::first_slot_of(pool));
            generation.pools[pool].ring_checksum = abi::checksum_of(world_.ring(pool));
        }
        generation.header.checksum = abi::checksum_of(generation);
        EXPECT_TRUE(abi::copy_generation(generation, area().generations[store]));
        const abi::ActiveGeneration active{number, store};
        area().active.store(active.pack());
        return active;
    }

    packet::sample::World world_;
    abi::RegionMapping control_;
    std::shared_ptr<abi::RegionMapping> region_;
};

}  // namespace vipfwd::path
