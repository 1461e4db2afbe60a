// SPDX-License-Identifier: Apache-2.0
#include "control/cli/handover.h"

#include <thread>

#include "control/cli/field.h"

namespace vipfwd::cli {
namespace {

using std::chrono::milliseconds;

// An owner that no peer answers is active again after 4 of the intervals that its peers use.
constexpr int kMostIntervals = 16;
constexpr milliseconds kMargin{2000};

Json find_group(const Json& groups, const std::string& name) {
    for (const Json& group : groups) {
        if (value_at(group, "/name") == name)
            return group;
    }
    return nullptr;
}

milliseconds longest_wait(const Json& group) {
    const Json interval = value_at(group, "/advert_interval_ms");
    return kMargin +
           kMostIntervals * milliseconds(interval.is_number_unsigned() ? interval.get<int>() : 0);
}

}  // namespace

Result<Json> await_handover(const std::string& group, const ShowGroups& show_groups,
                            milliseconds pause) {
    const auto started = std::chrono::steady_clock::now();
    for (;;) {
        const Result<Json> groups = show_groups();
        if (!groups)
            return Error{
                "group " + group +
                ": the handover goes on, but its outcome is not known: " + groups.error().message};
        const Json shown = find_group(*groups, group);
        const std::string state = cell_at(shown, "/state");
        if (state == "active")
            return Error{"group " + group +
                         ": no other gateway has taken the VIPs over, and this one still owns "
                         "them"};
        if (state != "handing_over")
            return Json{{"group", group}, {"owner", value_at(shown, "/owner")}};
        if (std::chrono::steady_clock::now() - started > longest_wait(shown))
            return Error{"group " + group +
                         ": the handover has not ended yet; see vipctl show groups"};
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace vipfwd::cli
