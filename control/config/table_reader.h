// SPDX-License-Identifier: Apache-2.0
// Reads a table of the file key by key. Wrong types, values out of bounds, and missing or unknown
// keys are reported with their place. Only this class and parse*.cpp use toml++.
#pragma once

#include <toml++/toml.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/config/known_keys.h"
#include "control/config/report.h"
#include "dataplane/abi/result.h"

namespace vipfwd::config {

enum class Presence { kOptional, kRequired };

struct Bounds {
    std::int64_t least;
    std::int64_t most;
};

template <typename T>
struct Located {
    T value{};
    Location where;
};

// The value of a key; nullopt if the key is absent, or its value invalid (which has been reported).
template <typename T>
struct Found {
    std::optional<Located<T>> written;

    // Overwrites `target`'s default, if there is a value. Returns the value's place.
    template <typename Target>
    Location into(Target& target) && {
        if (!written)
            return {};
        target = static_cast<Target>(std::move(written->value));
        return written->where;
    }
};

// The valid items of a list. `where` is not set if the list is absent or has invalid items.
template <typename T>
struct FoundList {
    std::vector<Located<T>> items;
    Location where;

    // Appends the items' values to `targets`. Returns their places.
    std::vector<Location> into(std::vector<T>& targets) && {
        std::vector<Location> places;
        for (Located<T>& item : items) {
            targets.push_back(std::move(item.value));
            places.push_back(item.where);
        }
        return places;
    }
};

class TableReader {
  public:
    // Messages call the table `name`, such as "[[port]]". It must outlive the reader, and so must
    // all keys (they are literals), the table and the report. finish() adds the keys that were read
    // to `known_keys`, if given; so do the readers of subtables.
    TableReader(const toml::table& table, std::string_view name, Report& report,
                KnownKeys* known_keys = nullptr);

    Location where() const;
    bool has(std::string_view key) const { return table_->contains(key); }
    bool is_integer(std::string_view key) const;

    Found<std::int64_t> integer(std::string_view key, Bounds bounds,
                                Presence presence = Presence::kOptional);
    Found<bool> boolean(std::string_view key);
    FoundList<std::uint32_t> integers(std::string_view key, Bounds bounds);

    // A string, converted by `convert` (std::string_view -> Result<T>), whose error is reported
    // with the key's name. If the value is not a string, `wanted` describes what it should be.
    template <typename Convert>
    auto text(std::string_view key, Convert convert, Presence presence = Presence::kOptional,
              std::string_view wanted = "a string") {
        using T = std::decay_t<decltype(*convert(std::string_view{}))>;
        Found<T> found;
        if (const toml::node* node = find(key, presence))
            found.written = converted<T>(*node, key, convert, wanted);
        return found;
    }

    template <typename Convert>
    auto texts(std::string_view key, Convert convert, Presence presence = Presence::kOptional) {
        using T = std::decay_t<decltype(*convert(std::string_view{}))>;
        return list<T>(key, presence, [&](const toml::node& item) {
            return converted<T>(item, key, convert, "a list of strings");
        });
    }

    // The table, or the array of tables, at `key`; messages call it `name`.
    std::optional<TableReader> table(std::string_view key, std::string_view name);
    std::vector<TableReader> tables(std::string_view key, std::string_view name);

    // Reports unknown keys (those that were not read) and missing required keys. Call it after all
    // keys have been read.
    void finish();

  private:
    const toml::node* find(std::string_view key, Presence presence);
    const toml::array* find_array(std::string_view key, Presence presence);
    std::optional<std::string_view> text_of(const toml::node& node, std::string_view key,
                                            std::string_view wanted);
    std::optional<std::int64_t> integer_of(const toml::node& node, std::string_view key,
                                           Bounds bounds, std::string_view wanted);
    void reject(const toml::node& node, std::string_view key, std::string_view why);
    void reject_type(const toml::node& node, std::string_view key, std::string_view wanted);
    void report_unknown(const toml::key& key);

    template <typename T, typename Convert>
    std::optional<Located<T>> converted(const toml::node& node, std::string_view key,
                                        Convert& convert, std::string_view wanted) {
        const std::optional<std::string_view> written = text_of(node, key, wanted);
        if (!written)
            return std::nullopt;
        Result<T> result = convert(*written);
        if (!result) {
            reject(node, key, result.error().message);
            return std::nullopt;
        }
        return Located<T>{std::move(*result), location_of(node)};
    }

    template <typename T, typename Item>
    FoundList<T> list(std::string_view key, Presence presence, Item item_of) {
        FoundList<T> found;
        const toml::array* array = find_array(key, presence);
        if (array == nullptr)
            return found;
        for (const toml::node& node : *array) {
            if (std::optional<Located<T>> item = item_of(node))
                found.items.push_back(std::move(*item));
        }
        if (found.items.size() == array->size())
            found.where = location_of(*array);
        return found;
    }

    static Location location_of(const toml::node& node);

    const toml::table* table_;
    std::string_view name_;
    Report* report_;
    KnownKeys* known_keys_;
    std::vector<std::string_view> known_;    // keys that were read
    std::vector<std::string_view> missing_;  // required keys that were read and are absent
};

}  // namespace vipfwd::config
