// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "control/api/json_text.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/services.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

// About that many bytes of text are a row.
constexpr std::size_t kServiceRowBytes = 360;

void write(const view::ServiceRow& row, JsonText& text) {
    const config::Service& service = row.service;
    text.begin('{');
    text.field("name", service.name);
    text.field("vip", to_string(service.vip));
    text.field("protocol", word(service.protocol));
    text.field("port", port_range(service.port_first, service.port_last));
    text.field("pool", row.pool.name);
    text.field("forward", word(service.forward));
    text.field("affinity", word(service.affinity));
    text.field("pin_flows", service.pin_flows);
    text.key("backends");
    text.begin('{');
    text.field("serving", row.serving);
    text.field("draining", row.draining);
    text.field("down", row.down);
    text.field("standby", row.standby);
    text.field("total", row.pool.backends.size());
    text.end('}');
    text.field("fails_open", row.fails_open);
    text.field("packets", row.traffic.packets);
    text.field("bytes", row.traffic.bytes);
    text.end('}');
}

}  // namespace

std::string show_services(const view::Snapshot& snapshot) {
    const std::vector<view::ServiceRow> rows = view::services(snapshot);
    JsonText text(rows.size() * kServiceRowBytes);
    text.begin('[');
    for (const view::ServiceRow& row : rows)
        write(row, text);
    text.end(']');
    return std::move(text).take();
}

}  // namespace vipfwd::api
