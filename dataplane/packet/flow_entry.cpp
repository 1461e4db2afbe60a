// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_entry.h"

namespace vipfwd::packet {
namespace {

static_assert(abi::kMaxFlowTimeout_s + abi::kFlowSweepPeriod_s < kFlowTimeMask * kFlowTimeUnit_s,
              "an entry is swept before its time wraps");

// Rounds up, so that a pause of `timeout_s` is never too long.
std::int32_t units(std::uint16_t timeout_s) {
    return static_cast<std::int32_t>((timeout_s + kFlowTimeUnit_s - 1) / kFlowTimeUnit_s);
}

// For states whose stamp may be that much older than the last packet.
std::int32_t units_since_stamp(std::uint16_t timeout_s) {
    return units(timeout_s) + std::int32_t{kProofTime} - 1;
}

}  // namespace

FlowAge::FlowAge(const abi::FlowTimeouts& timeouts, std::uint32_t now_s)
    : now_(now_s / kFlowTimeUnit_s),
      established_now_(make_stamp(FlowState::kEstablished, now_)),
      // By the numbers of FlowState.
      longest_idle_{-1,
                    units(timeouts.opening_s),
                    units(timeouts.established_s),
                    units_since_stamp(timeouts.closing_s),
                    units(timeouts.udp_s),
                    units_since_stamp(timeouts.established_s),
                    -1,
                    units_since_stamp(timeouts.udp_s)} {}

}  // namespace vipfwd::packet
