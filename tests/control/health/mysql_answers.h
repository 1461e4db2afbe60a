// SPDX-License-Identifier: Apache-2.0
// What a MySQL server sends, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/health/mysql_packet.h"

namespace vipfwd::test {

using MysqlRows = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kMysqlChallenge = "0123456789abcdefghij";

inline std::string mysql_greeting() {
    using namespace std::string_view_literals;
    const std::string_view challenge = kMysqlChallenge;
    std::string payload(
        "\x0a"
        "10.11.6-MariaDB\0\x07\0\0\0"sv);
    payload += challenge.substr(0, 8);
    payload += "\0\xfe\xf7\x2d\x02\0\xff\x81\x15\0\0\0\0\0\0\0\0\0\0"sv;
    payload += challenge.substr(8);
    payload += "\0mysql_native_password\0"sv;
    return health::mysql_packet(0, payload);
}

inline std::string mysql_ok(std::uint8_t sequence) {
    return health::mysql_packet(sequence, std::string_view("\0\0\0\x02\0\0\0", 7));
}

inline std::string mysql_error(std::uint8_t sequence, std::string_view text) {
    std::string payload("\xff\x10\x04#08004");  // 1040
    payload += text;
    return health::mysql_packet(sequence, payload);
}

inline std::string mysql_switch(std::uint8_t sequence, std::string_view plugin,
                                std::string_view challenge) {
    std::string payload("\xfe");
    payload += plugin;
    payload += '\0';
    payload += challenge;
    payload += '\0';
    return health::mysql_packet(sequence, payload);
}

inline std::string mysql_rows(const MysqlRows& rows) {
    const std::string_view end("\xfe\0\0\x02\0", 5);
    std::uint8_t sequence = 1;
    std::string all = health::mysql_packet(sequence++, "\x02");
    all += health::mysql_packet(sequence++, "Variable_name");
    all += health::mysql_packet(sequence++, "Value");
    all += health::mysql_packet(sequence++, end);
    for (const auto& [name, value] : rows) {
        std::string payload;
        for (const std::string& text : {name, value}) {
            payload += static_cast<char>(text.size());
            payload += text;
        }
        all += health::mysql_packet(sequence++, payload);
    }
    return all + health::mysql_packet(sequence++, end);
}

inline const MysqlRows kSyncedStatus = {
    {"wsrep_local_state", "4"}, {"wsrep_ready", "ON"}, {"wsrep_cluster_status", "Primary"}};
inline const MysqlRows kSyncedVariables = {
    {"read_only", "OFF"}, {"wsrep_on", "ON"}, {"wsrep_reject_queries", "NONE"}};

}  // namespace vipfwd::test
