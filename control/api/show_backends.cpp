// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <vector>

#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using Rows = std::vector<const abi::BackendEntry*>;

Error no_such_pool(const State& state, const std::string& name) {
    std::vector<std::string_view> names;
    for (const config::Pool& pool : state.config.pools)
        names.push_back(pool.name);
    return Error{"there is no pool " + text::quote(name) + text::suggestion(name, names)};
}

std::string_view state_word(const abi::BackendEntry* row) {
    if (row == nullptr)
        return "pending";
    const bool serves = row->state == static_cast<std::uint8_t>(abi::BackendState::kServing);
    return serves ? "serving" : "draining";
}

// One pool at a time, since its ring is gone through once.
class PoolView {
  public:
    PoolView(const State& state, const std::vector<std::string>& ports, const config::Pool& pool)
        : state_(state),
          ports_(ports),
          pool_(pool),
          rows_(table::backend_rows(tables_in_force(state), pool)) {
        const table::Tables& tables = tables_in_force(state);
        const abi::PoolEntry* entry = table::find_pool(tables, pool.name);
        if (entry == nullptr)
            return;
        first_row_ = tables.backends.data() + entry->backend_base;
        slots_.resize(entry->backend_count);
        ring_slots_ = entry->ring_slots;
        for (const std::uint16_t index : state.publisher->ring(*entry)) {
            if (index < slots_.size())
                ++slots_[index];
        }
    }

    void append_to(Json& list) const {
        for (std::size_t i = 0; i < pool_.backends.size(); ++i)
            list.push_back(backend(pool_.backends[i], rows_[i]));
    }

  private:
    Json backend(const config::Backend& backend, const abi::BackendEntry* row) const {
        const std::uint32_t slots = row != nullptr ? slots_[row - first_row_] : 0;
        const table::CounterValue value =
            row != nullptr ? since(state_.publisher->counters().backend(row->counter),
                                   row->baseline_packets, row->baseline_bytes)
                           : table::CounterValue{};
        // Key by key: for tens of thousands of rows that is a third faster than a list.
        Json shown;
        shown["pool"] = pool_.name;
        shown["name"] = backend.name;
        shown["address"] = to_string(backend.address);
        shown["weight"] = backend.weight;
        shown["state"] = state_word(row);
        shown["slots"] = slots;
        shown["share"] = ring_slots_ > 0 ? static_cast<double>(slots) / ring_slots_ : 0.0;
        shown["next_hop"] = next_hop(state_, backend.address, row, ports_);
        shown["packets"] = value.packets;
        shown["bytes"] = value.bytes;
        return shown;
    }

    const State& state_;
    const std::vector<std::string>& ports_;
    const config::Pool& pool_;
    Rows rows_;
    const abi::BackendEntry* first_row_ = nullptr;
    std::vector<std::uint32_t> slots_;  // by a backend's index within the pool
    std::uint32_t ring_slots_ = 0;
};

}  // namespace

Result<Json> show_backends(const State& state, const std::string& pool) {
    const std::vector<std::string> ports = port_names(state);
    Json list = Json::array();
    bool found = pool.empty();
    for (const config::Pool& one : state.config.pools) {
        if (!pool.empty() && one.name != pool)
            continue;
        found = true;
        PoolView(state, ports, one).append_to(list);
    }
    if (!found)
        return no_such_pool(state, pool);
    return list;
}

}  // namespace vipfwd::api
