// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/address_text.h"

#include <arpa/inet.h>

#include <cstdio>

namespace vipfwd {

std::optional<IpAddress> parse_ip(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return std::nullopt;
    const std::string terminated(text);
    Be32 v4;
    if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1)
        return IpAddress::from_v4(v4);
    IpAddress v6;
    if (inet_pton(AF_INET6, terminated.c_str(), v6.bytes.data()) == 1)
        return v6;
    return std::nullopt;
}

std::string to_string(const IpAddress& address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address.is_v4()) {
        const Be32 v4 = address.v4();
        inet_ntop(AF_INET, &v4, text, sizeof text);
    } else {
        inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
    }
    return text;
}

std::optional<MacAddress> parse_mac(std::string_view text) {
    if (text.size() != 17)
        return std::nullopt;
    const auto nibble = [](char c) -> int {
        if (c >= '0' && c <= '9')
            return c - '0';
        if (c >= 'a' && c <= 'f')
            return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
            return c - 'A' + 10;
        return -1;
    };
    MacAddress mac;
    for (std::size_t i = 0; i < 6; ++i) {
        const int high = nibble(text[3 * i]);
        const int low = nibble(text[3 * i + 1]);
        if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':'))
            return std::nullopt;
        mac.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return mac;
}

std::string to_string(const MacAddress& mac) {
    char text[18];
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac.bytes[0], mac.bytes[1],
                  mac.bytes[2], mac.bytes[3], mac.bytes[4], mac.bytes[5]);
    return text;
}

}  // namespace vipfwd
