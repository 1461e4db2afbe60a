// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/dataplane_status.h"

#include <unistd.h>

namespace vipfwd::host {
namespace {

void mark_ports_absent(abi::DataplaneStatus& status) {
    for (abi::PortStatus& port : status.ports)
        port.state.store(static_cast<std::uint64_t>(abi::PortState::kAbsent));
}

}  // namespace

void begin_status(abi::DataplaneStatus& status, const abi::BootParameters& boot,
                  std::uint64_t started_at_s) {
    for (abi::WorkerStatus& worker : status.workers) {
        worker.heartbeat_ns.store(0);
        worker.generation.store(0);
        worker.counters.held.set(0);
    }
    for (abi::FlowCensus& census : status.censuses) {
        census.done.store(0);
        census.begun.store(0);
    }
    mark_ports_absent(status);
    status.rejected_generation.store(0);
    status.started_at_s.store(started_at_s);
    status.booted = boot;
    status.pid.store(static_cast<std::uint64_t>(getpid()));
}

void end_status(abi::DataplaneStatus& status) {
    mark_ports_absent(status);
    status.pid.store(0);
}

}  // namespace vipfwd::host
