// SPDX-License-Identifier: Apache-2.0
#include "control/net/steering_maps.h"

#include <bpf/bpf.h>

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "dataplane/bpf/attached.h"
#include "dataplane/bpf/steer_tags.h"

namespace vipfwd::net {
namespace {

// True if the tags changed. `map` is a file descriptor.
Result<bool> set_tags(int map, VlanTags tags) {
    const std::uint32_t only = 0;
    steer_tags present{};
    if (bpf_map_lookup_elem(map, &only, &present) != 0)
        return system_error("cannot read the VLAN tags of the steering program");
    if (present.vlan == tags.vlan && present.outer_vlan == tags.outer_vlan)
        return false;
    const steer_tags wanted{.vlan = tags.vlan, .outer_vlan = tags.outer_vlan};
    if (bpf_map_update_elem(map, &only, &wanted, BPF_ANY) != 0)
        return system_error("cannot set the VLAN tags of the steering program");
    return true;
}

// The order matters. Tags come first, so that no VIP is matched in a VLAN that is not the port's.
// Services are added before, and removed after, the VIPs change: while the program takes a VIP as
// one that the kernel has as well, it must know all services of that VIP.
Result<SteeringOutcome> sync_program(const bpf::AttachedProgram& program, VlanTags tags,
                                     const SteeringRules& rules) {
    const Result<abi::Fd> tag_map = bpf::map_of(program, "tags");
    if (!tag_map)
        return tag_map.error();
    const Result<abi::Fd> vip_map = bpf::map_of(program, "vips");
    if (!vip_map)
        return vip_map.error();
    const Result<abi::Fd> service_map = bpf::map_of(program, "services");
    if (!service_map)
        return service_map.error();
    const Result<bool> tags_changed = set_tags(tag_map->get(), tags);
    if (!tags_changed)
        return tags_changed.error();
    const Result<bpf::ServiceChanges> services =
        bpf::add_services(service_map->get(), rules.services);
    if (!services)
        return services.error();
    const Result<bpf::AddressChanges> vips = bpf::set_addresses(vip_map->get(), rules.vips);
    if (!vips)
        return vips.error();
    if (Result<void> removed = bpf::remove_services(service_map->get(), services->surplus);
        !removed)
        return removed.error();
    const Result<abi::Fd> sender_map = bpf::map_of(program, "senders");
    if (!sender_map)
        return sender_map.error();
    Result<std::vector<bpf::VipSender>> senders = bpf::take_senders(sender_map->get());
    if (!senders)
        return senders.error();
    return SteeringOutcome{.attached = true,
                           .tags_changed = *tags_changed,
                           .vips = *vips,
                           .services_added = services->added,
                           .services_removed = services->surplus.size(),
                           .senders = std::move(*senders)};
}

}  // namespace

SteeringRules steering_rules(std::span<const abi::VipEntry> vips,
                             std::span<const abi::ServiceEntry> services) {
    SteeringRules rules;
    std::set<IpAddress> local;
    for (const abi::VipEntry& vip : vips) {
        const bool is_local = (vip.flags & abi::kVipIsLocal) != 0;
        rules.vips.push_back({vip.address, is_local ? STEER_VIP_IS_LOCAL : 0});
        if (is_local)
            local.insert(vip.address);
    }
    for (const abi::ServiceEntry& service : services) {
        if (local.contains(service.vip))
            rules.services.push_back(
                {service.vip, service.protocol, service.port_first, service.port_last});
    }
    return rules;
}

Result<SteeringOutcome> sync_steering_maps(const std::string& interface, VlanTags tags,
                                           const SteeringRules& rules) {
    const Result<std::optional<bpf::AttachedProgram>> program = bpf::attached_program(interface);
    if (!program)
        return program.error();
    if (!program->has_value() || (*program)->name != bpf::kSteerProgram)
        return SteeringOutcome{};
    Result<SteeringOutcome> outcome = sync_program(**program, tags, rules);
    if (!outcome)
        return Error{interface + ": " + outcome.error().message};
    return outcome;
}

}  // namespace vipfwd::net
