// SPDX-License-Identifier: Apache-2.0
#include "control/config/model.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

TEST(Model, NamesABackendByItsAddress) {
    Config config;
    config.pools.emplace_back().name = "web";
    config.pools[0].backends.push_back(
        {.name = "be1", .address = parse_ip("10.0.0.11").value(), .where = {}});
    const Pool* const pool = find_pool(config, "web");
    ASSERT_EQ(pool, &config.pools[0]);
    EXPECT_EQ(backend_name(pool, parse_ip("10.0.0.11").value()), "be1");
    EXPECT_EQ(backend_name(pool, parse_ip("10.0.0.12").value()), "10.0.0.12");
    EXPECT_EQ(find_pool(config, "other"), nullptr);
    EXPECT_EQ(backend_name(nullptr, parse_ip("fd00::11").value()), "fd00::11");
}

}  // namespace
}  // namespace vipfwd::config
