// SPDX-License-Identifier: Apache-2.0
// What a DNS server sends, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/health/dns_message.h"

namespace vipfwd::test {

// Answers with records of these data, and of the type that was asked for. `rcode` is below 16.
inline std::string dns_answer(const health::DnsQuestion& question,
                              const std::vector<std::string>& data, int rcode = 0) {
    using namespace std::string_view_literals;
    std::string message = encode_dns_question(question);
    message[2] = static_cast<char>(message[2] | 0x80);  // an answer
    message[3] = static_cast<char>(rcode);
    message[7] = static_cast<char>(data.size());
    const std::string type_and_class = message.substr(message.size() - 4);
    for (const std::string& one : data) {
        message += "\xc0\x0c";  // the name of the question
        message += type_and_class;
        message += "\0\0\0\x3c\0"sv;  // the time to live, and the first byte of the length
        message += static_cast<char>(one.size());
        message += one;
    }
    return message;
}

}  // namespace vipfwd::test
