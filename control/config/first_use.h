// SPDX-License-Identifier: Apache-2.0
// Finds values that are written twice although they must be unique.
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
    // Records a use of `key`. Returns the place of its first use; nullopt if this is the first one.
    // Ignored if `where` is not set.
    std::optional<Location> add(Key key, Location where) {
        if (!where.is_set())
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
