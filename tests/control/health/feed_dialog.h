// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "control/health/dialog.h"

namespace vipfwd::test {

inline constexpr std::size_t kOnePiece = 100'000;

// The server sends `answer` in pieces of so many bytes. What the dialog replies is appended.
inline std::optional<health::ProbeResult> feed(health::Dialog& dialog, std::string_view answer,
                                               std::size_t piece_bytes, std::string& replies) {
    for (std::size_t at = 0; at < answer.size(); at += piece_bytes) {
        if (const auto result = dialog.receive(answer.substr(at, piece_bytes), replies))
            return result;
    }
    return std::nullopt;
}

// The same of a dialog that replies nothing. Without a result, no more is sent.
inline std::optional<health::ProbeResult> judge_whole(health::Dialog& dialog,
                                                      std::string_view answer,
                                                      std::size_t piece_bytes,
                                                      health::DialogEnd end) {
    std::string replies;
    const auto result = feed(dialog, answer, piece_bytes, replies);
    EXPECT_EQ(replies, "");
    return result ? result : dialog.judge_end(end);
}

}  // namespace vipfwd::test
