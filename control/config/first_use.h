// SPDX-License-Identifier: Apache-2.0
// Finds what is written twice that may stand only once.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "control/config/diagnostic.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::config {

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
