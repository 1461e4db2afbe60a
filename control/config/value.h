// SPDX-License-Identifier: Apache-2.0
// Parses single values that are written as strings. The error says what is wrong with the value and
// what to write; TableReader adds the key and the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/model.h"
#include "dataplane/abi/result.h"

namespace vipfwd::config {

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;  // inclusive
};

inline constexpr PortRange kAnyPort{0, 65535};

// 1..63 of A-Z a-z 0-9 _ . -
Result<std::string> parse_name(std::string_view text);

// An address of one host: not unspecified, loopback, multicast, limited broadcast or IPv4-mapped.
Result<IpAddress> parse_unicast(std::string_view text);
Result<InterfaceAddress> parse_interface_address(std::string_view text);

// "10.99.0.1" or "10.99.0.0/16": the source addresses of tunnels. The bits after the prefix are
// filled with each flow's hash: at most abi::kMaxSourceBits, and all zero in the text.
Result<InterfaceAddress> parse_tunnel_source(std::string_view text);
Result<MacAddress> parse_unicast_mac(std::string_view text);

// "8000-8099" or "any".
Result<PortRange> parse_port_range(std::string_view text);

// Whether the kernel accepts `text` as the name of an interface. The parser also accepts "".
bool is_interface_name(std::string_view text);
Result<std::string> parse_interface_or_none(std::string_view text);

// A file's path, an interface, or DPDK devargs: 1..255 bytes without control characters.
Result<std::string> parse_device(std::string_view text);

// A file's path: not empty, no control characters.
Result<std::string> parse_path(std::string_view text);

// An argument of a program: no NUL.
Result<std::string> parse_argument(std::string_view text);

// The kernel's name of a process (/proc/PID/comm): 1..15 bytes, no control characters.
Result<std::string> parse_process(std::string_view text);

// The path of an HTTP request: "/...", no spaces or control characters.
Result<std::string> parse_url_path(std::string_view text);

// The value of a Host header: a name or an address and, after a colon, a port if there is one.
Result<std::string> parse_http_host(std::string_view text);

// HTTP statuses: "200", "200-399", or several of them as in "200-299,301,404".
Result<std::vector<StatusRange>> parse_statuses(std::string_view text);

// The name of a user of a database: 1 to 128 bytes without NUL.
Result<std::string> parse_database_user(std::string_view text);

// A domain name; the dot at its end is optional, and left out of the result. "." is the root.
Result<std::string> parse_dns_name(std::string_view text);

// "1%" to "100%".
Result<std::uint32_t> parse_percentage(std::string_view text);

// What is looked for in an answer, or sent: 1 to 1024 bytes.
Result<std::string> parse_exchange_text(std::string_view text);

}  // namespace vipfwd::config
