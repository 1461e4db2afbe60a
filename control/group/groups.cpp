// SPDX-License-Identifier: Apache-2.0
#include "control/group/groups.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "control/group/sync_sets.h"
#include "control/table/group_adverts.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/real_time.h"

namespace vipfwd::group {
namespace {

constexpr std::size_t kMinAdvertBytes = 2;  // the id is in the second byte

const PortInputs* find_port(const std::string& name, const GatewayInputs& inputs) {
    const auto found = std::ranges::find_if(
        inputs.ports, [&](const PortInputs& port) { return port.facts.name == name; });
    return found == inputs.ports.end() ? nullptr : &*found;
}

}  // namespace

Groups::Groups(Loop& loop, Events events)
    : listeners_(loop, events.election_due),
      tracks_(loop, std::move(events.track_changed)),
      deadline_(loop, std::move(events.election_due)),
      on_leases_changed_(std::move(events.leases_changed)),
      record_(std::move(events.record)) {}

void Groups::configure(const config::Config& config) {
    const std::int64_t now_ns = monotonic_ns();
    tracks_.configure(config);
    std::vector<Member> before = std::exchange(members_, {});
    for (const config::Group& wanted : config.groups) {
        if (!config::is_elected(config, wanted))
            continue;
        const auto known = std::ranges::find_if(before, [&](const Member& member) {
            return member.group && member.group->config().name == wanted.name;
        });
        if (known == before.end()) {
            members_.push_back({std::make_unique<Group>(wanted, record_), {}});
        } else {
            members_.push_back(std::move(*known));
            members_.back().group->configure(wanted, now_ns);
        }
    }
    for (Member& removed : before) {
        if (!removed.group)
            continue;
        removed.group->stop(now_ns);
        send_advert_of(removed);
    }
    rivals_.configure(config.groups);
    if (!members_.empty())
        request_realtime();
}

void Groups::request_realtime() {
    if (std::exchange(realtime_requested_, true))
        return;
    if (!abi::request_realtime_priority(abi::kControlRealtimePriority))
        spdlog::warn(
            "no real-time priority ({}): on a busy machine elections may be late; run control with "
            "CAP_SYS_NICE",
            std::strerror(errno));
}

void Groups::update(const GatewayInputs& inputs) {
    leases_ = inputs.leases;
    receive_adverts();
    const std::int64_t now_ns = monotonic_ns();
    std::set<ListenPoint> points;
    for (Member& member : members_) {
        const config::Group& config = member.group->config();
        const PortInputs* port = find_port(config.port, inputs);
        member.listen_point = {port != nullptr ? port->interface : "", config.is_v4()};
        points.insert(member.listen_point);
        if (config.has_both_ip_versions())  // see RivalClaims
            points.insert({member.listen_point.interface, !config.is_v4()});
    }
    listeners_.listen_at(points);

    std::vector<GroupInputs> group_inputs;
    for (const Member& member : members_) {
        GroupInputs& one = group_inputs.emplace_back(inputs_of(member.group->config(), inputs));
        one.dataplane_forwards &= listeners_.find(member.listen_point) != nullptr;
    }
    add_sync_set_blockers(group_inputs, now_ns);
    for (std::size_t i = 0; i < members_.size(); ++i)
        members_[i].group->update(group_inputs[i], now_ns);
    send_adverts_and_rearm();
}

GroupInputs Groups::inputs_of(const config::Group& group, const GatewayInputs& inputs) const {
    const auto link_of = [&inputs](const std::string& name) {
        const PortInputs* port = find_port(name, inputs);
        return port != nullptr ? port->link : Verdict::kUnknown;
    };
    const auto health_of = [&inputs](const std::string& pool) {
        return inputs.in_force != nullptr ? health_of_pool(*inputs.in_force, pool) : PoolHealth();
    };
    const PortInputs* port = find_port(group.port, inputs);
    return {.leases = inputs.leases,
            .status = inputs.status,
            .lease = inputs.in_force != nullptr ? table::find_lease(*inputs.in_force, group.name)
                                                : abi::kNoGroup,
            .source = port != nullptr ? table::advert_source(group, port->facts) : IpAddress(),
            .mtu = port != nullptr ? port->facts.mtu : 0,
            .dataplane_forwards = inputs.dataplane_forwards,
            .next_hops_resolved = inputs.next_hops_resolved,
            .health_known = inputs.health_known,
            .link = link_of(group.port),
            .port_closed = port != nullptr ? port->closed : "",
            .tracks = tracks_.states_of(group, {.link = link_of, .pool = health_of})};
}

void Groups::add_sync_set_blockers(std::vector<GroupInputs>& inputs, std::int64_t now_ns) const {
    std::vector<SyncSetMember> sets;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const Group& group = *members_[i].group;
        sets.push_back({.group = group.config().name,
                        .sync_set = group.config().sync_set,
                        .is_ineligible = !is_eligible(group.hindrances_with(inputs[i], now_ns))});
    }
    const std::vector<std::string> blockers = find_blockers(sets);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        inputs[i].sync_set_blocker = blockers[i];
}

// All received adverts are handled before silence counts as the absence of a peer.
void Groups::receive_adverts() {
    listeners_.drain([this](const ListenPoint& point, const net::ReceivedAdvert& received) {
        dispatch(point, received);
    });
}

