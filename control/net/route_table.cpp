// SPDX-License-Identifier: Apache-2.0
#include "control/net/route_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vipfwd::net {
namespace {

bool before(const RouteTable::Route& route, const IpAddress& address) {
    return route.address < address;
}

}  // namespace

std::vector<RouteTable::Route> RouteTable::want(std::vector<IpAddress> addresses) {
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    std::vector<Route> old = std::exchange(routes_, {});
    std::vector<Route> unwanted;
    routes_.reserve(addresses.size());
    auto known = old.begin();
    for (const IpAddress& address : addresses) {
        while (known != old.end() && known->address < address)
            unwanted.push_back(std::move(*known++));
        if (known != old.end() && known->address == address)
            routes_.push_back(std::move(*known++));
        else
            routes_.push_back({.address = address, .way = {}, .neighbor = {}});
    }
    std::move(known, old.end(), std::back_inserter(unwanted));
    for (Route& route : routes_)
        route.current = false;
    current_count_ = 0;
    cursor_ = 0;
    make_all_due();
    return unwanted;
}

const RouteTable::Route* RouteTable::find(const IpAddress& address) const {
    const auto at = std::lower_bound(routes_.begin(), routes_.end(), address, before);
    return at != routes_.end() && at->address == address ? &*at : nullptr;
}

RouteTable::Route* RouteTable::answer(const IpAddress& address,
                                      const std::optional<RouteMessage>& way) {
    const auto at = std::lower_bound(routes_.begin(), routes_.end(), address, before);
    if (at == routes_.end() || at->address != address)
        return nullptr;
    at->answered = true;
    at->way = way;
    current_count_ += std::exchange(at->current, true) ? 0 : 1;
    return &*at;
}

void RouteTable::make_due(const IpAddress& first, const IpAddress& last) {
    auto at = std::lower_bound(routes_.begin(), routes_.end(), first, before);
    for (; at != routes_.end() && at->address <= last; ++at)
        due_count_ += std::exchange(at->due, true) ? 0 : 1;
}

void RouteTable::make_all_due() {
    for (Route& route : routes_)
        route.due = true;
    due_count_ = routes_.size();
}

std::vector<IpAddress> RouteTable::take_due(std::size_t limit) {
    std::vector<IpAddress> taken;
    while (any_due() && taken.size() < limit) {
        Route& route = routes_[cursor_];
        cursor_ = (cursor_ + 1) % routes_.size();
        if (!std::exchange(route.due, false))
            continue;
        --due_count_;
        taken.push_back(route.address);
    }
    return taken;
}

}  // namespace vipfwd::net
