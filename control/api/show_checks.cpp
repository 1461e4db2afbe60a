// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/api/health_json.h"
#include "control/api/json_text.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/checks.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using Kind = health::ProbeResult::Kind;

// About that many bytes of text are a row.
constexpr std::size_t kCheckRowBytes = 480;

void write(const view::CheckRow& row, JsonText& text) {
    const config::Check& options = row.check.target.check;
    text.begin('{');
    text.field("name", row.name);
    text.field("type", config::word(options.type));
    text.field("via", config::word(options.via));
    text.field("address", to_string(row.check.target.address));
    text.field("port", options.port);
    text.field("backends", row.backends);
    text.field("health", word(row.check.standing.verdict));
    text.field("interval_ms", options.interval_ms);
    text.field("fast_interval_ms", options.fast_interval_ms);
    text.field("timeout_ms", options.timeout_ms);
    text.field("rise", options.rise);
    text.field("fall", options.fall);
    text.key("results");
    text.begin('{');
    for (const Kind kind : {Kind::kGood, Kind::kUnreachable, Kind::kFailed, Kind::kNone})
        text.field(word(kind), row.check.record.count(kind));
    text.end('}');
    text.field("held_down_s", static_cast<std::uint64_t>(row.check.held_down_s));
    write_check(row.check, text);
    text.end('}');
}

}  // namespace

std::string show_checks(const view::Snapshot& snapshot) {
    const std::vector<view::CheckRow> rows = view::checks(snapshot);
    JsonText text(rows.size() * kCheckRowBytes);
    text.begin('[');
    for (const view::CheckRow& row : rows)
        write(row, text);
    text.end(']');
    return std::move(text).take();
}

}  // namespace vipfwd::api
