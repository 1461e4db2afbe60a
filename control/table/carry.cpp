// SPDX-License-Identifier: Apache-2.0
#include "control/table/carry.h"

#include <algorithm>
#include <unordered_map>

#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

bool is_retired(const abi::BackendEntry& backend) {
    return backend.state == static_cast<std::uint8_t>(abi::BackendState::kRetired);
}

// True if no flow can name the seat's backend any more.
bool is_vacant(const Seat& seat, std::uint32_t now_s, std::uint32_t flow_memory_s) {
    return !seat.holder && is_retired(*seat.before) &&
           now_s - seat.before->retired_at_s > flow_memory_s;
}

bool all_stay(std::span<const abi::BackendEntry> before, const config::Pool& pool) {
    return std::equal(before.begin(), before.end(), pool.backends.begin(), pool.backends.end(),
                      [](const abi::BackendEntry& row, const config::Backend& backend) {
                          return row.address == backend.address;
                      });
}

}  // namespace

std::uint32_t CounterNumbers::take() {
    while (now_[next_] || (!reuse_ && before_[next_])) {
        if (++next_ == now_.size()) {
            next_ = 0;
            reuse_ = true;
        }
    }
    now_[next_] = true;
    return next_;
}

Seats assign_seats(std::span<const abi::BackendEntry> before, const config::Pool& pool,
                   std::uint32_t now_s, std::uint32_t flow_memory_s) {
    if (all_stay(before, pool))
        return Seats(before);
    std::vector<Seat> seats;
    seats.reserve(before.size());
    for (const abi::BackendEntry& backend : before)
        seats.push_back({.before = &backend, .holder = {}});
    Known<abi::BackendEntry, std::unordered_map<IpAddress, const abi::BackendEntry*, AddressHash>>
        known(before, [](const abi::BackendEntry& backend) { return backend.address; });
    std::vector<std::uint32_t> newcomers;
    for (std::uint32_t i = 0; i < pool.backends.size(); ++i) {
        if (const abi::BackendEntry* row = known.find(pool.backends[i].address))
            seats[static_cast<std::size_t>(row - before.data())].holder = i;
        else
            newcomers.push_back(i);
    }
    std::size_t next = 0;
    for (const std::uint32_t newcomer : newcomers) {
        while (next < seats.size() && !is_vacant(seats[next], now_s, flow_memory_s))
            ++next;
        if (next == seats.size())
            seats.push_back({});
        seats[next].holder = newcomer;
        seats[next].is_new = true;
    }
    while (!seats.empty() && is_vacant(seats.back(), now_s, flow_memory_s))
        seats.pop_back();
    return Seats(std::move(seats));
}

}  // namespace vipfwd::table
