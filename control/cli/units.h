// SPDX-License-Identifier: Apache-2.0
// Formats numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace vipfwd::cli {

// "1,234,567"
std::string group_digits(std::uint64_t number);

// "512 B", "1.2 KiB", "3.4 GiB"
std::string bytes_text(std::uint64_t bytes);

// 0.333 -> "33.3 %"
std::string percent(double part);

// The local time `age_s` before `now_s` of CLOCK_REALTIME: "14:02:11", on another day than today
// "2026-11-30 14:02:11".
std::string time_ago(std::uint64_t age_s, std::int64_t now_s);

// "2026-12-02 14:02:11.250", local time.
std::string clock_time(std::int64_t unix_ms);

// The two largest units: "45 s", "3 min 5 s", "2 h 5 min", "3 d 4 h".
std::string duration(std::uint64_t seconds);

}  // namespace vipfwd::cli
