// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <vector>

#include "control/api/show.h"
#include "control/api/words.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "control/view/backends.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

Error no_such_pool(const view::Source& source, const std::string& name) {
    std::vector<std::string_view> names;
    for (const config::Pool& pool : source.config.pools)
        names.push_back(pool.name);
    return Error{"there is no pool " + text::quote(name) + text::suggestion(name, names)};
}

std::string_view state_word(view::BackendDisplayState state) {
    switch (state) {
        case view::BackendDisplayState::kServing:
            return "serving";
        case view::BackendDisplayState::kDraining:
            return "draining";
        case view::BackendDisplayState::kPending:
            break;
    }
    return "pending";
}

Json show(const view::BackendRow& row) {
    // Key by key: for tens of thousands of rows that is a third faster than a list.
    Json shown;
    shown["pool"] = row.pool.name;
    shown["name"] = row.backend.name;
    shown["address"] = to_string(row.backend.address);
    shown["weight"] = row.backend.weight;
    shown["state"] = state_word(row.state);
    shown["slots"] = row.slots;
    shown["share"] = row.share;
    shown["next_hop"] = to_json(row.next_hop);
    shown["packets"] = row.traffic.packets;
    shown["bytes"] = row.traffic.bytes;
    return shown;
}

}  // namespace

Result<Json> show_backends(const view::Source& source, const std::string& pool) {
    const bool is_known =
        pool.empty() || std::ranges::find(source.config.pools, pool, &config::Pool::name) !=
                            source.config.pools.end();
    if (!is_known)
        return no_such_pool(source, pool);
    Json list = Json::array();
    for (const view::BackendRow& row : view::backends(source, pool))
        list.push_back(show(row));
    return list;
}

}  // namespace vipfwd::api
