// SPDX-License-Identifier: Apache-2.0
// Finds what is written twice that may stand only once.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "control/config/location.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::config {

struct AddressHash {
    std::size_t operator()(const IpAddress& address) const {
        const auto words = address.words();
        return abi::mix(words[0] ^ abi::kHashOdd1, words[1] ^ abi::kHashOdd2);
    }
};

template <typename Key, typename Hash = std::hash<Key>>
class FirstUse {
  public:
    // Where `key` was used first, if it was. What stands nowhere is not a use.
    std::optional<Location> add(Key key, Location where) {
        if (!where.somewhere())
            return std::nullopt;
        const auto [use, is_first] = places_.emplace(std::move(key), where);
        return is_first ? std::nullopt : std::optional(use->second);
    }

    std::optional<Location> find(const Key& key) const {
        const auto use = places_.find(key);
        return use == places_.end() ? std::nullopt : std::optional(use->second);
    }

  private:
    std::unordered_map<Key, Location, Hash> places_;
};

using FirstAddress = FirstUse<IpAddress, AddressHash>;

}  // namespace vipfwd::config
