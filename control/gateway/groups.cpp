// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/groups.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "control/table/group_adverts.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/real_time.h"

namespace vipfwd::gateway {
namespace {

// How often leases are renewed, and the dataplane's heart is listened to.
constexpr std::int64_t kPulse_ms = 50;

std::optional<std::size_t> port_of(const std::string& name, const Groups::View& view) {
    const auto found = std::ranges::find(view.ports, name, &net::PortFacts::name);
    if (found == view.ports.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - view.ports.begin());
}

}  // namespace

Groups::Groups(Loop& loop, std::function<View()> look, std::function<void()> on_settled)
    : loop_(loop),
      look_(std::move(look)),
      on_settled_(std::move(on_settled)),
      tracks_(loop, [this] { follow(); }),
      deadline_(loop, [this] { on_time(); }),
      pulse_(loop, [this] { follow(); }) {}

void Groups::configure(const config::Config& config) {
    const std::int64_t now_ns = monotonic_ns();
    tracks_.configure(config);
    std::vector<std::unique_ptr<Group>> next;
    for (const config::Group& wanted : config.groups) {
        if (!config::is_elected(config, wanted))
            continue;
        const auto known = std::ranges::find_if(groups_, [&](const auto& group) {
            return group && group->config().name == wanted.name;
        });
        if (known == groups_.end()) {
            next.push_back(std::make_unique<Group>(wanted));
        } else {
            next.push_back(std::move(*known));
            next.back()->configure(wanted, now_ns);
        }
    }
    for (const auto& gone : groups_) {
        if (!gone)
            continue;
        gone->stop(now_ns);
        advertise(*gone);
    }
    groups_ = std::move(next);
    if (groups_.empty()) {
        pulse_.cancel();
    } else {
        pulse_.fire_every(kPulse_ms);
        hurry();
    }
    follow();
}

void Groups::hurry() {
    if (urgent_)
        return;
    urgent_ = true;
    if (!abi::request_realtime_priority(abi::kControlRealtimePriority))
        spdlog::warn(
            "no real-time priority ({}): on a busy machine elections may be late; run it "
            "with CAP_SYS_NICE",
            std::strerror(errno));
}

void Groups::follow() {
    const std::int64_t now_ns = monotonic_ns();
    hear_all();
    const View view = look_();
    const auto link = [&view](const std::string& name) {
        const std::optional<std::size_t> port = port_of(name, view);
        return port ? view.link(*port) : Verdict::kUnknown;
    };
    places_.clear();
    std::map<Place, Ear> unused = std::move(ears_);
    ears_.clear();
    std::vector<Situation> situations;
    for (const auto& group : groups_) {
        const std::optional<std::size_t> port = port_of(group->config().port, view);
        const Place place{port ? view.interface_name(*port) : "", group->config().is_v4()};
        places_[group.get()] = place;
        if (auto known = unused.extract(place); known && known.mapped().socket.interface_exists())
            ears_.insert(std::move(known));
        else if (!place.first.empty() && !ears_.contains(place))
            listen(place);
        situations.push_back(
            {.leases = view.leases,
             .status = view.status,
             .lease = view.in_force != nullptr
                          ? table::find_lease(*view.in_force, group->config().name)
                          : abi::kNoGroup,
             .source =
                 port ? table::advert_source(group->config(), view.ports[*port]) : IpAddress(),
             .mtu = port ? view.ports[*port].mtu : 0,
             .dataplane_works = view.dataplane_works && ears_.contains(place),
             .next_hops_known = view.next_hops_known,
             .link = link(group->config().port),
             .tracks = tracks_.of(group->config(), link)});
    }
    bind_sets(situations);
    for (std::size_t i = 0; i < groups_.size(); ++i)
        groups_[i]->follow(situations[i], now_ns);
    settle();
}

// Groups of a set take part together or not at all.
void Groups::bind_sets(std::vector<Situation>& situations) const {
    std::map<std::string, const Group*> hindered;  // the first one, by set
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const std::string& set = groups_[i]->config().sync_set;
        if (!set.empty() && groups_[i]->is_hindered(situations[i]))
            hindered.emplace(set, groups_[i].get());
    }
    for (std::size_t i = 0; i < groups_.size(); ++i) {
        const auto found = hindered.find(groups_[i]->config().sync_set);
        if (found != hindered.end() && found->second != groups_[i].get())
            situations[i].set_hindrance = found->second->config().name;
    }
}

void Groups::listen(const Place& place) {
    Result<net::AdvertSocket> socket = net::AdvertSocket::open(place.first, place.second);
    if (!socket) {
        if (std::exchange(deaf_[place], socket.error().message) != socket.error().message)
            spdlog::error("{}; trying on", socket.error().message);
        return;
    }
    deaf_.erase(place);
    Ear& ear = ears_.emplace(place, Ear{std::move(*socket), nullptr}).first->second;
    ear.watch = std::make_unique<FdWatch>(loop_, ear.socket.fd(), FdWatch::Ready::kReadable,
                                          [this] { on_time(); });
}

