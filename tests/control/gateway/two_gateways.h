// SPDX-License-Identifier: Apache-2.0
// Two gateways on two networks, without sockets, threads and real time: configuration files, plans,
// tables, groups and leases are the real ones; the dataplane sends adverts by its tables and
// leases, and a network delivers them at once. The networks are the devices "up0" and "in0"; there
// are no other devices.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/config/load.h"
#include "control/group/group.h"
#include "control/group/rival_claims.h"
#include "control/plan/defer.h"
#include "control/plan/plan.h"
#include "control/table/arrange.h"
#include "control/table/boot_parameters.h"
#include "control/table/build.h"
#include "control/table/group_adverts.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::gateway {

// An advert on its way: from a gateway's own address on that network.
struct SentAdvert {
    std::string device;
    IpAddress source;
    IpAddress destination;
    std::vector<std::uint8_t> payload;
};

class SimulatedGateway {
  public:
    using Send = std::function<void(const SentAdvert&)>;

    // `number` is the last byte of its addresses: 10.1.0.N on up0, 10.2.0.N on in0; fe80::N.
    SimulatedGateway(std::uint8_t number, Send send) : number_(number), send_(std::move(send)) {}

    // `vipctl config apply`, or the first start.
    plan::Outcome apply(const std::string& text, std::int64_t now_ns, bool force = false) {
        config::LoadOutcome loaded = config::load_text(text, "/etc/vipfwd/vipfwd.toml");
        plan::Outcome outcome{.diagnostics = std::move(loaded.diagnostics), .plan = {}};
        if (!loaded.config)
            return outcome;
        outcome.plan = plan::make_plan({wanted_, in_force_, dataplane_runs_}, *loaded.config);
        if (!outcome.plan.losses.empty() && !force)
            return outcome;
        wanted_ = std::move(*loaded.config);
        put_in_force(outcome.plan.config, now_ns);
        outcome.applied = true;
        return outcome;
    }

    // The dataplane runs if it can open all its ports.
    void restart_dataplane(std::int64_t now_ns) {
        dataplane_runs_ = false;
        update(now_ns);
        running_ = table::boot_parameters(wanted_);
        dataplane_runs_ = std::ranges::all_of(abi::ports_of(running_),
                                              [](const auto& port) { return exists(port.device); });
        put_in_force(wanted_, now_ns);
    }

    // The lease is what the next control finds.
    void restart_control(std::int64_t now_ns) {
        groups_.clear();
        rivals_ = {};
        if (dataplane_runs_)
            put_in_force(plan::defer(wanted_, plan::recover(wanted_, running_)), now_ns);
        else
            put_in_force(wanted_, now_ns);
    }

    void tick(std::int64_t now_ns) {
        for (const auto& group : groups_)
            group->on_deadline(now_ns);
        update(now_ns);
        if (rivals_.left_to_rivals(now_ns) != left_to_rivals_)
            publish(now_ns);
        if (dataplane_runs_)
            send_due(now_ns);
    }

    // As Groups does: an advert is for the group of its id on the port that it arrived at.
    void receive(const SentAdvert& sent, std::int64_t now_ns) {
        const std::uint8_t id = sent.payload[1];
        net::ReceivedAdvert received;
        received.payload = sent.payload;
        received.source = sent.source;
        received.destination = sent.destination;
        received.ttl = 255;
        received.received_ns = now_ns;
        const auto decoded =
            vrrp::decode(received.payload, received.source, received.destination, received.ttl);
        if (const auto* advert = std::get_if<vrrp::Advert>(&decoded))
            rivals_.note(*advert, received.source, now_ns);
        for (const auto& group : groups_) {
            if (group->config().id == id && group->config().is_v4() == sent.source.is_v4() &&
                device_of(group->config().port) == sent.device)
                group->on_advert(decoded, received, now_ns);
        }
    }

    // Whether the dataplane answers for the VIP.
    bool answers(const IpAddress& vip, std::int64_t now_ns) const {
        const abi::VipEntry* const entry = find(vip);
        if (entry == nullptr || !dataplane_runs_)
            return false;
        if (!abi::is_lease(entry->lease))
            return entry->lease == abi::kNoGroup;
        return leases_->groups[entry->lease].owns(static_cast<std::uint64_t>(now_ns));
    }

