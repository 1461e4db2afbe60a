// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "control/api/counters_json.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/status.h"
#include "control/view/warnings.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

Json region(const view::Status& status) {
    if (!status.region_id)
        return nullptr;
    return {{"id", fmt::format("{:016x}", *status.region_id)}};
}

Json rejected(const view::DataplaneConnection& connection) {
    if (!connection.rejected)
        return nullptr;
    return {{"generation", connection.rejected->generation},
            {"reason", connection.rejected->reason}};
}

Json last_change(const view::DataplaneConnection& connection) {
    if (!connection.last_change)
        return nullptr;
    return {{"generation", connection.last_change->generation},
            {"published_us", connection.last_change->published_us},
            {"acknowledged_us", value_or_null(connection.last_change->acknowledged_us)}};
}

Json dataplane(const view::DataplaneConnection& connection, const view::Status& status) {
    return {{"connected", connection.connected},
            {"ready", connection.ready},
            {"pid", connection.connected ? Json(connection.pid) : Json()},
            {"acknowledged_generation", connection.acknowledged_generation},
            {"last_change", last_change(connection)},
            {"publish_pending", connection.publish_pending},
            {"rejected", rejected(connection)},
            {"restart_needed", status.dataplane_restart_needed},
            {"uptime_s", value_or_null(status.dataplane_uptime_s)}};
}

void add_totals(Json& shown, const view::WorkerSums& totals) {
    for (std::size_t i = 0; i < totals.size(); ++i)
        add_count(shown, abi::kWorkerCounters[i].place.total, totals[i]);
}

Json vips(const view::Status& status) {
    Json list = Json::array();
    for (const view::VipStatus& vip : status.vips) {
        list.push_back({{"address", to_string(vip.address)},
                        {"owned", vip.owned},
                        {"group", value_or_null(vip.group)}});
    }
    return list;
}

}  // namespace

Json show_status(const view::Source& source) {
    const view::Status status = view::status(source);
    const view::Health health = view::health(source);
    Json shown;
    shown["verdict"] = word(health.verdict);
    shown["reasons"] = health.reasons;
    shown["gateway"] = source.config.gateway.name;
    shown["version"] = VIPFWD_VERSION;
    shown["uptime_s"] = source.uptime_s;
    shown["config"] = {
        {"path", source.config_path}, {"warnings", source.warnings}, {"waiting", source.waiting}};
    shown["warnings"] = view::warnings(source);
    shown["generation"] = status.generation;
    shown["region"] = region(status);
    shown["dataplane"] = dataplane(source.dataplane, status);
    add_totals(shown, status.totals);
    shown["vips"] = vips(status);
    return shown;
}

}  // namespace vipfwd::api
