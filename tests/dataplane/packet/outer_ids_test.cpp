// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/outer_ids.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace vipfwd::packet {
namespace {

TEST(OuterIds, ADestinationSeesEachIdentificationOnceIn65536Packets) {
    OuterIds ids;
    std::set<std::uint16_t> seen;
    for (std::uint32_t i = 0; i < 65'536; ++i) {
        EXPECT_TRUE(seen.insert(ids.next(Be32::from_host(0x0a000001)).host()).second);
        if (i % 2 == 0)
            ids.next(Be32::from_host(0x0a000002));  // has a count of its own
    }
}

// They send from the same addresses, and each at a speed of its own.
TEST(OuterIds, WorkersHaveIdentificationsOfTheirOwn) {
    constexpr std::uint32_t kWorkers = 3;
    std::set<std::uint16_t> seen;
    for (std::uint32_t worker = 0; worker < kWorkers; ++worker) {
        OuterIds ids(worker, kWorkers);
        for (std::uint32_t i = 0; i < 16'384; ++i)
            EXPECT_TRUE(seen.insert(ids.next(Be32::from_host(0x0a000001)).host()).second);
    }
}

}  // namespace
}  // namespace vipfwd::packet
