// SPDX-License-Identifier: Apache-2.0
#include "control/config/table_reader.h"

#include <algorithm>
#include <array>
#include <span>

#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::config {
namespace {

Location location_of_region(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "an array";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "an integer";
        case toml::node_type::floating_point:
            return "a float";
        case toml::node_type::boolean:
            return "a boolean";
        case toml::node_type::date:
            return "a date";
        case toml::node_type::time:
            return "a time";
        case toml::node_type::date_time:
            return "a date and time";
        case toml::node_type::none:
            break;
    }
    return "nothing";
}

struct Unit {
    std::string_view suffix;  // of keys
    std::string_view name;
};

// A unit's suffix may end with that of another one: the longer one stands first.
constexpr std::array kUnits = {Unit{"_ms", "milliseconds"}, Unit{"_per_s", "a number per second"},
                               Unit{"_s", "seconds"}, Unit{"_pps", "packets per second"},
                               Unit{"_percent", "percent"}};

// Empty if the key's name has none.
Unit unit_of(std::string_view key) {
    const auto* const unit =
        std::ranges::find_if(kUnits, [key](const Unit& one) { return key.ends_with(one.suffix); });
    return unit == kUnits.end() ? Unit{} : *unit;
}

std::string_view without_unit(std::string_view key) {
    return key.substr(0, key.size() - unit_of(key).suffix.size());
}

// The key that was meant: its unit may be left out ("interval"), or be another one ("interval_s").
std::string_view nearest_key(std::string_view written, std::span<const std::string_view> keys) {
    std::vector<std::string_view> stems;
    for (const std::string_view key : keys)
        stems.push_back(without_unit(key));
    const std::string_view whole = text::nearest(written, keys);
    const std::string_view stem = text::nearest(without_unit(written), stems);
    if (stem.empty() || (!whole.empty() && stem != without_unit(written)))
        return whole;
    return keys[static_cast<std::size_t>(std::ranges::find(stems, stem) - stems.begin())];
}

}  // namespace

TableReader::TableReader(const toml::table& table, std::string_view name, Report& report,
                         KnownKeys* known_keys)
    : table_(&table), name_(name), report_(&report), known_keys_(known_keys) {}

Location TableReader::location_of(const toml::node& node) {
    return location_of_region(node.source());
}

Location TableReader::where() const {
    return location_of(*table_);
}

bool TableReader::is_integer(std::string_view key) const {
    const toml::node* node = table_->get(key);
    return node != nullptr && node->is_integer();
}

Found<std::int64_t> TableReader::integer(std::string_view key, Bounds bounds, Presence presence) {
    const toml::node* node = find(key, presence);
    if (node == nullptr)
        return {};
    const std::optional<std::int64_t> value = integer_of(*node, key, bounds, "an integer");
    if (!value)
        return {};
    return {Located<std::int64_t>{*value, location_of(*node)}};
}

Found<bool> TableReader::boolean(std::string_view key) {
    const toml::node* node = find(key, Presence::kOptional);
    if (node == nullptr)
        return {};
    if (!node->is_boolean()) {
        reject_type(*node, key, "true or false");
        return {};
    }
    return {Located<bool>{node->as_boolean()->get(), location_of(*node)}};
}

FoundList<std::uint32_t> TableReader::integers(std::string_view key, Bounds bounds) {
    using Item = std::optional<Located<std::uint32_t>>;
    return list<std::uint32_t>(key, Presence::kOptional, [&](const toml::node& node) -> Item {
        const auto value = integer_of(node, key, bounds, "a list of integers");
        if (!value)
            return std::nullopt;
        return Located<std::uint32_t>{static_cast<std::uint32_t>(*value), location_of(node)};
    });
}

std::optional<TableReader> TableReader::table(std::string_view key, std::string_view name) {
    const toml::node* node = find(key, Presence::kOptional);
    if (node == nullptr)
        return std::nullopt;
    if (!node->is_table()) {
        reject_type(*node, key, "a table");
        return std::nullopt;
    }
    return TableReader(*node->as_table(), name, *report_, known_keys_);
}

std::vector<TableReader> TableReader::tables(std::string_view key, std::string_view name) {
    std::vector<TableReader> readers;
    const toml::node* node = find(key, Presence::kOptional);
    if (node == nullptr)
        return readers;
    const std::string wanted = fmt::format("an array of tables: {}", name);
    if (!node->is_array()) {
        reject_type(*node, key, wanted);
        return readers;
    }
    for (const toml::node& item : *node->as_array()) {
        if (item.is_table())
            readers.emplace_back(*item.as_table(), name, *report_, known_keys_);
        else
            reject_type(item, key, wanted);
    }
    return readers;
}

void TableReader::finish() {
    for (const auto& [key, node] : *table_) {
        if (std::find(known_.begin(), known_.end(), key.str()) == known_.end())
            report_unknown(key);
    }
    for (const std::string_view key : missing_)
        report_->error(where(), "{} has no '{}', which is required; add it", name_, key);
    if (known_keys_ != nullptr)
        (*known_keys_)[name_].insert(known_.begin(), known_.end());
}

const toml::node* TableReader::find(std::string_view key, Presence presence) {
    known_.push_back(key);
    const toml::node* node = table_->get(key);
    if (node == nullptr && presence == Presence::kRequired)
        missing_.push_back(key);
    return node;
}

const toml::array* TableReader::find_array(std::string_view key, Presence presence) {
    const toml::node* node = find(key, presence);
    if (node == nullptr || node->is_array())
        return node == nullptr ? nullptr : node->as_array();
    reject_type(*node, key, "a list, such as [ ... ]");
    return nullptr;
}

std::optional<std::string_view> TableReader::text_of(const toml::node& node, std::string_view key,
                                                     std::string_view wanted) {
    if (node.is_string())
        return node.as_string()->get();
    reject_type(node, key, wanted);
    return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer_of(const toml::node& node, std::string_view key,
                                                    Bounds bounds, std::string_view wanted) {
    if (!node.is_integer()) {
        reject_type(node, key, wanted);
        return std::nullopt;
    }
    const std::int64_t value = node.as_integer()->get();
    if (value >= bounds.least && value <= bounds.most)
        return value;
    reject(node, key,
           fmt::format("{} is out of range; use {} to {}", value, bounds.least, bounds.most));
    return std::nullopt;
}

void TableReader::reject(const toml::node& node, std::string_view key, std::string_view why) {
    report_->error(location_of(node), "'{}' in {}: {}", key, name_, why);
}

void TableReader::reject_type(const toml::node& node, std::string_view key,
                              std::string_view wanted) {
    reject(node, key, fmt::format("found {}, wanted {}", type_name(node), wanted));
}

// A misspelt required key is not reported as missing, too.
void TableReader::report_unknown(const toml::key& key) {
    const std::string_view meant = nearest_key(key.str(), known_);
    const std::string_view unit = unit_of(meant).name;
    report_->error(location_of_region(key.source()), "unknown key {} in {}{}{}",
                   text::quote(key.str()), name_,
                   meant.empty() ? "" : "; did you mean " + text::quote(meant) + "?",
                   unit.empty() ? "" : fmt::format(" Its unit is {}.", unit));
    std::erase(missing_, meant);
}

}  // namespace vipfwd::config