// Before anything is concluded from silence.
void Groups::hear_all() {
    for (auto& [place, ear] : ears_) {
        ear.socket.drain(
            [this, &where = place](const net::ReceivedAdvert& received) { hear(where, received); });
    }
}

void Groups::hear(const Place& place, const net::ReceivedAdvert& received) {
    if (received.payload.size() < 2)
        return;
    const std::uint8_t id = received.payload[1];
    const auto decoded =
        vrrp::decode(received.payload, received.source, received.destination, received.ttl);
    const auto is_here = [&](const Group& group) {
        const auto where = places_.find(&group);
        return where != places_.end() && where->second == place;
    };
    const bool is_known = std::ranges::any_of(
        groups_, [&](const auto& group) { return group->config().id == id && is_here(*group); });
    for (const auto& group : groups_) {
        if (!is_here(*group) || (is_known && group->config().id != id))
            continue;
        // Two gateways that were to have one id, but do not, show it.
        group->hear(is_known ? decoded : vrrp::Discard::kUnknownId, received, monotonic_ns());
    }
}

void Groups::on_time() {
    hear_all();
    const std::int64_t now_ns = monotonic_ns();
    for (const auto& group : groups_)
        group->on_time(now_ns);
    settle();
}

// What elections decided is done, past the dataplane if need be; when they want to be asked next.
void Groups::settle() {
    std::int64_t next_ns = vrrp::kNever;
    for (const auto& group : groups_) {
        advertise(*group);
        next_ns = std::min(next_ns, group->deadline_ns());
    }
    if (next_ns == vrrp::kNever)
        deadline_.cancel();
    else
        deadline_.fire_at(next_ns);
    on_settled_();
}

void Groups::advertise(Group& group) {
    const std::optional<std::uint8_t> priority = group.take_advert();
    if (!priority)
        return;
    const View view = look_();
    const std::optional<std::size_t> port = port_of(group.config().port, view);
    const auto place = places_.find(&group);
    const auto ear = place == places_.end() ? ears_.end() : ears_.find(place->second);
    if (!port || ear == ears_.end())
        return;
    const vrrp::AdvertSettings settings = table::advert_settings(group.config());
    const vrrp::Advert advert = make_advert(settings, *priority, view.ports[*port].mtu);
    for (const IpAddress& destination : table::advert_destinations(group.config())) {
        std::vector<std::uint8_t> payload =
            make_payload(settings, advert, group.source(), destination);
        if (group.sign(payload, destination, clock_ns(CLOCK_REALTIME)))
            ear->second.socket.send(payload, group.source(), destination);
    }
}

void Groups::leave() {
    const std::int64_t now_ns = monotonic_ns();
    for (const auto& group : groups_)
        group->leave(now_ns);
    settle();
}

Result<void> Groups::hand_over(const std::string& name) {
    return command(name, [this](Group& group) {
        const std::int64_t now_ns = monotonic_ns();
        Result<void> done = group.hand_over(now_ns);
        const std::string& set = group.config().sync_set;
        if (!done || set.empty())
            return done;
        for (const auto& other : groups_) {
            if (other->config().sync_set == set)
                (void)other->hand_over(now_ns);  // those that are active here
        }
        return done;
    });
}

Result<void> Groups::set_priority(const std::string& name, std::optional<std::uint8_t> priority) {
    return command(name, [priority](Group& group) {
        group.set_priority(priority, monotonic_ns());
        return Result<void>();
    });
}

Result<void> Groups::set_enabled(const std::string& name, bool enabled) {
    return command(name, [enabled](Group& group) {
        group.set_enabled(enabled, monotonic_ns());
        return Result<void>();
    });
}

Result<void> Groups::command(const std::string& name,
                             const std::function<Result<void>(Group&)>& act) {
    const auto found = std::ranges::find_if(
        groups_, [&](const auto& group) { return group->config().name == name; });
    if (found == groups_.end())
        return Error{"there is no group named '" + name + "'"};
    Result<void> done = act(**found);
    follow();  // others of its set may be concerned
    return done;
}

std::vector<api::GroupDescription> Groups::describe() const {
    std::vector<api::GroupDescription> all;
    for (const auto& group : groups_)
        all.push_back(group->describe(monotonic_ns()));
    return all;
}

std::vector<LocalVips> Groups::local_vips() const {
    const std::int64_t now_ns = monotonic_ns();
    std::vector<LocalVips> all;
    for (const auto& group : groups_) {
        if (group->config().kernel_address)
            all.push_back({.group = group->config().name,
                           .interface = places_.at(group.get()).first,
                           .vips = group->config().vips,
                           .owned = group->owns(now_ns),
                           .hold_s = (group->config().hold_ms + 999) / 1000});
    }
    return all;
}

}  // namespace vipfwd::gateway
