// SPDX-License-Identifier: Apache-2.0
// What becomes of a flow's first packet: the dataplane's decision, made again from the tables in
// force.
#pragma once

#include <cstdint>
#include <string>

#include "control/view/in_force.h"
#include "control/view/source.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::view {

struct Lookup {
    // How far the packet gets. Fields that belong to a later step have their defaults.
    enum class Outcome : std::uint8_t {
        kNothingInForce,  // no tables are published yet
        kNotVip,          // the destination is not a VIP
        kNoService,       // it is a VIP, but no service of it has that protocol and port
        kNoBackend,       // the service's pool has no backend for new flows
        kBackend,
        kLast = kBackend
    };
    // Why packets do not reach the chosen backend.
    enum class Obstacle : std::uint8_t {
        kNone,
        kNoNextHop,
        kNoTunnelSource,
        kLast = kNoTunnelSource
    };

    Outcome outcome = Outcome::kNothingInForce;
    // From kNoBackend on:
    const abi::ServiceEntry* service = nullptr;  // in force
    std::string service_name = {};               // empty: it is not configured any more
    std::string pool = {};
    abi::Forward forward = abi::Forward::kIpip;
    abi::Affinity affinity = abi::Affinity::kNone;
    bool ring_only = false;  // the service pins no flows: the ring decides on every packet
    // Of kBackend:
    std::uint32_t slot = 0;
    std::uint32_t ring_slots = 0;
    std::string backend = {};
    IpAddress address = {};
    abi::BackendHealth health = abi::BackendHealth::kUnchecked;
    NextHop next_hop = {};
    Obstacle obstacle = Obstacle::kNone;
};

Lookup lookup(const Source& source, const abi::FlowKey& flow);

}  // namespace vipfwd::view
