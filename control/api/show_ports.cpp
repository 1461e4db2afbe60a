// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "control/api/counters_json.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/ports.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

std::string_view state_word(view::PortDisplayState state) {
    switch (state) {
        case view::PortDisplayState::kNotRunning:
            break;
        case view::PortDisplayState::kAbsent:
            return "absent";
        case view::PortDisplayState::kDown:
            return "down";
        case view::PortDisplayState::kNoInterface:
            return "no interface";
        case view::PortDisplayState::kCannotOpen:
            return "cannot open";
        case view::PortDisplayState::kUp:
            return "up";
    }
    return "not running";
}

// Null for 0, which stands for "none" or "not known yet".
template <typename Number>
Json number_or_null(Number number) {
    return number != 0 ? Json(number) : Json();
}

Json addresses(const view::PortRow& row) {
    Json list = Json::array();
    for (const config::InterfaceAddress& one : row.addresses)
        list.push_back(to_string(one.address) + "/" + std::to_string(one.prefix_length));
    return list;
}

Json show(const view::PortRow& row) {
    static const abi::PortStatus zeros{};
    Json shown = {{"name", row.name},
                  {"device", row.device},
                  {"driver", word(row.driver)},
                  {"queues", row.queues},
                  {"unopened_queues", row.unopened_queues},
                  {"addresses", addresses(row)},
                  {"vlan", number_or_null(row.vlan)},
                  {"outer_vlan", number_or_null(row.outer_vlan)},
                  {"kernel_interface", text_or_null(row.kernel_interface)},
                  {"state", state_word(row.state)},
                  {"mac", row.mac ? Json(to_string(*row.mac)) : Json()},
                  {"mtu", number_or_null(row.mtu)}};
    add_counters(shown, abi::kPortCounters, row.status != nullptr ? *row.status : zeros);
    shown["configured"] = row.configured;
    return shown;
}

}  // namespace

Json show_ports(const view::Source& source) {
    Json list = Json::array();
    for (const view::PortRow& row : view::ports(source))
        list.push_back(show(row));
    return list;
}

}  // namespace vipfwd::api
