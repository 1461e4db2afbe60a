// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "control/api/show.h"
#include "control/events/event.h"

namespace vipfwd::api {

std::string show_events(const view::Snapshot& snapshot, const events::Query& query) {
    Json rows = Json::array();
    if (snapshot.events) {
        for (const auto& event : snapshot.events(query))
            rows.push_back(events::to_json(*event));
    }
    return rows.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vipfwd::api
