// SPDX-License-Identifier: Apache-2.0
#include "control/api/show.h"
#include "control/view/drops.h"

namespace vipfwd::api {

Json show_drops(const view::Source& source, bool all) {
    Json list = Json::array();
    for (const view::DropRow& row : view::drops(source)) {
        if (!all && row.packets == 0)
            continue;
        list.push_back({{"reason", name(row.reason)},
                        {"description",
                         abi::kDropReasonTexts[static_cast<std::size_t>(row.reason)].description},
                        {"packets", row.packets}});
    }
    return list;
}

}  // namespace vipfwd::api
