// SPDX-License-Identifier: Apache-2.0
#include "control/config/parse.h"

#include <exception>

#include "control/config/key_depth.h"
#include "control/config/parse_tables.h"
#include "control/config/syntax_hint.h"
#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

// The only call of toml++ that may throw.
std::optional<toml::table> parse_toml(std::string_view text, Report& report) {
    if (const std::optional<Location> deep = find_deep_key(text)) {
        report.error(*deep, "key of more than {} parts; this file's have at most 3", kMaxKeyParts);
        return std::nullopt;
    }
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        const std::string description = text::printable(error.description());
        const std::string hint = syntax_hint(text, {at.line, at.column});
        report.error({at.line, at.column}, "not valid TOML: {}",
                     hint.empty() ? description : hint + " (" + description + ")");
    } catch (const std::exception& error) {
        report.error({}, "not readable as TOML: {}", text::printable(error.what()));
    }
    return std::nullopt;
}

template <typename Parsed, typename ParseOne>
std::vector<Parsed> parse_each(TableReader& file, std::string_view key, std::string_view name,
                               ParseOne parse_one) {
    std::vector<Parsed> all;
    for (TableReader& table : file.tables(key, name)) {
        all.push_back(parse_one(table));
        table.finish();
    }
    return all;
}

}  // namespace

std::optional<Draft> parse(std::string_view text, Report& report, KnownKeys* known_keys) {
    const std::optional<toml::table> root = parse_toml(text, report);
    if (!root)
        return std::nullopt;
    TableReader file(*root, "the file", report, known_keys);
    Draft draft;
    if (std::optional<TableReader> table = file.table("gateway", "[gateway]")) {
        draft.gateway = parse_gateway(*table);
        table->finish();
    }
    if (std::optional<TableReader> table = file.table("control", "[control]")) {
        draft.control = parse_control(*table);
        table->finish();
    }
    if (std::optional<TableReader> table = file.table("dataplane", "[dataplane]")) {
        draft.dataplane = parse_dataplane(*table);
        table->finish();
    }
    draft.ports = parse_each<PortDraft>(file, "port", "[[port]]", parse_port);
    draft.neighbors = parse_each<NeighborDraft>(file, "neighbor", "[[neighbor]]", parse_neighbor);
    draft.groups = parse_each<GroupDraft>(file, "group", "[[group]]", parse_group);
    draft.pools = parse_each<PoolDraft>(file, "pool", "[[pool]]", parse_pool);
    draft.services = parse_each<ServiceDraft>(file, "service", "[[service]]", parse_service);
    file.finish();
    return draft;
}

}  // namespace vipfwd::config
