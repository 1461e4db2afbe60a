// SPDX-License-Identifier: Apache-2.0
#include "control/group/address_conflicts.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

// Null if it is not a VIP (any more).
const abi::VipEntry* find_vip(const table::Tables& in_force, const IpAddress& address) {
    const auto found = std::ranges::find(in_force.vips, address, &abi::VipEntry::address);
    return found == in_force.vips.end() ? nullptr : &*found;
}

bool is_own_port(const abi::DataplaneStatus& status, const MacAddress& mac) {
    std::uint64_t word = 0;
    std::memcpy(&word, mac.bytes.data(), sizeof mac.bytes);
    return std::ranges::any_of(
        status.ports, [&](const abi::PortStatus& port) { return port.mac.load() == word; });
}

// Whether the gateway owns the VIP, and has done so since `at_ns`.
bool owns_since(const ConflictInputs& inputs, const abi::VipEntry& vip, std::uint64_t at_ns) {
    if (!abi::is_lease(vip.lease))
        return vip.lease == abi::kNoGroup;
    const std::optional<ActiveGroup> active = inputs.active_by(vip.lease);
    return active && static_cast<std::uint64_t>(active->since_ns) <= at_ns;
}

// Whether the group hears a rival, which may be the sender of a frame at `at_ns`. It announces the
// VIPs when it becomes active, and advertises at the same time.
bool has_rival(const ConflictInputs& inputs, const abi::VipEntry& vip, std::uint64_t at_ns) {
    const std::optional<ActiveGroup> active =
        abi::is_lease(vip.lease) ? inputs.active_by(vip.lease) : std::nullopt;
    if (!active || !active->rival_heard_ns)
        return false;
    const std::uint64_t lasts_ns = std::max<std::uint64_t>(
        abi::kConflictDelay_ns, 3 * active->advert_interval_ms * kNanosecondsPerMs);
    return static_cast<std::uint64_t>(*active->rival_heard_ns) + lasts_ns >= at_ns;
}

std::string describe(const abi::AddressConflict& conflict, const abi::BootParameters& booted) {
    const std::string vip = to_string(conflict.vip);
    const std::string sender = to_string(conflict.sender);
    const auto ports = abi::ports_of(booted);
    const std::string where = conflict.port < ports.size()
                                  ? fmt::format("on port '{}'", ports[conflict.port].name)
                                  : "on a port that is gone";
    if (conflict.kind == abi::ConflictKind::kProbes)
        return fmt::format(
            "{} {} asked whether {} is free; it was told that it is not: give that host another "
            "address",
            sender, where, vip);
    return fmt::format(
        "{} {} uses {}, which this gateway owns: clients may reach that host instead; remove the "
        "address there (a former owner, a copy of a machine, or a router with proxy ARP)",
        sender, where, vip);
}

}  // namespace

void AddressConflicts::observe(const ConflictInputs& inputs) {
    const auto now_ns = static_cast<std::uint64_t>(inputs.now_ns);
    for (const auto& [port, sender] : inputs.senders)
        judge_sender(inputs, port, sender);
    for (std::size_t worker = 0; worker < readers_.size(); ++worker)
        readers_[worker].read(
            inputs.status.conflicts[worker],
            [&](const abi::AddressConflict& conflict) { add(conflict, inputs.now_ns); });
    const auto due = std::stable_partition(pending_.begin(), pending_.end(), [&](const auto& one) {
        return one.at_ns + abi::kConflictDelay_ns > now_ns;
    });
    for (const abi::AddressConflict& one : std::span(due, pending_.end())) {
        const abi::VipEntry* vip = find_vip(inputs.in_force, one.vip);
        if (vip != nullptr && owns_since(inputs, *vip, one.at_ns) &&
            !has_rival(inputs, *vip, one.at_ns))
            warn(one, inputs);
    }
    pending_.erase(due, pending_.end());
}

// The dataplane judges what it receives in the same way (dataplane/packet/conflict.h).
void AddressConflicts::judge_sender(const ConflictInputs& inputs, const std::string& port,
                                    const bpf::VipSender& sender) {
    const abi::VipEntry* vip = find_vip(inputs.in_force, sender.vip);
    const auto ports = abi::ports_of(inputs.booted);
    const auto number =
        std::ranges::find_if(ports, [&](const abi::PortBoot& boot) { return port == boot.name; });
    if (vip == nullptr || !owns_since(inputs, *vip, sender.at_ns - abi::kFormerOwner_ns) ||
        number == ports.end() || is_own_port(inputs.status, sender.mac))
        return;
    const abi::AddressConflict conflict{.vip = sender.vip,
                                        .sender = sender.mac,
                                        .port = static_cast<std::uint8_t>(number - ports.begin()),
                                        .at_ns = sender.at_ns};
    inputs.leases.conflicts.write(conflict);
    add(conflict, inputs.now_ns);
}

// The log may hold what a former control has read.
void AddressConflicts::add(const abi::AddressConflict& conflict, std::int64_t now_ns) {
    const auto age_ns = now_ns - static_cast<std::int64_t>(conflict.at_ns);
    const bool is_known = std::ranges::any_of(
        pending_, [&](const abi::AddressConflict& one) { return one.is_same_as(conflict); });
    if (age_ns < 0 || age_ns > Warnings::kLasts_ns || is_known || pending_.size() == kMostPending)
        return;
    pending_.push_back(conflict);
}

void AddressConflicts::warn(const abi::AddressConflict& conflict, const ConflictInputs& inputs) {
    const bool probes = conflict.kind == abi::ConflictKind::kProbes;
    const auto text = warnings_.note({.reason = probes ? "address_probe" : "address_conflict",
                                      .source = to_string(conflict.sender),
                                      .vip = conflict.vip},
                                     inputs.now_ns, Warnings::kLasts_ns,
                                     [&] { return describe(conflict, inputs.booted); });
    if (text)
        spdlog::warn("{}", *text);
}

}  // namespace vipfwd::group
