// SPDX-License-Identifier: Apache-2.0
#include "control/cli/units.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <string_view>

namespace vipfwd::cli {
namespace {

std::string time_of(const std::tm& day) {
    return fmt::format("{:02}:{:02}:{:02}", day.tm_hour, day.tm_min, day.tm_sec);
}

std::string date_of(const std::tm& day) {
    return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

}  // namespace

std::string group_digits(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3)
        text.insert(i - 3, ",");
    return text;
}

std::string bytes_text(std::uint64_t bytes) {
    static constexpr std::array<std::string_view, 7> kUnits = {"B",   "KiB", "MiB", "GiB",
                                                               "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return fmt::format("{} B", bytes);
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // From 1023.95 on, "{:.1f}" would print 1024.0: use the next unit.
    while (value >= 1023.95 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string percent(double part) {
    return fmt::format("{:.1f} %", 100 * part);
}

std::string time_ago(std::uint64_t age_s, std::int64_t now_s) {
    const std::time_t now = now_s;
    const std::time_t then = now_s - static_cast<std::int64_t>(age_s);
    std::tm today{};
    std::tm day{};
    if (localtime_r(&now, &today) == nullptr || localtime_r(&then, &day) == nullptr)
        return "?";
    if (day.tm_year == today.tm_year && day.tm_yday == today.tm_yday)
        return time_of(day);
    return date_of(day) + " " + time_of(day);
}

std::string clock_time(std::int64_t unix_ms) {
    const std::time_t seconds = unix_ms / 1000;
    std::tm day{};
    if (localtime_r(&seconds, &day) == nullptr)
        return "?";
    return fmt::format("{} {}.{:03}", date_of(day), time_of(day), unix_ms % 1000);
}

std::string duration(std::uint64_t seconds) {
    const std::uint64_t minutes = seconds / 60;
    const std::uint64_t hours = minutes / 60;
    if (minutes == 0)
        return fmt::format("{} s", seconds);
    if (hours == 0)
        return fmt::format("{} min {} s", minutes, seconds % 60);
    if (hours < 24)
        return fmt::format("{} h {} min", hours, minutes % 60);
    return fmt::format("{} d {} h", hours / 24, hours % 24);
}

}  // namespace vipfwd::cli
