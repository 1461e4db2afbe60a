// SPDX-License-Identifier: Apache-2.0
#include "control/table/standings_in_force.h"

#include <memory>

#include "control/table/backend_entries.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {
namespace {

using abi::BackendHealth;
using health::Verdict;

// The reason is not in the tables. Whether the host could be reached shows in what became of the
// flows.
health::Standing standing_of(const abi::BackendEntry& entry) {
    switch (static_cast<BackendHealth>(entry.health)) {
        case BackendHealth::kUp:
            return {.verdict = Verdict::kGood};
        case BackendHealth::kDown:
            return {.verdict = Verdict::kBad,
                    .failure = std::make_shared<const health::Failure>(health::Failure{
                        .reason = "it was down before control started",
                        .is_host_unreachable = has_state(entry, abi::BackendState::kDown)})};
        case BackendHealth::kUnchecked:
        case BackendHealth::kUnknown:
            break;
    }
    return {};
}

}  // namespace

std::vector<health::Standing> standings_in_force(const Tables& tables,
                                                 const config::Config& config) {
    std::vector<health::Standing> standings;
    for (const config::Pool& pool : config.pools) {
        for (const abi::BackendEntry* entry : backend_entries(tables, pool))
            standings.push_back(entry != nullptr ? standing_of(*entry) : health::Standing());
    }
    return standings;
}

}  // namespace vipfwd::table