// An advert is for the group of its id. One whose id no group has goes to all groups that listen
// there, which count it: two gateways that were meant to have the same id, but do not, find out by
// that.
void Groups::dispatch(const ListenPoint& point, const net::ReceivedAdvert& received) {
    if (received.payload.size() < kMinAdvertBytes)
        return;
    const std::uint8_t id = received.payload[1];
    const auto decoded =
        vrrp::decode(received.payload, received.source, received.destination, received.ttl);
    const auto listens_here = [&](const Member& member) { return member.listen_point == point; };
    const bool is_known = std::ranges::any_of(members_, [&](const Member& member) {
        return member.group->config().id == id && listens_here(member);
    });
    const std::int64_t now_ns = monotonic_ns();
    const bool is_ours = std::ranges::any_of(
        members_, [&](const Member& member) { return member.group->source() == received.source; });
    if (const auto* advert = std::get_if<vrrp::Advert>(&decoded); advert != nullptr && !is_ours)
        rivals_.note(*advert, received.source, now_ns);
    for (const Member& member : members_) {
        if (!listens_here(member) || (is_known && member.group->config().id != id))
            continue;
        const bool is_of_no_group = !is_known && std::holds_alternative<vrrp::Discard>(decoded);
        member.group->on_advert(is_of_no_group ? vrrp::Discard::kUnknownId : decoded, received,
                                now_ns);
    }
}

void Groups::run_elections() {
    receive_adverts();
    const std::int64_t now_ns = monotonic_ns();
    for (const Member& member : members_)
        member.group->on_deadline(now_ns);
    send_adverts_and_rearm();
}

void Groups::send_adverts_and_rearm() {
    report_lease_changes();
    std::int64_t next_ns = vrrp::kNever;
    for (Member& member : members_) {
        send_advert_of(member);
        next_ns = std::min(next_ns, member.group->deadline_ns());
    }
    if (next_ns == vrrp::kNever)
        deadline_.cancel();
    else
        deadline_.fire_at(next_ns);
}

void Groups::report_lease_changes() {
    if (leases_ == nullptr)
        return;
    const std::uint64_t changes = leases_->changes.load();
    if (std::exchange(reported_changes_, changes) != changes)
        on_leases_changed_();
}

void Groups::send_advert_of(Member& member) {
    Group& group = *member.group;
    const std::optional<std::uint8_t> priority = group.take_advert();
    net::AdvertSocket* const socket = listeners_.find(member.listen_point);
    if (!priority || socket == nullptr)
        return;
    const vrrp::AdvertSettings settings = table::advert_settings(group.config());
    const vrrp::Advert advert = make_advert(settings, *priority, group.mtu());
    for (const IpAddress& destination : table::advert_destinations(group.config())) {
        std::vector<std::uint8_t> payload =
            make_payload(settings, advert, group.source(), destination);
        if (group.sign(payload, destination, clock_ns(CLOCK_REALTIME)))
            socket->send(payload, group.source(), destination);
    }
}

void Groups::on_dataplane_stopping() {
    const std::int64_t now_ns = monotonic_ns();
    for (const Member& member : members_)
        member.group->on_dataplane_stopping(now_ns);
    send_adverts_and_rearm();
}

Result<Group*> Groups::find(const std::string& name) const {
    const auto found = std::ranges::find_if(
        members_, [&](const Member& member) { return member.group->config().name == name; });
    if (found == members_.end())
        return Error{"there is no group named '" + name + "'"};
    return found->group.get();
}

Result<void> Groups::hand_over(const std::string& name) {
    const Result<Group*> group = find(name);
    if (!group)
        return group.error();
    const std::int64_t now_ns = monotonic_ns();
    Result<void> done = (*group)->hand_over(now_ns);
    const std::string& set = (*group)->config().sync_set;
    if (!done || set.empty())
        return done;
    for (const Member& member : members_) {
        if (member.group->config().sync_set == set)
            (void)member.group->hand_over(now_ns);  // an error: that group is not active here
    }
    return done;
}

Result<void> Groups::set_priority(const std::string& name, std::optional<std::uint8_t> priority) {
    const Result<Group*> group = find(name);
    if (!group)
        return group.error();
    (*group)->set_priority(priority, monotonic_ns());
    return {};
}

Result<void> Groups::set_enabled(const std::string& name, bool enabled) {
    const Result<Group*> group = find(name);
    if (!group)
        return group.error();
    (*group)->set_enabled(enabled, monotonic_ns());
    return {};
}

std::optional<ActiveGroup> Groups::active_by(std::uint16_t lease) const {
    for (const Member& member : members_) {
        if (const auto active = member.group->active_by(lease))
            return active;
    }
    return std::nullopt;
}

std::vector<GroupStatus> Groups::status() const {
    const std::int64_t now_ns = monotonic_ns();
    std::vector<GroupStatus> all;
    for (const Member& member : members_) {
        GroupStatus& status = all.emplace_back(member.group->status(now_ns));
        for (std::string& text : rivals_.describe(status.name, now_ns))
            status.warnings.push_back({.reason = "rival", .text = std::move(text)});
    }
    return all;
}

std::vector<IpAddress> Groups::left_to_rivals() const {
    return rivals_.left_to_rivals(monotonic_ns());
}

std::vector<LocalVips> Groups::local_vips() const {
    const std::int64_t now_ns = monotonic_ns();
    const std::vector<IpAddress> rivals = left_to_rivals();
    std::vector<LocalVips> all;
    for (const Member& member : members_) {
        const config::Group& config = member.group->config();
        std::vector<IpAddress> vips = config.vips;
        std::erase_if(
            vips, [&](const IpAddress& vip) { return std::ranges::binary_search(rivals, vip); });
        if (config.kernel_address)
            all.push_back({.group = config.name,
                           .interface = member.listen_point.interface,
                           .vips = std::move(vips),
                           .owned = member.group->owns(now_ns),
                           .hold_s = (config.hold_ms + 999) / 1000});
    }
    return all;
}

}  // namespace vipfwd::group
