// SPDX-License-Identifier: Apache-2.0
#include "control/plan/changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "control/config/choice.h"
#include "control/plan/lines.h"
#include "control/plan/settings.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::plan {
namespace {

using config::Backend;
using config::Config;
using config::Group;
using config::Pool;
using config::Port;
using config::Service;
using config::word;

std::string place_of(const Service& service) {
    return fmt::format("{} {} {}", to_string(service.vip), word(service.protocol),
                       config::ports_text(service.port_first, service.port_last));
}

void add_list(Differences& differences, std::string_view verb, std::string_view noun,
              const Lines& names, std::string_view consequence = "") {
    if (!names.empty())
        differences.add(fmt::format("{} {}{} {}{}", verb, noun, names.size() == 1 ? "" : "s",
                                    some_of(names), consequence));
}

bool has_common_backend(const Pool& before, const Pool& after) {
    std::set<IpAddress> addresses;
    for (const Backend& backend : before.backends)
        addresses.insert(backend.address);
    return std::ranges::any_of(after.backends, [&](const Backend& backend) {
        return addresses.contains(backend.address);
    });
}

// A pool whose backends are all replaced counts as new.
void compare_ring_slots(Differences& differences, const Pool& before, const Pool& after) {
    if (before.ring_slots == after.ring_slots)
        return;
    const bool is_kept = after.backends.empty() || has_common_backend(before, after);
    differences.add(fmt::format(
        "ring_slots {} -> {}{}", before.ring_slots, after.ring_slots,
        is_kept ? " (counts when the pool is removed and added again: until then it keeps the "
                  "size of its ring, because another size moves nearly all flows)"
                : ""));
}

std::string text_of(const config::MinUp& min_up) {
    if (!min_up.is_given())
        return "none";
    return min_up.percent != 0 ? fmt::format("{}%", min_up.percent)
                               : fmt::format("{}", min_up.count);
}

bool same_backends(const Pool& before, const Pool& after) {
    return std::ranges::equal(
        before.backends, after.backends, [](const Backend& a, const Backend& b) {
            return a.address == b.address && a.weight == b.weight && a.tier == b.tier;
        });
}

std::map<IpAddress, std::pair<std::optional<IpAddress>, std::uint16_t>> places_of_checks(
    const Pool& pool) {
    std::map<IpAddress, std::pair<std::optional<IpAddress>, std::uint16_t>> places;
    for (const Backend& backend : pool.backends)
        places[backend.address] = {backend.check_address, backend.check_port};
    return places;
}

// Of backends that both have.
bool are_checked_elsewhere(const Pool& before, const Pool& after) {
    const auto was = places_of_checks(before);
    return std::ranges::any_of(places_of_checks(after), [&](const auto& is) {
        const auto found = was.find(is.first);
        return found != was.end() && found->second != is.second;
    });
}

// What becomes of the connections of backends that are removed. Null: they are not in force.
std::string breaking(std::size_t backends, const ResetFigure* figure) {
    const bool is_one = backends == 1;
    const char* const whose = is_one ? "its" : "their";
    if (figure == nullptr)
        return fmt::format(" ({} connections break)", whose);
    if (*figure == ResetFigure())
        return is_one ? " (it has no connections)" : " (they have no connections)";
    if (figure->flows == 0)
        return fmt::format(" ({} connections break; how many is not known)", whose);
    return fmt::format(" ({} {})", amount_of(*figure), figure->flows == 1 ? "breaks" : "break");
}

const ResetFigure* find_figure(const std::map<std::string, ResetFigure>& figures,
                               const std::string& name) {
    const auto found = figures.find(name);
    return found != figures.end() ? &found->second : nullptr;
}

Differences compare_pools(const Pool& before, const Pool& after, const ResetFigures& resets) {
    Differences differences;
    compare_ring_slots(differences, before, after);
    differences.compare_silently("check settings", before.check, after.check);
    if (are_checked_elsewhere(before, after))
        differences.add("another check_address or check_port");
    differences.compare("on_down", word(before.on_down), word(after.on_down));
    differences.compare("min_up", text_of(before.min_up), text_of(after.min_up));
    differences.compare("mode", word(before.mode), word(after.mode));
    differences.compare("failback", before.failback, after.failback);
    differences.compare("slow_start_ms", before.slow_start_ms, after.slow_start_ms);
    if (same_backends(before, after))
        return differences;
    Lines added, removed, drained, weights, tiers;
    match(
        before.backends, after.backends, &Backend::address,
        [&](const Backend& one) { removed.push_back(one.name); },
        [&](const Backend& was, const Backend& is) {
            if (was.weight != 0 && is.weight == 0)
                drained.push_back(is.name);
            else if (was.weight != is.weight)
                weights.push_back(fmt::format("{} {} -> {}", is.name, was.weight, is.weight));
            if (was.tier != is.tier)
                tiers.push_back(fmt::format("{} {} -> {}", is.name, was.tier, is.tier));
        },
        [&](const Backend& one) { added.push_back(one.name); });
    add_list(differences, "adds", "backend", added);
    add_list(differences, "removes", "backend", removed,
             breaking(removed.size(), find_figure(resets.backends, after.name)));
    add_list(differences, "drains", "backend", drained, " (their connections go on)");
    if (!weights.empty())
        differences.add((weights.size() == 1 ? "weight " : "weights ") + some_of(weights));
    if (!tiers.empty())
        differences.add((tiers.size() == 1 ? "tier " : "tiers ") + some_of(tiers));
    return differences;
}

Differences compare_groups(const Group& before, const Group& after) {
    const auto texts = [](const std::vector<IpAddress>& addresses) {
        std::set<std::string> all;
        for (const IpAddress& address : addresses)
            all.insert(to_string(address));
        return all;
    };
    const auto missing = [](const std::set<std::string>& from, const std::set<std::string>& in) {
        Lines names;
        std::ranges::set_difference(from, in, std::back_inserter(names));
        return names;
    };
    Differences differences;
    const auto old_vips = texts(before.vips), new_vips = texts(after.vips);
    add_list(differences, "gives up", "VIP", missing(old_vips, new_vips));
    add_list(differences, "takes in", "VIP", missing(new_vips, old_vips));
    differences.compare("port", before.port, after.port);
    differences.compare("id", before.id, after.id);
    differences.compare("priority", before.priority, after.priority);
    differences.compare("version", before.version, after.version);
    differences.compare("advert_interval_ms", before.advert_interval_ms, after.advert_interval_ms);
    differences.compare("preempt", before.preempt, after.preempt);
    differences.compare("preempt_delay_ms", before.preempt_delay_ms, after.preempt_delay_ms);
    differences.compare("startup_delay_ms", before.startup_delay_ms, after.startup_delay_ms);
    differences.compare("announce_interval_s", before.announce_interval_s,
                        after.announce_interval_s);
    differences.compare("hold_ms", before.hold_ms, after.hold_ms);
    differences.compare("checksum_pseudo_header", before.checksum_pseudo_header,
                        after.checksum_pseudo_header);
    differences.compare("auth_required", before.auth_required, after.auth_required);
    differences.compare("kernel_address", before.kernel_address, after.kernel_address);
    differences.compare("accept", before.accept, after.accept);
    differences.compare_silently("the rules for foreign VIPs", before.foreign_vips,
                                 after.foreign_vips);
    differences.compare("sync_set", text::quote(before.sync_set), text::quote(after.sync_set));
    differences.compare_silently("peers", texts(before.peers), texts(after.peers));
    differences.compare_silently("keys", std::pair(before.auth_key, before.auth_second_key),
                                 std::pair(after.auth_key, after.auth_second_key));
    differences.compare_silently("tracks", before.tracks, after.tracks);
    return differences;
}

// The settings that the dataplane reads at its start.
void compare_opening(Differences& differences, const Port& before, const Port& after) {
    differences.compare("device", before.device, after.device);
    differences.compare("driver", word(before.driver), word(after.driver));
    differences.compare("queues", before.queues, after.queues);
    differences.compare("mtu", before.mtu, after.mtu);
    differences.compare_silently("output files", before.output, after.output);
    differences.compare_silently("MAC address settings", before.mac, after.mac);
    differences.compare("kernel_interface", text::quote(before.kernel_interface),
                        text::quote(after.kernel_interface));
    if (before.kernel_interface == after.kernel_interface)
        differences.compare("kernel_limit_pps", before.kernel_limit_pps, after.kernel_limit_pps);
}

Differences compare_ports(const Port& before, const Port& after) {
    Differences differences;
    compare_opening(differences, before, after);
    differences.compare("vlan", before.vlan, after.vlan);
    differences.compare("outer_vlan", before.outer_vlan, after.outer_vlan);
    differences.compare_silently("addresses", before.addresses, after.addresses);
    differences.compare_silently("tunnel sources", before.tunnel_sources, after.tunnel_sources);
    return differences;
}

void compare_resources(Differences& differences, const Config& before, const Config& after) {
    const config::Dataplane& was = before.dataplane;
    const config::Dataplane& is = after.dataplane;
    differences.compare("name", before.gateway.name, after.gateway.name);
    differences.compare("workers", was.workers, is.workers);
    differences.compare_silently("lcores", was.lcores, is.lcores);
    differences.compare("flows_per_worker", was.flows_per_worker, is.flows_per_worker);
    differences.compare_silently("idle settings", was.idle, is.idle);
    differences.compare("hugepages", was.memory == abi::Memory::kHugepages,
                        is.memory == abi::Memory::kHugepages);
}

std::string pool_name(const Config& config, const Service& service) {
    return config.pools[service.pool].name;
}

// Of a service that goes to another pool. A figure that is known is told as a loss.
std::string_view unknown_resets(const ResetFigure* figure) {
    return figure != nullptr && figure->flows == 0 && figure->may_be_more()
               ? " (how many connections that resets is not known)"
               : "";
}

void describe_services(Lines& lines, const Config& before, const Config& after,
                       const ResetFigures& resets) {
    match(
        before.services, after.services, identity_of,
        [&](const Service& one) {
            lines.push_back(fmt::format("removes service {} ({}), and its connections end",
                                        one.name, place_of(one)));
        },
        [&](const Service& was, const Service& is) {
            Differences differences;
            differences.compare("name", was.name, is.name);
            if (pool_name(before, was) != pool_name(after, is))
                differences.add(fmt::format("pool {} -> {}{}", pool_name(before, was),
                                            pool_name(after, is),
                                            unknown_resets(find_figure(resets.services, is.name))));
            differences.compare("forward", word(was.forward), word(is.forward));
            differences.compare("affinity", word(was.affinity), word(is.affinity));
            differences.compare("pin_flows", was.pin_flows, is.pin_flows);
            differences.compare("always_owned", was.always_owned, is.always_owned);
            if (!differences.empty())
                lines.push_back(fmt::format("service {}: {}", was.name, differences.text()));
        },
        [&](const Service& one) {
            lines.push_back(fmt::format("adds service {} ({})", one.name, place_of(one)));
        });
}

template <typename Object, typename Compare>
void describe_named(Lines& lines, std::string_view noun, const std::vector<Object>& before,
                    const std::vector<Object>& after, Compare compare) {
    match(
        before, after, &Object::name,
        [&](const Object& one) { lines.push_back(fmt::format("removes {} {}", noun, one.name)); },
        [&](const Object& was, const Object& is) {
            if (const Differences differences = compare(was, is); !differences.empty())
                lines.push_back(fmt::format("{} {}: {}", noun, is.name, differences.text()));
        },
        [&](const Object& one) { lines.push_back(fmt::format("adds {} {}", noun, one.name)); });
}

void describe_settings(Lines& lines, const Config& before, const Config& after) {
    Differences gateway;
    compare_resources(gateway, before, after);
    gateway.compare("peer_port", before.gateway.peer_port, after.gateway.peer_port);
    gateway.compare("gue_port", before.gateway.gue_port, after.gateway.gue_port);
    gateway.compare("script_user", text::quote(before.gateway.script_user),
                    text::quote(after.gateway.script_user));
    gateway.compare("random_seed", before.gateway.random_seed, after.gateway.random_seed);
    gateway.compare("threads", before.control.threads, after.control.threads);
    // Without a key in the file, the one in force stays.
    if (after.gateway.key && before.gateway.key != after.gateway.key)
        gateway.add(
            "another seed selects other backends; connections that are not remembered move");
    gateway.compare("new_flows_per_s", before.dataplane.new_flows_per_s,
                    after.dataplane.new_flows_per_s);
    gateway.compare("service_share_percent", before.dataplane.service_share_percent,
                    after.dataplane.service_share_percent);
    gateway.compare_silently("flow timeouts", before.dataplane.flow_timeouts,
                             after.dataplane.flow_timeouts);
    if (!gateway.empty())
        lines.push_back("gateway: " + gateway.text());
    const auto neighbors = [](const Config& config) {
        std::map<std::string, std::string> all;
        for (const config::Neighbor& one : config.neighbors)
            all.emplace(to_string(one.address), to_string(one.mac) + " " + one.port);
        return all;
    };
    if (neighbors(before) != neighbors(after))
        lines.emplace_back("static neighbors change");
}

}  // namespace

Lines describe_changes(const Config& before, const Config& after, const ResetFigures& resets) {
    Lines lines;
    describe_settings(lines, before, after);
    describe_named(lines, "port", before.ports, after.ports, compare_ports);
    describe_named(lines, "group", before.groups, after.groups, compare_groups);
    describe_services(lines, before, after, resets);
    describe_named(
        lines, "pool", before.pools, after.pools,
        [&resets](const Pool& was, const Pool& is) { return compare_pools(was, is, resets); });
    cut(lines);
    return lines;
}

Lines describe_waiting(const Config& wanted, const Config& in_force) {
    Lines lines;
    Differences gateway;
    compare_resources(gateway, in_force, wanted);
    if (!gateway.empty())
        lines.push_back("gateway: " + gateway.text());
    describe_named(lines, "port", in_force.ports, wanted.ports, compare_ports);
    describe_named(lines, "group", in_force.groups, wanted.groups, compare_groups);
    for (const IpAddress& vip : in_force.unowned_vips)
        lines.push_back(
            fmt::format("VIP {}: its group does not run, so this gateway does not "
                        "answer for it",
                        to_string(vip)));
    cut(lines);
    return lines;
}

}  // namespace vipfwd::plan
