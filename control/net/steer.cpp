// SPDX-License-Identifier: Apache-2.0
#include "control/net/steer.h"

#include <bpf/bpf.h>

#include <optional>
#include <set>

#include "dataplane/bpf/attached.h"
#include "dataplane/bpf/steer_tags.h"

namespace vipfwd::net {
namespace {

// True if that was a change. `map` is a file descriptor.
Result<bool> set_tags(int map, PortTags tags) {
    const std::uint32_t only = 0;
    steer_tags present{};
    if (bpf_map_lookup_elem(map, &only, &present) != 0)
        return system_error("cannot read the tags");
    if (present.vlan == tags.vlan && present.outer_vlan == tags.outer_vlan)
        return false;
    const steer_tags wanted{.vlan = tags.vlan, .outer_vlan = tags.outer_vlan};
    if (bpf_map_update_elem(map, &only, &wanted, BPF_ANY) != 0)
        return system_error("cannot set the tags");
    return true;
}

// The tags come first: no VIP is looked for in a VLAN that is not the port's. A VIP is the kernel's
// as well only while all its services are known.
Result<SteerOutcome> sync_program(const bpf::AttachedProgram& program, PortTags tags,
                                  const SteeredPackets& packets) {
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
        bpf::add_services(service_map->get(), packets.services);
    if (!services)
        return services.error();
    const Result<bpf::AddressChanges> vips = bpf::set_addresses(vip_map->get(), packets.vips);
    if (!vips)
        return vips.error();
    if (Result<void> removed = bpf::remove_services(service_map->get(), services->too_many);
        !removed)
        return removed.error();
    return SteerOutcome{.attached = true,
                        .tags_changed = *tags_changed,
                        .vips = *vips,
                        .services_added = services->added,
                        .services_removed = services->too_many.size()};
}

}  // namespace

SteeredPackets steered_packets(std::span<const abi::VipEntry> vips,
                               std::span<const abi::ServiceEntry> services) {
    SteeredPackets packets;
    std::set<IpAddress> local;
    for (const abi::VipEntry& vip : vips) {
        const bool is_local = (vip.flags & abi::kVipIsLocal) != 0;
        packets.vips.push_back({vip.address, is_local ? STEER_VIP_IS_LOCAL : 0});
        if (is_local)
            local.insert(vip.address);
    }
    for (const abi::ServiceEntry& service : services) {
        if (local.contains(service.vip))
            packets.services.push_back(
                {service.vip, service.protocol, service.port_first, service.port_last});
    }
    return packets;
}

Result<SteerOutcome> sync_steering(const std::string& interface, PortTags tags,
                                   const SteeredPackets& packets) {
    const Result<std::optional<bpf::AttachedProgram>> program = bpf::attached_program(interface);
    if (!program)
        return program.error();
    if (!program->has_value() || (*program)->name != bpf::kSteerProgram)
        return SteerOutcome{};
    Result<SteerOutcome> outcome = sync_program(**program, tags, packets);
    if (!outcome)
        return Error{interface + ": " + outcome.error().message};
    return outcome;
}

}  // namespace vipfwd::net
