// SPDX-License-Identifier: Apache-2.0
// The single values that are written as strings. An error says what is wrong with the value and
// what to write; whoever reads the file adds the key and the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

// "10.99.0.1" or "10.99.0.0/16": where tunnels come from. The bits behind the prefix are left to
// each flow's hash: at most abi::kMaxSourceBits, and none of them written.
Result<InterfaceAddress> parse_tunnel_source(std::string_view text);
Result<MacAddress> parse_unicast_mac(std::string_view text);

// "8000-8099" or "any".
Result<PortRange> parse_port_range(std::string_view text);

// A name that the kernel gives an interface; the other also takes the empty one.
bool is_interface_name(std::string_view text);
Result<std::string> parse_interface_or_none(std::string_view text);

// A file's path, a device or devargs: 1..255 bytes without control characters.
Result<std::string> parse_device(std::string_view text);

// A file's path: not empty, without control characters.
Result<std::string> parse_path(std::string_view text);

// An argument of a program: without NUL.
Result<std::string> parse_argument(std::string_view text);

// What the kernel calls a process: 1..15 bytes without control characters.
Result<std::string> parse_process(std::string_view text);

// The path of an HTTP request: "/..." without spaces and control characters.
Result<std::string> parse_url_path(std::string_view text);

}  // namespace vipfwd::config
