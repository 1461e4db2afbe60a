// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_findings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::ip;
using sample::must_build;

const std::vector<IpAddress> kBothVips = {ip("10.0.0.100"), ip("10.0.0.101")};

std::uint8_t found_state(const std::vector<BackendFinding>& findings, std::uint32_t backend) {
    return std::ranges::find(findings, backend, &BackendFinding::backend)->state;
}

TEST(BackendFindings, TellTheStateOfEachBackend) {
    Tables tables = must_build(sample::config()).tables;
    for (const BackendFinding& one : backend_findings(tables, kBothVips))
        EXPECT_EQ(one.state, 0) << one.backend;
    tables.backends[0].health = static_cast<std::uint8_t>(abi::BackendHealth::kDown);
    tables.backends[1].health = static_cast<std::uint8_t>(abi::BackendHealth::kUnknown);
    tables.backends[1].admin = static_cast<std::uint8_t>(abi::BackendAdmin::kDrain);
    tables.pools[0].writer = 3;
    const auto findings = backend_findings(tables, kBothVips);
    EXPECT_EQ(found_state(findings, 0), kFoundDown);
    EXPECT_EQ(found_state(findings, 1), kFoundUnknown | kTakenOut);
    EXPECT_EQ(found_state(findings, 2), kIsWriter);
}

TEST(BackendFindings, AreOfTheGroupsVipsOnlyEachOnce) {
    config::Config config = sample::config();
    const Tables tables = must_build(config).tables;
    for (const BackendFinding& one : backend_findings(tables, std::span(kBothVips).first(1)))
        EXPECT_EQ(one.pool, config.services[0].pool);
    config.services[1].pool = config.services[0].pool;
    std::set<std::uint64_t> keys;
    const Tables shared = must_build(config).tables;
    for (const BackendFinding& one : backend_findings(shared, kBothVips)) {
        EXPECT_TRUE(keys.insert(one.key).second);
        EXPECT_EQ(one.key,
                  backend_key(shared.pools[one.pool].name, shared.backends[one.backend].address));
    }
    EXPECT_EQ(keys.size(), config.pools[config.services[0].pool].backends.size());
}

TEST(BackendFindings, LeaveOutWhatIsRetired) {
    config::Config earlier = sample::config();
    earlier.pools[0].backends.push_back(sample::backend("old", "10.0.0.19"));
    const Tables before = must_build(earlier).tables;
    const Tables tables = must_build(sample::config(), before, 5000).tables;
    EXPECT_EQ(backend_findings(tables, kBothVips).size(),
              backend_findings(must_build(sample::config()).tables, kBothVips).size());
}

}  // namespace
}  // namespace vipfwd::table
