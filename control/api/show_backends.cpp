// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <vector>

#include "control/api/health_json.h"
#include "control/api/json_text.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "control/view/backends.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

// About that many bytes of text are a row.
constexpr std::size_t kBackendRowBytes = 440;

Error no_such_pool(const config::Config& config, const std::string& name) {
    std::vector<std::string_view> names;
    for (const config::Pool& pool : config.pools)
        names.push_back(pool.name);
    return Error{"there is no pool " + text::quote(name) + text::suggestion(name, names)};
}

std::string_view state_word(view::BackendDisplayState state) {
    switch (state) {
        case view::BackendDisplayState::kServing:
            return "serving";
        case view::BackendDisplayState::kDraining:
            return "draining";
        case view::BackendDisplayState::kDown:
            return "down";
        case view::BackendDisplayState::kStandby:
            return "standby";
        case view::BackendDisplayState::kFailOpen:
            return "fail-open";
        case view::BackendDisplayState::kPending:
            break;
    }
    return "pending";
}

void write(const view::NextHop& hop, JsonText& text) {
    text.begin('{');
    text.field("resolved", hop.mac.has_value());
    text.key("mac");
    if (hop.mac)
        text.value(to_string(*hop.mac));
    else
        text.value(nullptr);
    text.key("port");
    if (hop.port)
        text.value(*hop.port);
    else
        text.value(nullptr);
    text.field("state", word(hop.state));
    text.end('}');
}

void write(const view::BackendRow& row, JsonText& text) {
    text.begin('{');
    text.field("pool", row.pool.name);
    text.field("name", row.backend.name);
    text.field("address", to_string(row.backend.address));
    text.field("weight", row.weight);
    text.field("weight_configured", row.backend.weight);
    text.field("starts_slowly", row.starts_slowly);
    text.field("tier", row.backend.tier);
    text.field("admin", word(row.admin));
    text.field("state", state_word(row.state));
    text.field("slots", row.slots);
    text.field("share", row.share);
    text.key("next_hop");
    write(row.next_hop, text);
    text.field("packets", row.traffic.packets);
    text.field("bytes", row.traffic.bytes);
    if (row.flows_left)
        text.field("flows_left", *row.flows_left);
    if (row.check != nullptr) {
        text.field("health", word(row.check->standing.verdict));
        write_check(*row.check, text);
    }
    text.end('}');
}

}  // namespace

Result<std::string> show_backends(const view::Snapshot& snapshot, const std::string& pool) {
    const config::Config& config = *snapshot.config;
    if (!pool.empty() && config::find_pool(config, pool) == nullptr)
        return no_such_pool(config, pool);
    const std::vector<view::BackendRow> rows = view::backends(snapshot, pool);
    JsonText text(rows.size() * kBackendRowBytes);
    text.begin('[');
    for (const view::BackendRow& row : rows)
        write(row, text);
    text.end(']');
    return std::move(text).take();
}

}  // namespace vipfwd::api
