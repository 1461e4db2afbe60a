// SPDX-License-Identifier: Apache-2.0
#include "control/net/network_view.h"

#include <algorithm>
#include <utility>

namespace vipfwd::net {
namespace {

// Whom packets that go `way` to `address` are handed to.
const IpAddress& gateway_or(const IpAddress& address, const RouteMessage& way) {
    return way.gateway.is_none() ? address : way.gateway;
}

HopState state_of(const NeighborTable::Neighbor& neighbor) {
    if (!neighbor.valid())
        return HopState::kLost;
    return neighbor.stale() ? HopState::kStale : HopState::kReachable;
}

}  // namespace

void NetworkView::configure(const config::Config& config) {
    ports_.configure(config, interfaces_);
    std::vector<IpAddress> addresses;
    const auto want = [&](const IpAddress& address) {
        if (ports_.any_kernel_interface() && !ports_.static_mac(address) &&
            !ports_.beside_kernel(address))
            addresses.push_back(address);
    };
    for (const config::Pool& pool : config.pools) {
        for (const config::Backend& backend : pool.backends)
            want(backend.address);
    }
    for (const config::Group& group : config.groups)
        std::for_each(group.peers.begin(), group.peers.end(), want);
    for (const RouteTable::Route& unwanted : routes_.want(std::move(addresses))) {
        if (unwanted.neighbor)
            neighbors_.release(*unwanted.neighbor);
    }
    refresh();
    changed_ = false;
}

void NetworkView::apply(const Message& message, std::int64_t now_ms) {
    if (const auto* link = std::get_if<LinkMessage>(&message.body))
        interfaces_differ(interfaces_.apply(*link));
    else if (const auto* address = std::get_if<AddressMessage>(&message.body))
        address_differs(*address, interfaces_.apply(*address));
    else if (const auto* neighbor = std::get_if<NeighborMessage>(&message.body))
        changed_ |= neighbors_.apply(*neighbor, now_ms);
    else if (const auto* route = std::get_if<RouteMessage>(&message.body))
        routes_.make_due(route->first, route->last);
}

void NetworkView::begin_dump(Dump dump) {
    switch (dump) {
        case Dump::kLinks:
            // There is no dump of routes: what was missed of them is asked for one by one.
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
            interfaces_differ(interfaces_.end_links());
            return;
        case Dump::kAddresses:
            interfaces_differ(interfaces_.end_addresses());
            own_changed_ |= !std::exchange(addresses_known_, true);
            return;
        case Dump::kNeighbors:
            return neighbors_.end_dump(now_ms);
    }
}

void NetworkView::interfaces_differ(bool differ) {
    interfaces_changed_ |= differ;
    own_changed_ |= differ;
}

// No port's facts depend on what we have set.
void NetworkView::address_differs(const AddressMessage& address, bool differs) {
    own_changed_ |= differs;
    if (!address.own)
        interfaces_changed_ |= differs;
}

void NetworkView::refresh() {
    if (!std::exchange(interfaces_changed_, false))
        return;
    changed_ |= ports_.update(interfaces_);
    // The kernel drops the routes of an interface that goes down without a word.
    routes_.make_all_due();
}

void NetworkView::answer(const IpAddress& address, const std::optional<RouteMessage>& way,
                         std::int64_t now_ms) {
    const std::optional<table::NextHop> before = hop(address).hop;
    RouteTable::Route* route = routes_.answer(address, way);
    if (route == nullptr)
        return;
    const auto neighbor_before = std::exchange(route->neighbor, neighbor_on(address, way));
    if (route->neighbor)
        neighbors_.use(*route->neighbor, now_ms);
    if (neighbor_before)
        neighbors_.release(*neighbor_before);
    changed_ |= hop_by(*route).hop != before;
}

Hop NetworkView::hop(const IpAddress& address) const {
    if (const auto hop = ports_.static_hop(address))
        return {hop, HopState::kStatic};
    if (const RouteTable::Route* route = routes_.find(address))
        return hop_by(*route);
    if (!ports_.any_kernel_interface() || ports_.beside_kernel(address))
        return {std::nullopt, HopState::kNoStaticNeighbor};
    return {};
}

std::optional<std::vector<OwnAddress>> NetworkView::own_addresses() const {
    if (!addresses_known_)
        return std::nullopt;
    std::vector<OwnAddress> own;
    for (const int number : ports_.interfaces()) {
        const Interfaces::Interface* interface = interfaces_.find(number);
        for (std::size_t i = 0; interface != nullptr && i < interface->addresses.size(); ++i) {
            const Interfaces::Address& address = interface->addresses[i];
            if (address.own)
                own.push_back({interface->name, address.address.address});
        }
    }
    return own;
}

bool NetworkView::take_own_changed() {
    return std::exchange(own_changed_, false);
}

bool NetworkView::take_changed() {
    return std::exchange(changed_, false);
}

std::optional<NeighborKey> NetworkView::neighbor_on(const IpAddress& address,
                                                    const std::optional<RouteMessage>& way) const {
    if (!way || way->kind != RouteMessage::Kind::kUnicast || !ports_.port_of(way->interface) ||
        ports_.static_mac(gateway_or(address, *way)))
        return std::nullopt;
    return NeighborKey{.interface = way->interface, .address = gateway_or(address, *way)};
}

Hop NetworkView::hop_by(const RouteTable::Route& route) const {
    if (!route.answered)
        return {std::nullopt, HopState::kResolving};
    if (!route.way || route.way->kind == RouteMessage::Kind::kRefused)
        return {std::nullopt, HopState::kNoRoute};
    const std::optional<std::uint8_t> port = ports_.port_of(route.way->interface);
    if (!port || route.way->kind == RouteMessage::Kind::kLocal)
        return {std::nullopt, HopState::kNotViaPort};
    if (const auto mac = ports_.static_mac(gateway_or(route.address, *route.way)))
        return {table::NextHop{.mac = *mac, .port = *port}, HopState::kStatic};
    const NeighborTable::Neighbor* neighbor =
        route.neighbor ? neighbors_.find(*route.neighbor) : nullptr;
    if (neighbor == nullptr || !neighbor->mac)
        return {std::nullopt, HopState::kResolving};
    return {table::NextHop{.mac = *neighbor->mac, .port = *port}, state_of(*neighbor)};
}

}  // namespace vipfwd::net
