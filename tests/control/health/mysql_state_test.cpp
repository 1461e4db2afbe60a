// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_state.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/control/health/mysql_answers.h"

namespace vipfwd::health {
namespace {

// Of a synced node of which one variable has another value.
std::string fault(const std::string& name, const std::string& value,
                  const config::Check& check = {}) {
    MysqlState state;
    for (const auto& rows : {test::kSyncedStatus, test::kSyncedVariables}) {
        for (const auto& row : rows)
            state.set(row.first, row.second);
    }
    state.set(name, value);
    return state.find_fault(check);
}

TEST(MysqlState, ASyncedNodeHasNoFault) {
    EXPECT_EQ(fault("unknown", "ignored"), "");
}

TEST(MysqlState, EveryFaultOfANodeIsNamed) {
    EXPECT_EQ(fault("wsrep_local_state", "0"), "wsrep_local_state is 0 (Initialized)");
    EXPECT_EQ(fault("wsrep_local_state", "1"), "wsrep_local_state is 1 (Joining)");
    EXPECT_EQ(fault("wsrep_local_state", "2"), "wsrep_local_state is 2 (Donor/Desynced)");
    EXPECT_EQ(fault("wsrep_local_state", "9\x1b"), "wsrep_local_state is 9\\x1b");
    EXPECT_EQ(fault("wsrep_local_state", ""), "wsrep_local_state is not there");
    EXPECT_EQ(fault("wsrep_cluster_status", "non-Primary"), "wsrep_cluster_status is non-Primary");
    EXPECT_EQ(fault("wsrep_ready", "OFF"), "wsrep_ready is OFF");
    EXPECT_EQ(fault("wsrep_reject_queries", "ALL"), "wsrep_reject_queries is ALL");
    EXPECT_EQ(fault("read_only", "ON"), "read_only is ON");
}

TEST(MysqlState, ADonorAndAReadOnlyServerMayBeAllowed) {
    const config::Check donor{.allow_donor = true};
    EXPECT_EQ(fault("wsrep_local_state", "2", donor), "");
    EXPECT_EQ(fault("wsrep_local_state", "3", donor), "wsrep_local_state is 3 (Joined)");
    EXPECT_EQ(fault("read_only", "ON", {.allow_read_only = true}), "");
}

TEST(MysqlState, WithoutGaleraOnlyReadOnlyCounts) {
    MysqlState state;
    state.set("wsrep_ready", "OFF");
    state.set("wsrep_cluster_status", "Disconnected");
    state.set("wsrep_on", "OFF");
    state.set("read_only", "OFF");
    EXPECT_EQ(state.find_fault({}), "");
    state.set("read_only", "ON");
    EXPECT_EQ(state.find_fault({}), "read_only is ON");
}

}  // namespace
}  // namespace vipfwd::health
