// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vipfwd::test {

// Connection.Start of AMQP 0-9-1: one property, two mechanisms, one locale.
inline std::string amqp_start() {
    return std::string(
        std::string_view("\x01\0\0\0\0\0\x3a"
                         "\0\x0a\0\x0a\0\x09"
                         "\0\0\0\x15"
                         "\x07productS\0\0\0\x08RabbitMQ"
                         "\0\0\0\x0ePLAIN AMQPLAIN"
                         "\0\0\0\x05"
                         "en_US"
                         "\xce",
                         7 + 6 + 4 + 21 + 4 + 14 + 4 + 5 + 1));
}

}  // namespace vipfwd::test