    // The group by which this gateway could own the VIP: nothing hinders it. Empty: there is none.
    std::string able_group(const IpAddress& vip, std::int64_t now_ns) const {
        for (const auto& group : groups_) {
            if (std::ranges::count(group->config().vips, vip) != 0 && find(vip) != nullptr &&
                group->status(now_ns).hindrances.empty())
                return group->config().name;
        }
        return "";
    }

    // Whether this gateway owns the VIPs of that group, and `vip` is not one of them.
    bool owns_group_without(const std::string& name, const IpAddress& vip,
                            std::int64_t now_ns) const {
        return std::ranges::any_of(groups_, [&](const auto& group) {
            return group->config().name == name && group->owns(now_ns) == true &&
                   std::ranges::count(group->config().vips, vip) == 0;
        });
    }

    const config::Config& in_force() const { return in_force_; }
    std::string state(std::int64_t now_ns) const {
        std::string text = dataplane_runs_ ? "" : "no dataplane; ";
        for (const auto& group : groups_) {
            const group::GroupStatus status = group->status(now_ns);
            text += status.name + " " + std::string(name(status.state)) + "; ";
        }
        return text;
    }

  private:
    static bool exists(const std::string& device) { return device == "up0" || device == "in0"; }

    const abi::VipEntry* find(const IpAddress& vip) const {
        const auto found = std::ranges::find(tables_.vips, vip, &abi::VipEntry::address);
        return found == tables_.vips.end() ? nullptr : &*found;
    }

    std::string device_of(const std::string& port) const {
        const auto found = std::ranges::find(in_force_.ports, port, &config::Port::name);
        return found == in_force_.ports.end() ? "" : found->device;
    }

    net::PortFacts facts_of(const config::Port& port) const {
        net::PortFacts facts;
        facts.name = port.name;
        if (exists(port.device)) {
            facts.own_v4 =
                *parse_ip((port.device == "up0" ? "10.1.0." : "10.2.0.") + std::to_string(number_));
            facts.source_v4 = facts.own_v4;
            facts.link_local = *parse_ip("fe80::" + std::to_string(number_));
            facts.mtu = 1500;
        }
        return facts;
    }

    // The order of Gateway::put_in_force() and refresh_tables().
    void put_in_force(config::Config config, std::int64_t now_ns) {
        in_force_ = std::move(config);
        configure_groups(now_ns);
        rivals_.configure(in_force_.groups);
        update(now_ns);
        publish(now_ns);
        update(now_ns);
    }

    // As Groups::configure().
    void configure_groups(std::int64_t now_ns) {
        auto before = std::exchange(groups_, {});
        for (const config::Group& wanted : in_force_.groups) {
            const auto known = std::ranges::find_if(before, [&](const auto& group) {
                return group && group->config().name == wanted.name;
            });
            if (known == before.end()) {
                groups_.push_back(
                    std::make_unique<group::Group>(wanted, [](const events::Event&) {}));
                continue;
            }
            groups_.push_back(std::move(*known));
            groups_.back()->configure(wanted, now_ns);
        }
        for (const auto& removed : before) {
            if (!removed)
                continue;
            removed->stop(now_ns);
            send_own_advert(*removed);
        }
    }

    void publish(std::int64_t now_ns) {
        left_to_rivals_ = rivals_.left_to_rivals(now_ns);
        net::Facts facts{.ports = {},
                         .next_hop = [](const IpAddress&) { return std::optional<net::NextHop>(); },
                         .left_to_rivals = left_to_rivals_};
        for (const config::Port& port : in_force_.ports)
            facts.ports.push_back(facts_of(port));
        const abi::BootParameters configured = table::boot_parameters(in_force_);
        facts =
            table::arrange(std::move(facts), configured, dataplane_runs_ ? running_ : configured);
        const auto zero = [](std::uint32_t) { return table::CounterValue{}; };
        tables_ = table::build(in_force_, facts, tables_, {zero, zero}, 1000).value().tables;
    }

    void update(std::int64_t now_ns) {
        for (const auto& group : groups_) {
            const auto port =
                std::ranges::find(in_force_.ports, group->config().port, &config::Port::name);
            const bool has_port = port != in_force_.ports.end();
            const net::PortFacts facts = has_port ? facts_of(*port) : net::PortFacts{};
            group->update({.leases = leases_.get(),
                           .lease = table::find_lease(tables_, group->config().name),
                           .source = table::advert_source(group->config(), facts),
                           .mtu = facts.mtu,
                           .dataplane_forwards = dataplane_runs_,
                           .link = has_port && exists(port->device) ? health::Verdict::kGood
                                                                    : health::Verdict::kBad},
                          now_ns);
            send_own_advert(*group);
        }
    }

