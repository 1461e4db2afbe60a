// SPDX-License-Identifier: Apache-2.0
// Reads all entries of a hash or trie map. Only for this folder.
#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// All entries, in any order. `map` is a file descriptor, `what` names the map in errors. Reads them
// in batches, because callers read maps often.
template <typename Key, typename Value>
Result<std::vector<std::pair<Key, Value>>> entries_of(int map, const std::string& what) {
    constexpr std::uint32_t kBatch = 1024;
    static_assert(sizeof(Key) >= sizeof(std::uint32_t),
                  "the kernel's cursor is a key or a bucket number");
    std::vector<std::pair<Key, Value>> entries;
    std::vector<Key> keys(kBatch);
    std::vector<Value> values(kBatch);
    Key cursor{};
    bool first = true;
    bool more = true;
    while (more) {
        std::uint32_t count = kBatch;
        more = bpf_map_lookup_batch(map, first ? nullptr : &cursor, &cursor, keys.data(),
                                    values.data(), &count, nullptr) == 0;
        if (!more && errno != ENOENT)
            return system_error("cannot list " + what);
        for (std::uint32_t i = 0; i < count; ++i)
            entries.emplace_back(keys[i], values[i]);
        first = false;
    }
    return entries;
}

}  // namespace vipfwd::bpf
