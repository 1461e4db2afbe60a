// SPDX-License-Identifier: Apache-2.0
#include "control/net/steer.h"

#include <optional>

#include "dataplane/bpf/attached.h"

namespace vipfwd::net {

Result<SteerOutcome> sync_vips(const std::string& interface, std::span<const IpAddress> vips) {
    const Result<std::optional<bpf::AttachedProgram>> program = bpf::attached_program(interface);
    if (!program)
        return program.error();
    if (!program->has_value() || (*program)->name != bpf::kSteerProgram)
        return SteerOutcome{};
    const Result<abi::Fd> map = bpf::map_of(**program, "vips");
    if (!map)
        return map.error();
    const Result<bpf::AddressChanges> changes = bpf::set_addresses(map->get(), vips);
    if (!changes)
        return Error{interface + ": " + changes.error().message};
    return SteerOutcome{true, *changes};
}

}  // namespace vipfwd::net
