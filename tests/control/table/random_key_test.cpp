// SPDX-License-Identifier: Apache-2.0
// The key of hashes of a gateway without a seed_file.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "control/table/boot_parameters.h"
#include "control/table/publish.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

config::Config without_seed() {
    config::Config config = sample::config();
    config.dataplane.memory = abi::Memory::kNormal;
    config.gateway.key.reset();
    return config;
}

Publisher make_publisher() {
    return Publisher::create(boot_parameters(without_seed())).value();
}

// What a control that starts gets from the dataplane.
Publisher adopt(const Publisher& publisher) {
    return Publisher::adopt(abi::Fd(fcntl(publisher.region().fd(), F_DUPFD_CLOEXEC, 0))).value();
}

TEST(RandomKey, IsAnotherOneInEachRegion) {
    const abi::HashKey key = make_publisher().in_force().key;
    EXPECT_NE(key, abi::HashKey{});
    EXPECT_NE(key, make_publisher().in_force().key);
}

TEST(RandomKey, OutlivesGenerationsAndControl) {
    Publisher publisher = make_publisher();
    const abi::HashKey key = publisher.in_force().key;
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(
            publisher.publish(sample::must_build(without_seed(), publisher.in_force()), true));
    EXPECT_EQ(publisher.in_force().key, key);
    const Publisher successor = adopt(publisher);
    EXPECT_EQ(sample::must_build(without_seed(), successor.in_force()).tables.key, key);
}

TEST(RandomKey, IsDrawnForAnAdoptedRegionWithoutAGenerationToo) {
    EXPECT_NE(adopt(make_publisher()).in_force().key, abi::HashKey{});
}

}  // namespace
}  // namespace vipfwd::table
