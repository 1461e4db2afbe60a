// SPDX-License-Identifier: Apache-2.0
// The events that follow from changes of the gateway. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/events/event.h"
#include "control/gateway/readiness.h"
#include "control/health/admin.h"
#include "control/health/standing.h"
#include "control/plan/plan.h"
#include "control/table/draining_flows.h"

namespace vipfwd::gateway {

// Of the backends whose verdict has changed, or whose agent says something else. Of many at once (a
// host with backends in many pools, or the network behind it), only the first kMostBackendEvents
// have events of their own; another one counts the rest. `is_first`: control has just started; what
// is up then is no change.
inline constexpr std::size_t kMostBackendEvents = 100;
std::vector<events::Event> events_of(const health::Standings& standings, bool is_first);

// Of what an operator has chosen for a backend of `config`. `by` is the gateway where that was.
// nullopt: this one.
events::Event event_of(const health::AdminChange& change, const config::Config& config,
                       const std::optional<IpAddress>& by = {});

// Of draining backends of `config` that have no flow left now, and had some `before` or were not
// known then.
std::vector<events::Event> events_of_drained(const std::vector<table::DrainingFlows>& before,
                                             const std::vector<table::DrainingFlows>& now,
                                             const config::Config& config);

// Of a reload of the file `path`.
events::Event event_of(const plan::Outcome& outcome, const std::string& path);

// Notices when ports come up and go down.
class PortEvents {
  public:
    // What is known of a port now. nullopt: nothing new.
    std::optional<events::Event> observe(const std::string& port, const LinkState& link);

  private:
    std::unordered_map<std::string, health::Verdict> known_;  // none is kUnknown
};

}  // namespace vipfwd::gateway
