// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_entries.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

TEST(BackendEntries, AreInTheOrderOfTheConfigurationAndNullIfMissing) {
    config::Config config = sample::config();
    const Build made = sample::must_build(config);
    config.pools[0].backends.insert(config.pools[0].backends.begin(),
                                    sample::backend("x", "10.0.0.99"));
    const auto entries = backend_entries(made.tables, config.pools[0]);
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0], nullptr);
    EXPECT_EQ(entries[1]->address, sample::ip("10.0.0.11"));
}

}  // namespace
}  // namespace vipfwd::table
