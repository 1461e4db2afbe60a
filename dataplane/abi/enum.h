// SPDX-License-Identifier: Apache-2.0
// What every enum that crosses the boundary between the processes has: enumerators that count from
// 0 and `kLast`, an alias of the last one. Values from the region are checked with is_known()
// before they become an enum; tables that are indexed by an enum assert is_indexed_by().
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace vipfwd::abi {

template <typename Enum>
inline constexpr std::size_t kEnumCount = static_cast<std::size_t>(Enum::kLast) + 1;

// True if `value`, as it stands in the region, is one of the enum's.
template <typename Enum>
constexpr bool is_known(std::underlying_type_t<Enum> value) {
    return value <= static_cast<std::underlying_type_t<Enum>>(Enum::kLast);
}

// True if the table has one row for each enumerator, in their order. `key` is the member of a row
// that names its enumerator.
template <typename Row, std::size_t N, typename Enum>
constexpr bool is_indexed_by(const std::array<Row, N>& rows, Enum Row::*key) {
    for (std::size_t i = 0; i < N; ++i) {
        if (rows[i].*key != static_cast<Enum>(i))
            return false;
    }
    return N == kEnumCount<Enum>;
}

// The word for one enumerator, as a row of a table.
template <typename Enum>
struct EnumWord {
    Enum value;
    std::string_view word;
};

// clang before 17 deduces no template arguments of aggregates by itself.
template <typename Enum>
EnumWord(Enum, std::string_view) -> EnumWord<Enum>;

template <typename Enum, std::size_t N>
constexpr bool is_indexed_by(const std::array<EnumWord<Enum>, N>& words) {
    return is_indexed_by(words, &EnumWord<Enum>::value);
}

}  // namespace vipfwd::abi
