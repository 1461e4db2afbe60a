// SPDX-License-Identifier: Apache-2.0
// Counters as JSON, where their rows in abi/counter_list.h place them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "control/protocol/json.h"
#include "dataplane/abi/counter_list.h"

namespace vipfwd::api {

// Does nothing if `path`, a JSON pointer, is empty.
inline void add_count(Json& shown, const char* path, std::uint64_t count) {
    if (*path != '\0')
        shown[Json::json_pointer(path)] = count;
}

template <typename Counters, std::size_t N>
void add_counters(Json& shown, const std::array<abi::CounterText<Counters>, N>& rows,
                  const Counters& counters) {
    for (const abi::CounterText<Counters>& row : rows)
        add_count(shown, row.place.json, row.read(counters));
}

}  // namespace vipfwd::api
