// SPDX-License-Identifier: Apache-2.0
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/services.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {

Json show_services(const view::Source& source) {
    Json list = Json::array();
    for (const view::ServiceRow& row : view::services(source)) {
        const config::Service& service = row.service;
        list.push_back({{"name", service.name},
                        {"vip", to_string(service.vip)},
                        {"protocol", word(service.protocol)},
                        {"port", port_range(service.port_first, service.port_last)},
                        {"pool", row.pool.name},
                        {"forward", word(service.forward)},
                        {"affinity", word(service.affinity)},
                        {"pin_flows", service.pin_flows},
                        {"backends",
                         {{"serving", row.serving},
                          {"draining", row.draining},
                          {"total", row.pool.backends.size()}}},
                        {"packets", row.traffic.packets},
                        {"bytes", row.traffic.bytes}});
    }
    return list;
}

}  // namespace vipfwd::api
