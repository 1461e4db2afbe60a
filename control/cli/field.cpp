// SPDX-License-Identifier: Apache-2.0
#include "control/cli/field.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "control/cli/units.h"
#include "control/text/quote.h"

namespace vipfwd::cli {
namespace {

constexpr const char* kUnknown = "-";
constexpr std::uint64_t kMaxShownInMs = 10'000;

std::string plain(const Json& value) {
    if (value.is_string())
        return mask_control(value.get<std::string>());
    if (value.is_boolean())
        return value.get<bool>() ? "yes" : "no";
    return value.is_number() ? value.dump() : kUnknown;
}

std::string milliseconds_text(std::uint64_t number) {
    return number < kMaxShownInMs ? group_digits(number) + " ms" : duration(number / 1000);
}

bool is_text(Kind kind) {
    return kind == Kind::kText || kind == Kind::kSentence;
}

Json at(const Json& json, const Json::json_pointer& path) {
    return json.contains(path) ? json.at(path) : Json();
}

}  // namespace

Json value_at(const Json& json, const char* path) {
    return at(json, Json::json_pointer(path));
}

std::string mask_control(std::string text) {
    std::replace_if(text.begin(), text.end(), text::is_control, '?');
    return text;
}

std::string cell(const Json& value, Kind kind, const Layout& layout) {
    if (kind == Kind::kText || kind == Kind::kSentence || kind == Kind::kNumber)
        return plain(value);
    if (kind == Kind::kPercent)
        return value.is_number() ? percent(value.get<double>()) : kUnknown;
    if (!value.is_number_unsigned())
        return kUnknown;
    const auto number = value.get<std::uint64_t>();
    switch (kind) {
        case Kind::kBytes:
            return bytes_text(number);
        case Kind::kDuration:
            return duration(number);
        case Kind::kMilliseconds:
            return milliseconds_text(number);
        case Kind::kTime:
            return clock_time(static_cast<std::int64_t>(number));
        case Kind::kAge:
            return number < kMaxShownInMs || !layout.now_s
                       ? milliseconds_text(number)
                       : duration(number / 1000) + " (" + time_ago(number / 1000, *layout.now_s) +
                             ")";
        default:
            return group_digits(number);
    }
}

std::string cell_at(const Json& json, const char* path, Kind kind, const Layout& layout) {
    return cell(value_at(json, path), kind, layout);
}

std::string rows_text(const Json& rows, std::span<const Field> fields, const Layout& layout) {
    std::vector<Column> columns;
    std::vector<Json::json_pointer> paths;
    for (const Field& field : fields) {
        columns.push_back({.title = field.title,
                           .align = is_text(field.kind) ? Align::kLeft : Align::kRight,
                           .rank = field.rank,
                           .wraps = field.kind == Kind::kSentence});
        paths.emplace_back(field.path);
    }
    Table table(std::move(columns));
    for (const Json& row : rows) {
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < fields.size(); ++i)
            cells.push_back(cell(at(row, paths[i]), fields[i].kind, layout));
        table.add_row(std::move(cells));
    }
    return table.text(layout.width);
}

}  // namespace vipfwd::cli
