// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_state.h"

#include <fmt/format.h>

#include "control/health/failure.h"

namespace vipfwd::health {
namespace {

// Of wsrep_local_state.
constexpr std::array kStateNames = {"Initialized", "Joining", "Donor/Desynced",
                                    "Joined",      "Synced",  "Error"};
constexpr std::string_view kDonor = "2";
constexpr std::string_view kSynced = "4";

std::string describe(std::string_view name, std::string_view value) {
    return fmt::format("{} is {}", name, value.empty() ? "not there" : shorten_answer(value));
}

std::string describe_state(std::string_view state) {
    std::string text = describe("wsrep_local_state", state);
    if (state.size() == 1 && state[0] >= '0' &&
        state[0] < '0' + static_cast<int>(kStateNames.size()))
        text += fmt::format(" ({})", kStateNames[static_cast<std::size_t>(state[0] - '0')]);
    return text;
}

}  // namespace

void MysqlState::set(std::string_view name, std::string_view value) {
    if (name == "wsrep_local_state")
        local_state_ = value;
    else if (name == "wsrep_ready")
        ready_ = value;
    else if (name == "wsrep_cluster_status")
        cluster_status_ = value;
    else if (name == "wsrep_on")
        on_ = value;
    else if (name == "wsrep_reject_queries")
        reject_queries_ = value;
    else if (name == "read_only")
        read_only_ = value;
}

// The states that tell most come first: a node outside of the cluster is not ready, either.
std::string MysqlState::find_galera_fault(const config::Check& check) const {
    if (cluster_status_ != "Primary")
        return describe("wsrep_cluster_status", cluster_status_);
    if (local_state_ != kSynced && !(check.allow_donor && local_state_ == kDonor))
        return describe_state(local_state_);
    if (ready_ != "ON")
        return describe("wsrep_ready", ready_);
    if (!reject_queries_.empty() && reject_queries_ != "NONE")
        return describe("wsrep_reject_queries", reject_queries_);
    return "";
}

// A server without Galera has wsrep_ready and wsrep_cluster_status as well, but no state.
std::string MysqlState::find_fault(const config::Check& check) const {
    if (on_ == "ON" || !local_state_.empty()) {
        if (std::string fault = find_galera_fault(check); !fault.empty())
            return fault;
    }
    if (read_only_ != "OFF" && !check.allow_read_only)
        return describe("read_only", read_only_);
    return "";
}

}  // namespace vipfwd::health
