// SPDX-License-Identifier: Apache-2.0
#include "control/text/suggest.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "control/text/quote.h"

namespace vipfwd::text {
namespace {

constexpr std::size_t kMaxCompared = 63;

using Row = std::array<std::size_t, kMaxCompared + 1>;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(char a, char b) {
    return lower(a) == lower(b);
}

std::size_t length_difference(std::string_view a, std::string_view b) {
    return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

// One edit per three letters: "prot" is near "port", but "web" is not near "db".
std::size_t max_edits(std::string_view written) {
    return std::max<std::size_t>(1, written.size() / 3);
}

}  // namespace

// The optimal string alignment distance, computed row by row. `above` and `two_above` are the rows
// of the previous two letters of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    if (std::max(a.size(), b.size()) > kMaxCompared || length_difference(a, b) > limit)
        return limit + 1;
    Row two_above{};
    Row above{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        Row row{};
        row[0] = i;
        std::size_t least = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1,
                               above[j - 1] + (equal_ignoring_case(a[i - 1], b[j - 1]) ? 0 : 1)});
            if (i > 1 && j > 1 && equal_ignoring_case(a[i - 1], b[j - 2]) &&
                equal_ignoring_case(a[i - 2], b[j - 1]))
                row[j] = std::min(row[j], two_above[j - 2] + 1);
            least = std::min(least, row[j]);
        }
        if (least > limit)
            return limit + 1;
        two_above = above;
        above = row;
    }
    return std::min(above[b.size()], limit + 1);
}

std::string_view nearest(std::string_view written, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t limit = max_edits(written);
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(written, candidate, limit);
        if (distance > limit)
            continue;
        best = candidate;
        if (distance == 0)
            break;
        limit = distance - 1;
    }
    return best;
}

std::string suggestion(std::string_view written, std::span<const std::string_view> candidates) {
    const std::string_view best = nearest(written, candidates);
    return best.empty() ? std::string() : "; did you mean " + quote(best) + "?";
}

}  // namespace vipfwd::text
