// SPDX-License-Identifier: Apache-2.0
// Compares two values of a configuration key by key, and writes down what differs.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "control/config/model.h"

namespace vipfwd::plan {

// Collects the differences between two versions of one object, for one line.
class Differences {
  public:
    // "priority 100 -> 150"
    template <typename Value>
    void compare(std::string_view key, const Value& before, const Value& after) {
        if (before != after)
            found_.push_back(fmt::format("{} {} -> {}", key, before, after));
    }
    // "addresses change", for values that are long or secret.
    template <typename Value>
    void compare_silently(std::string_view what, const Value& before, const Value& after) {
        if (before != after)
            found_.push_back(fmt::format("{} change", what));
    }
    void add(std::string text) { found_.push_back(std::move(text)); }

    bool empty() const { return found_.empty(); }
    // "a; b; c"
    std::string text() const { return fmt::format("{}", fmt::join(found_, "; ")); }

  private:
    std::vector<std::string> found_;
};

// What makes a service the same one.
inline auto identity_of(const config::Service& service) {
    return std::tuple(service.vip, service.protocol, service.port_first, service.port_last);
}

// Calls `removed(before)`, `kept(before, after)` and `added(after)` for the objects of two lists,
// which are the same one if `name` returns the same value.
template <typename Object, typename Name, typename Removed, typename Kept, typename Added>
void match(const std::vector<Object>& before, const std::vector<Object>& after, Name name,
           Removed removed, Kept kept, Added added) {
    using Key = std::remove_cvref_t<std::invoke_result_t<Name, const Object&>>;
    std::map<Key, const Object*> old;
    for (const Object& object : before)
        old.emplace(std::invoke(name, object), &object);
    for (const Object& object : after) {
        const auto found = old.find(std::invoke(name, object));
        if (found == old.end()) {
            added(object);
            continue;
        }
        kept(*found->second, object);
        old.erase(found);
    }
    for (const Object& object : before) {
        if (old.contains(std::invoke(name, object)))
            removed(object);
    }
}

}  // namespace vipfwd::plan