    // What control sends because the dataplane cannot.
    void send_own_advert(group::Group& group) {
        const std::optional<std::uint8_t> priority = group.take_advert();
        if (!priority || group.source().is_none())
            return;
        const vrrp::AdvertSettings settings = table::advert_settings(group.config());
        const IpAddress destination = vrrp::multicast_group(settings.is_v4);
        send_({device_of(group.config().port), group.source(), destination,
               make_payload(settings, make_advert(settings, *priority, group.mtu()), group.source(),
                            destination)});
    }

    // The dataplane's adverts, as dataplane/packet/advert_scheduler.h sends them.
    void send_due(std::int64_t now_ns) {
        for (const abi::GroupEntry& entry : tables_.groups) {
            const abi::Claim claim =
                leases_->groups[entry.lease].at(static_cast<std::uint64_t>(now_ns));
            Advertised& last = advertised_[entry.lease];
            const bool owns = claim.state == abi::LeaseState::kOwner;
            const bool left = last.owned && !owns;
            const bool due =
                owns && (!last.owned || claim.epoch != last.epoch ||
                         now_ns >= last.at_ns + entry.advert_interval_ms * kNanosecondsPerMs);
            last.owned = owns;
            last.epoch = claim.epoch;
            if (!left && !due)
                continue;
            last.at_ns = now_ns;
            const bool resigns = claim.state == abi::LeaseState::kResigned;
            send_entry(entry, left && resigns ? 0 : claim.priority);
        }
    }

    void send_entry(const abi::GroupEntry& entry, std::uint8_t priority) {
        const auto group =
            std::ranges::find(in_force_.groups, std::string(entry.name), &config::Group::name);
        if (group == in_force_.groups.end() || entry.advert_count == 0)
            return;
        const auto port = std::ranges::find(in_force_.ports, group->port, &config::Port::name);
        const IpAddress source = table::advert_source(*group, facts_of(*port));
        const vrrp::AdvertSettings settings = table::advert_settings(*group);
        const IpAddress destination = vrrp::multicast_group(settings.is_v4);
        send_({port->device, source, destination,
               make_payload(settings, make_advert(settings, priority, 1500), source, destination)});
    }

    struct Advertised {
        bool owned = false;
        std::uint32_t epoch = 0;
        std::int64_t at_ns = 0;
    };

    std::uint8_t number_;
    Send send_;
    config::Config wanted_;
    config::Config in_force_;
    abi::BootParameters running_{};
    bool dataplane_runs_ = false;
    table::Tables tables_;
    std::vector<std::unique_ptr<group::Group>> groups_;
    group::RivalClaims rivals_;
    std::vector<IpAddress> left_to_rivals_;  // as published
    std::unique_ptr<abi::LeaseArea> leases_ = std::make_unique<abi::LeaseArea>();
    std::array<Advertised, abi::kMaxGroups> advertised_{};
};

class TwoGateways {
  public:
    static constexpr std::int64_t kTick_ns = 5 * kNanosecondsPerMs;

    TwoGateways() {
        for (const std::size_t sender : {0u, 1u}) {
            const std::size_t receiver = 1 - sender;
            gateways_[sender] = std::make_unique<SimulatedGateway>(
                static_cast<std::uint8_t>(sender + 1),
                [this, receiver](const SentAdvert& sent) { link_[receiver].push_back(sent); });
        }
    }

    SimulatedGateway& operator[](std::size_t index) { return *gateways_[index]; }
    const SimulatedGateway& operator[](std::size_t index) const { return *gateways_[index]; }
    std::int64_t now_ns() const { return now_ns_; }

    void run(std::int64_t duration_ns) {
        for (const std::int64_t end = now_ns_ + duration_ns; now_ns_ < end; now_ns_ += kTick_ns) {
            for (const std::size_t i : {0u, 1u}) {
                for (const SentAdvert& sent : std::exchange(link_[i], {}))
                    gateways_[i]->receive(sent, now_ns_);
                gateways_[i]->tick(now_ns_);
            }
        }
    }

  private:
    std::int64_t now_ns_ = 1000 * kNanosecondsPerS;
    std::array<std::unique_ptr<SimulatedGateway>, 2> gateways_;
    std::array<std::vector<SentAdvert>, 2> link_;  // to each gateway
};

}  // namespace vipfwd::gateway
