// SPDX-License-Identifier: Apache-2.0
// Formats single values of a result for a table. Takes any JSON: a value that is missing, or of
// another type than expected, shows as "-", because vipctl and control may be of different
// versions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "control/cli/table.h"
#include "control/protocol/json.h"

namespace vipfwd::cli {

enum class Kind {
    kText,          // unchanged; booleans as "yes" and "no"
    kSentence,      // the same, and a table may break it between words
    kNumber,        // unchanged
    kCount,         // "1,234,567"
    kBytes,         // "1.2 KiB"
    kPercent,       // from 0..1: "33.3 %"
    kDuration,      // from seconds: "3 min 5 s"
    kMilliseconds,  // "12 ms"; 10 s and more as kDuration
    kTime,          // from Unix milliseconds: "2026-12-02 14:02:11.250"
    kAge,           // the same, and from 10 s on with the time: "3 min 5 s (14:02:11)"
};

// Where a result is shown, and when.
struct Layout {
    std::size_t width = kUnlimited;
    std::optional<std::int64_t> now_s = {};  // of CLOCK_REALTIME; nullopt: ages without times
};

// The value at `path`, a JSON pointer (RFC 6901); null if there is none.
Json value_at(const Json& json, const char* path);

// Replaces control characters, which could drive a terminal, by "?".
std::string mask_control(std::string text);

std::string cell(const Json& value, Kind kind = Kind::kText, const Layout& layout = {});
std::string cell_at(const Json& json, const char* path, Kind kind = Kind::kText,
                    const Layout& layout = {});

struct Field {
    const char* title;
    const char* path;
    Kind kind = Kind::kText;
    int rank = 0;  // see Column
};

// A table with a row for each element of `rows`. Text is aligned to the left, all else to the
// right.
std::string rows_text(const Json& rows, std::span<const Field> fields, const Layout& layout);

}  // namespace vipfwd::cli
