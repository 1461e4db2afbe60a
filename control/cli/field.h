// SPDX-License-Identifier: Apache-2.0
// Formats single values of a result for a table. Takes any JSON: a value that is missing, or of
// another type than expected, shows as "-", because vipctl and control may be of different
// versions.
#pragma once

#include <span>
#include <string>

#include "control/protocol/json.h"

namespace vipfwd::cli {

enum class Kind {
    kText,          // unchanged; booleans as "yes" and "no"
    kNumber,        // unchanged
    kCount,         // "1,234,567"
    kBytes,         // "1.2 KiB"
    kPercent,       // from 0..1: "33.3 %"
    kDuration,      // from seconds: "3 min 5 s"
    kMilliseconds,  // "12 ms"; 10 s and more as kDuration
};

// The value at `path`, a JSON pointer (RFC 6901); null if there is none.
Json value_at(const Json& json, const char* path);

// Replaces control characters, which could drive a terminal, by "?".
std::string mask_control(std::string text);

std::string cell(const Json& value, Kind kind = Kind::kText);
std::string cell_at(const Json& json, const char* path, Kind kind = Kind::kText);

struct Field {
    const char* title;
    const char* path;
    Kind kind = Kind::kText;
};

// A table with a row for each element of `rows`. Text is aligned to the left, all else to the
// right.
std::string rows_text(const Json& rows, std::span<const Field> fields);

}  // namespace vipfwd::cli
