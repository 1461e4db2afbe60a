// SPDX-License-Identifier: Apache-2.0
// One value of an answer, as a table shows it. Takes any JSON: what is missing or of another type
// than expected shows as "-", since vipctl and control may be of different versions.
#pragma once

#include <span>
#include <string>

#include "control/cli/json.h"

namespace vipfwd::cli {

enum class Kind {
    kText,          // as it is; booleans as "yes" and "no"
    kNumber,        // as it is
    kCount,         // "1,234,567"
    kBytes,         // "1.2 KiB"
    kPercent,       // of 0 to 1: "33.3 %"
    kDuration,      // of seconds: "3 min 5 s"
    kMilliseconds,  // "12 ms"; from 10 s on as a duration
};

// Null if there is nothing at `path`, a JSON pointer (RFC 6901).
Json value_at(const Json& json, const char* path);

// Control characters, which could drive a terminal, become "?".
std::string printable(std::string text);

std::string cell(const Json& value, Kind kind = Kind::kText);
std::string cell_at(const Json& json, const char* path, Kind kind = Kind::kText);

struct Field {
    const char* title;
    const char* path;
    Kind kind = Kind::kText;
};

// A table with a row for each element of `rows`. All but text stands to the right.
std::string rows_text(const Json& rows, std::span<const Field> fields);

}  // namespace vipfwd::cli
