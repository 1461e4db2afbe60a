// SPDX-License-Identifier: Apache-2.0
#include "control/net/steer.h"

#include <bpf/bpf.h>

#include <optional>

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

// The tags come first: no VIP is looked for in a VLAN that is not the port's.
Result<SteerOutcome> sync_program(const bpf::AttachedProgram& program, PortTags tags,
                                  std::span<const IpAddress> vips) {
    const Result<abi::Fd> tag_map = bpf::map_of(program, "tags");
    if (!tag_map)
        return tag_map.error();
    const Result<abi::Fd> vip_map = bpf::map_of(program, "vips");
    if (!vip_map)
        return vip_map.error();
    const Result<bool> tags_changed = set_tags(tag_map->get(), tags);
    if (!tags_changed)
        return tags_changed.error();
    const Result<bpf::AddressChanges> changes = bpf::set_addresses(vip_map->get(), vips);
    if (!changes)
        return changes.error();
    return SteerOutcome{true, *tags_changed, *changes};
}

}  // namespace

Result<SteerOutcome> sync_steering(const std::string& interface, PortTags tags,
                                   std::span<const IpAddress> vips) {
    const Result<std::optional<bpf::AttachedProgram>> program = bpf::attached_program(interface);
    if (!program)
        return program.error();
    if (!program->has_value() || (*program)->name != bpf::kSteerProgram)
        return SteerOutcome{};
    Result<SteerOutcome> outcome = sync_program(**program, tags, vips);
    if (!outcome)
        return Error{interface + ": " + outcome.error().message};
    return outcome;
}

}  // namespace vipfwd::net
