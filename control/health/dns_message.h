// SPDX-License-Identifier: Apache-2.0
// DNS messages (RFC 1035): makes questions, and reads answers by the parser of the C library. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/model.h"

namespace vipfwd::health {

struct DnsQuestion {
    std::uint16_t id = 0;
    std::string name = {};  // as config::parse_dns_name makes it
    std::uint16_t type = 0;
};

// With recursion desired.
std::string encode_dns_question(const DnsQuestion& question);

struct DnsAnswer {
    config::DnsRcode rcode = config::DnsRcode::kNoError;  // or one that has no name
    bool is_truncated = false;
    // The data of the answers of the type that was asked for: addresses as usual, names without the
    // last dot, the texts of a TXT record together, of an MX record the name, of SOA the first
    // name. Other types have none.
    std::vector<std::string> records = {};
};

// nullopt: it does not answer this question, or cannot be read.
std::optional<DnsAnswer> parse_dns_answer(std::string_view message, const DnsQuestion& question);

}  // namespace vipfwd::health
