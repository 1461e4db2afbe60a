// SPDX-License-Identifier: Apache-2.0
#include "control/net/route_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vipfwd::net {
namespace {

bool before(const RouteTable::Entry& entry, const IpAddress& address) {
    return entry.address < address;
}

}  // namespace

std::vector<RouteTable::Entry> RouteTable::track(std::vector<IpAddress> addresses) {
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    std::vector<Entry> old = std::exchange(entries_, {});
    std::vector<Entry> untracked;
    entries_.reserve(addresses.size());
    auto known = old.begin();
    for (const IpAddress& address : addresses) {
        while (known != old.end() && known->address < address)
            untracked.push_back(std::move(*known++));
        if (known != old.end() && known->address == address)
            entries_.push_back(std::move(*known++));
        else
            entries_.push_back({.address = address, .due = true, .route = {}, .neighbor = {}});
    }
    std::move(known, old.end(), std::back_inserter(untracked));
    current_count_ = count(&Entry::current);
    due_count_ = count(&Entry::due);
    cursor_ = 0;
    return untracked;
}

void RouteTable::forget_answers() {
    for (Entry& entry : entries_)
        entry.current = false;
    current_count_ = 0;
    make_all_due();
}

std::size_t RouteTable::count(bool Entry::*what) const {
    return static_cast<std::size_t>(std::ranges::count(entries_, true, what));
}

const RouteTable::Entry* RouteTable::find(const IpAddress& address) const {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), address, before);
    return at != entries_.end() && at->address == address ? &*at : nullptr;
}

RouteTable::Entry* RouteTable::apply_answer(const IpAddress& address,
                                            const std::optional<RouteMessage>& route) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), address, before);
    if (at == entries_.end() || at->address != address)
        return nullptr;
    at->answered = true;
    at->route = route;
    current_count_ += std::exchange(at->current, true) ? 0 : 1;
    return &*at;
}

void RouteTable::make_due(const IpAddress& first, const IpAddress& last) {
    auto at = std::lower_bound(entries_.begin(), entries_.end(), first, before);
    for (; at != entries_.end() && at->address <= last; ++at)
        due_count_ += std::exchange(at->due, true) ? 0 : 1;
}

void RouteTable::make_all_due() {
    for (Entry& entry : entries_)
        entry.due = true;
    due_count_ = entries_.size();
}

std::vector<IpAddress> RouteTable::take_due(std::size_t limit) {
    std::vector<IpAddress> taken;
    while (any_due() && taken.size() < limit) {
        Entry& entry = entries_[cursor_];
        cursor_ = (cursor_ + 1) % entries_.size();
        if (!std::exchange(entry.due, false))
            continue;
        --due_count_;
        taken.push_back(entry.address);
    }
    return taken;
}

}  // namespace vipfwd::net
