// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/lookup.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/drop_reason.h"

namespace vipfwd::api {
namespace {

using abi::DropReason;
using view::Lookup;

std::string service_name(const Lookup& found) {
    if (!found.service_name.empty())
        return found.service_name;
    const abi::ServiceEntry& entry = *found.service;
    return fmt::format("{} {} port {}", to_string(entry.vip),
                       word(static_cast<abi::Protocol>(entry.protocol)),
                       port_range(entry.port_first, entry.port_last));
}

std::string obstacle(Lookup::Obstacle obstacle) {
    switch (obstacle) {
        case Lookup::Obstacle::kNone:
            break;
        case Lookup::Obstacle::kNoNextHop:
            return fmt::format(
                "; its next hop is not resolved, so packets are dropped ({}) until it is",
                name(DropReason::kNoNextHop));
        case Lookup::Obstacle::kNoTunnelSource:
            return fmt::format(
                "; its port has no address to tunnel from, so packets are dropped ({})",
                name(DropReason::kNoTunnelSource));
    }
    return "";
}

std::string choice(const Lookup& found) {
    return fmt::format(
        "slot {} of {} of pool {}'s ring{}{}; {}", found.slot, found.ring_slots, found.pool,
        found.affinity == abi::Affinity::kSource ? ", by source and VIP alone (affinity source)"
                                                 : "",
        obstacle(found.obstacle),
        found.ring_only ? "flows are not pinned: the ring decides on every packet (pin_flows)"
                        : "an established flow stays with the backend that it began with");
}

std::string why(const Lookup& found, const abi::FlowKey& flow) {
    const std::string destination = to_string(flow.destination);
    switch (found.outcome) {
        case Lookup::Outcome::kNothingInForce:
            return "no tables are in force yet: they are built when a dataplane connects";
        case Lookup::Outcome::kNotVip:
            return destination + " is not a VIP: such packets go to the kernel";
        case Lookup::Outcome::kNoService:
            return fmt::format(
                "{} is a VIP, but no service of it has {} port {}: such packets go to the kernel, "
                "or are dropped ({}) on a port without a path to it",
                destination, word(static_cast<abi::Protocol>(flow.protocol)),
                flow.destination_port.host(), name(DropReason::kNoKernelPath));
        case Lookup::Outcome::kNoBackend:
            return fmt::format("pool {} has no backend that takes new flows: they are dropped ({})",
                               found.pool, name(DropReason::kPoolEmpty));
        case Lookup::Outcome::kBackend:
            break;
    }
    return choice(found);
}

}  // namespace

Json show_lookup(const view::Source& source, const abi::FlowKey& flow) {
    const Lookup found = view::lookup(source, flow);
    Json shown = {{"service", nullptr},  {"pool", nullptr},    {"forward", nullptr},
                  {"affinity", nullptr}, {"slot", nullptr},    {"ring_slots", nullptr},
                  {"backend", nullptr},  {"address", nullptr}, {"health", nullptr},
                  {"next_hop", nullptr}};
    if (found.service != nullptr) {
        shown["service"] = service_name(found);
        shown["pool"] = found.pool;
        shown["forward"] = word(found.forward);
        shown["affinity"] = word(found.affinity);
    }
    if (found.outcome == Lookup::Outcome::kBackend) {
        shown["slot"] = found.slot;
        shown["ring_slots"] = found.ring_slots;
        shown["backend"] = found.backend;
        shown["address"] = to_string(found.address);
        shown["health"] = word(found.health);
        shown["next_hop"] = to_json(found.next_hop);
    }
    shown["why"] = why(found, flow);
    return shown;
}

}  // namespace vipfwd::api
