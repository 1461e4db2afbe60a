// SPDX-License-Identifier: Apache-2.0
#include "control/net/network_view.h"

#include <algorithm>
#include <utility>

namespace vipfwd::net {
namespace {

// The route's gateway; on-link routes lead to `address` itself.
const IpAddress& gateway_or(const IpAddress& address, const RouteMessage& route) {
    return route.gateway.is_none() ? address : route.gateway;
}

HopState state_of(const NeighborTable::Neighbor& neighbor) {
    if (!neighbor.valid())
        return HopState::kLost;
    return neighbor.stale() ? HopState::kStale : HopState::kReachable;
}

}  // namespace

void NetworkView::configure(const config::Config& config) {
    const bool ports_changed = ports_.configure(config, interfaces_);
    std::vector<IpAddress> addresses;
    const auto track = [&](const IpAddress& address) {
        if (ports_.any_kernel_interface() && !ports_.static_mac(address) &&
            !ports_.needs_static_neighbor(address))
            addresses.push_back(address);
    };
    for (const config::Pool& pool : config.pools) {
        for (const config::Backend& backend : pool.backends)
            track(backend.address);
    }
    for (const config::Group& group : config.groups)
        std::for_each(group.peers.begin(), group.peers.end(), track);
    for (const RouteTable::Entry& untracked : routes_.track(std::move(addresses))) {
        if (untracked.neighbor)
            neighbors_.release(*untracked.neighbor, {});
    }
    if (ports_changed)
        routes_.forget_answers();
    refresh();
    changed_ = false;
    next_hops_ = nullptr;
}

void NetworkView::apply(const Message& message, std::int64_t now_ms) {
    if (const auto* link = std::get_if<LinkMessage>(&message.body))
        note_interface_change(interfaces_.apply(*link));
    else if (const auto* address = std::get_if<AddressMessage>(&message.body))
        note_address_change(*address, interfaces_.apply(*address));
    else if (const auto* neighbor = std::get_if<NeighborMessage>(&message.body))
        note_change(neighbors_.apply(*neighbor, now_ms));
    else if (const auto* route = std::get_if<RouteMessage>(&message.body))
        routes_.make_due(route->first, route->last);
}

void NetworkView::begin_dump(Dump dump) {
    switch (dump) {
        case Dump::kLinks:
            // Routes are not dumped: after lost messages each tracked route is requested again.
            routes_.make_all_due();
            return interfaces_.begin_links();
        case Dump::kAddresses:
            return interfaces_.begin_addresses();
        case Dump::kNeighbors:
            return neighbors_.begin_dump();
    }
}

void NetworkView::end_dump(Dump dump, std::int64_t now_ms) {
    switch (dump) {
        case Dump::kLinks:
            note_interface_change(interfaces_.end_links());
            return;
        case Dump::kAddresses:
            note_interface_change(interfaces_.end_addresses());
            managed_changed_ |= !std::exchange(addresses_known_, true);
            return;
        case Dump::kNeighbors:
            return neighbors_.end_dump(now_ms);
    }
}

void NetworkView::note_change(bool changed) {
    changed_ |= changed;
    if (changed)
        next_hops_ = nullptr;
}

void NetworkView::note_interface_change(bool changed) {
    interfaces_changed_ |= changed;
    managed_changed_ |= changed;
}

// The facts of ports do not depend on addresses that control has added.
void NetworkView::note_address_change(const AddressMessage& address, bool changed) {
    managed_changed_ |= changed;
    if (!address.managed)
        interfaces_changed_ |= changed;
}

void NetworkView::refresh() {
    if (!std::exchange(interfaces_changed_, false))
        return;
    note_change(ports_.update(interfaces_));
    // When an interface goes down, the kernel drops its routes without a notification.
    routes_.make_all_due();
}

void NetworkView::apply_route(const IpAddress& address, const std::optional<RouteMessage>& route,
                              std::int64_t now_ms) {
    const std::optional<NextHop> before = hop(address).hop;
    RouteTable::Entry* entry = routes_.apply_answer(address, route);
    if (entry == nullptr)
        return;
    const auto neighbor_before = std::exchange(entry->neighbor, neighbor_for(address, route));
    if (entry->neighbor)
        neighbors_.use(*entry->neighbor, now_ms);
    if (neighbor_before)
        neighbors_.release(*neighbor_before, now_ms);
    note_change(hop_via(*entry).hop != before);
}

std::shared_ptr<const NextHops> NetworkView::next_hops() {
    if (next_hops_)
        return next_hops_;
    std::vector<std::pair<IpAddress, NextHop>> hops;
    hops.reserve(routes_.entries().size());
    for (const RouteTable::Entry& entry : routes_.entries()) {
        if (const std::optional<NextHop> hop = hop_via(entry).hop)
            hops.emplace_back(entry.address, *hop);
    }
    // Addresses of static neighbors are not tracked.
    const auto tracked = static_cast<std::ptrdiff_t>(hops.size());
    ports_.for_each_static_hop(
        [&](const IpAddress& address, const NextHop& hop) { hops.emplace_back(address, hop); });
    const auto by_address = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::sort(hops.begin() + tracked, hops.end(), by_address);
    std::inplace_merge(hops.begin(), hops.begin() + tracked, hops.end(), by_address);
    next_hops_ = std::make_shared<const NextHops>(std::move(hops));
    return next_hops_;
}

Hop NetworkView::hop(const IpAddress& address) const {
    if (const auto hop = ports_.static_hop(address))
        return {hop, HopState::kStatic};
    if (const RouteTable::Entry* entry = routes_.find(address))
        return hop_via(*entry);
    if (!ports_.any_kernel_interface() || ports_.needs_static_neighbor(address))
        return {std::nullopt, HopState::kNoStaticNeighbor};
    return {};
}

Hops NetworkView::hops() {
    std::vector<Hops::Tracked> tracked;
    tracked.reserve(routes_.entries().size());
    for (const RouteTable::Entry& entry : routes_.entries())
        tracked.emplace_back(entry.address, hop_via(entry).state);
    return {next_hops(), std::move(tracked)};
}

// An address that is neither tracked nor a static neighbor is reached without the kernel: see
// NetworkView::configure().
Hop Hops::find(const IpAddress& address) const {
    const std::optional<NextHop> hop = next_hops_->find(address);
    const auto at = std::ranges::lower_bound(tracked_, address, {}, &Tracked::first);
    if (at != tracked_.end() && at->first == address)
        return {hop, at->second};
    return {hop, hop ? HopState::kStatic : HopState::kNoStaticNeighbor};
}

std::optional<std::vector<ManagedAddress>> NetworkView::managed_addresses() const {
    if (!addresses_known_)
        return std::nullopt;
    std::vector<ManagedAddress> managed;
    for (const int number : ports_.interfaces()) {
        const InterfaceTable::Interface* interface = interfaces_.find(number);
        for (std::size_t i = 0; interface != nullptr && i < interface->addresses.size(); ++i) {
            const InterfaceTable::Address& address = interface->addresses[i];
            if (address.managed)
                managed.push_back({interface->name, address.address.address});
        }
    }
    return managed;
}

bool NetworkView::take_managed_changed() {
    return std::exchange(managed_changed_, false);
}

bool NetworkView::take_changed() {
    return std::exchange(changed_, false);
}

std::optional<NeighborKey> NetworkView::neighbor_for(
    const IpAddress& address, const std::optional<RouteMessage>& route) const {
    if (!route || route->kind != RouteMessage::Kind::kUnicast ||
        !ports_.port_of(route->interface) || ports_.static_mac(gateway_or(address, *route)))
        return std::nullopt;
    return NeighborKey{.interface = route->interface, .address = gateway_or(address, *route)};
}

Hop NetworkView::hop_via(const RouteTable::Entry& entry) const {
    if (!entry.answered)
        return {std::nullopt, HopState::kResolving};
    const std::optional<RouteMessage>& route = entry.route;
    if (!route || route->kind == RouteMessage::Kind::kRefused)
        return {std::nullopt, HopState::kNoRoute};
    if (route->kind == RouteMessage::Kind::kLocal)
        return {std::nullopt, HopState::kOwnAddress};
    const std::optional<std::uint8_t> port = ports_.port_of(route->interface);
    if (!port)
        return {std::nullopt, HopState::kNotViaPort};
    if (const auto mac = ports_.static_mac(gateway_or(entry.address, *route)))
        return {NextHop{.mac = *mac, .port = *port}, HopState::kStatic};
    const NeighborTable::Neighbor* neighbor =
        entry.neighbor ? neighbors_.find(*entry.neighbor) : nullptr;
    if (neighbor == nullptr || !neighbor->mac)
        return {std::nullopt, HopState::kResolving};
    return {NextHop{.mac = *neighbor->mac, .port = *port}, state_of(*neighbor)};
}

}  // namespace vipfwd::net
