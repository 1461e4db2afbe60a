// SPDX-License-Identifier: Apache-2.0
#include "control/config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "control/text/number.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::config {
namespace {

bool is_name_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), text::is_control);
}

// Digits only: no sign, no space, no leading zero.
std::optional<std::uint32_t> parse_decimal(std::string_view text) {
    if (text.size() > 1 && text[0] == '0')
        return std::nullopt;
    return text::parse_number<std::uint32_t>(text);
}

bool is_multicast(const IpAddress& address) {
    return address.is_v4() ? address.bytes[12] >> 4 == 0xe : address.bytes[0] == 0xff;
}

bool is_loopback(const IpAddress& address) {
    if (address.is_v4())
        return address.bytes[12] == 127;
    IpAddress one;
    one.bytes[15] = 1;
    return address == one;
}

bool is_unspecified(const IpAddress& address) {
    return address.is_none() || (address.is_v4() && address.bytes[12] == 0);
}

bool is_broadcast(const IpAddress& address) {
    return address == IpAddress::from_v4(Be32{0xffffffff});
}

// Why `address` is not the address of one host; empty if it is.
std::string_view special_kind(const IpAddress& address) {
    if (is_unspecified(address))
        return "an unspecified address";
    if (is_loopback(address))
        return "a loopback address";
    if (is_multicast(address))
        return "a multicast address";
    if (is_broadcast(address))
        return "the broadcast address";
    return {};
}

}  // namespace

Result<std::string> parse_name(std::string_view text) {
    if (text.empty() || text.size() >= abi::kNameBytes ||
        !std::all_of(text.begin(), text.end(), is_name_character))
        return Error{
            fmt::format("{} is not a name; use 1 to {} of the characters A-Z a-z 0-9 _ . -",
                        text::quote(text), abi::kNameBytes - 1)};
    return std::string(text);
}

Result<IpAddress> parse_unicast(std::string_view text) {
    const std::optional<IpAddress> address = parse_ip(text);
    if (!address)
        return Error{
            fmt::format("{} is not an IP address; write one such as \"10.0.0.1\" or \"fd00::1\"",
                        text::quote(text))};
    if (address->is_v4() && text.find(':') != std::string_view::npos)
        return Error{fmt::format("{} is an IPv4-mapped IPv6 address; write it as \"{}\"",
                                 text::quote(text), to_string(*address))};
    if (const std::string_view kind = special_kind(*address); !kind.empty())
        return Error{fmt::format("{} is {}; use the address of one host", text::quote(text), kind)};
    return *address;
}

Result<InterfaceAddress> parse_interface_address(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return Error{fmt::format("{} has no prefix length; write one such as \"10.0.0.1/24\"",
                                 text::quote(text))};
    const Result<IpAddress> address = parse_unicast(text.substr(0, slash));
    if (!address)
        return address.error();
    const std::uint32_t longest = address.value().is_v4() ? 32 : 128;
    const std::optional<std::uint32_t> length = parse_decimal(text.substr(slash + 1));
    if (!length || *length == 0 || *length > longest)
        return Error{fmt::format("{} has no valid prefix length; use 1 to {} after the '/'",
                                 text::quote(text), longest)};
    return InterfaceAddress{address.value(), *length};
}

Result<InterfaceAddress> parse_tunnel_source(std::string_view text) {
    if (text.find('/') == std::string_view::npos) {
        const Result<IpAddress> address = parse_unicast(text);
        if (!address)
            return address.error();
        return InterfaceAddress{*address, address->is_v4() ? 32u : 128u};
    }
    const Result<InterfaceAddress> source = parse_interface_address(text);
    if (!source)
        return source.error();
    const std::uint32_t longest = source->address.is_v4() ? 32 : 128;
    const std::uint32_t host_bits = longest - source->prefix_length;
    if (host_bits > abi::kMaxSourceBits)
        return Error{fmt::format("{} leaves {} bits for the flow's hash; use /{} to /{}",
                                 text::quote(text), host_bits, longest - abi::kMaxSourceBits,
                                 longest)};
    if (source->first() != source->address)
        return Error{
            fmt::format("{} has bits set after its prefix, which the flow's hash fills; write "
                        "\"{}/{}\", or the address alone",
                        text::quote(text), to_string(source->first()), source->prefix_length)};
    return *source;
}

Result<MacAddress> parse_unicast_mac(std::string_view text) {
    const std::optional<MacAddress> mac = parse_mac(text);
    if (!mac)
        return Error{fmt::format("{} is not a MAC address; write one such as \"02:00:00:00:00:01\"",
                                 text::quote(text))};
    if (mac->is_multicast() || mac->is_zero())
        return Error{fmt::format("{} is {}; use the address of one interface", text::quote(text),
                                 mac->is_zero() ? "all zero" : "a multicast address")};
    return *mac;
}

Result<PortRange> parse_port_range(std::string_view text) {
    if (text == "any")
        return kAnyPort;
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const std::optional<std::uint32_t> first = parse_decimal(text.substr(0, dash));
        const std::optional<std::uint32_t> last = parse_decimal(text.substr(dash + 1));
        if (first && last && *first >= 1 && *first <= *last && *last <= 65535)
            return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
    }
    return Error{
        fmt::format("{} is not a port range; write an integer such as 80, a range such as "
                    "\"8000-8099\" (1 to 65535, lower one first) or \"any\"",
                    text::quote(text))};
}

// dev_valid_name() of the kernel. In addition '%' is not allowed, which makes the kernel insert a
// number, nor are "all" and "default", which sysctls use.
bool is_interface_name(std::string_view text) {
    return !text.empty() && text.size() < abi::kInterfaceBytes && text != "." && text != ".." &&
           text != "all" && text != "default" && !has_control(text) &&
           text.find_first_of("/:% ") == std::string_view::npos;
}

Result<std::string> parse_interface_or_none(std::string_view text) {
    if (text.empty() || is_interface_name(text))
        return std::string(text);
    return Error{
        fmt::format("{} cannot be an interface's name; use 1 to {} characters such as "
                    "\"uplink0\", or \"\" for none",
                    text::quote(text), abi::kInterfaceBytes - 1)};
}

Result<std::string> parse_device(std::string_view text) {
    if (text.empty() || text.size() >= abi::kDeviceBytes || has_control(text))
        return Error{
            fmt::format("{} cannot be a device; use 1 to {} bytes without control characters",
                        text::quote(text), abi::kDeviceBytes - 1)};
    return std::string(text);
}

Result<std::string> parse_path(std::string_view text) {
    if (text.empty() || has_control(text))
        return Error{fmt::format("{} cannot be a file; write its path", text::quote(text))};
    return std::string(text);
}

Result<std::string> parse_argument(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
        return Error{
            fmt::format("{} cannot be an argument; write it without NUL", text::quote(text))};
    return std::string(text);
}

Result<std::string> parse_process(std::string_view text) {
    constexpr std::size_t kLongest = 15;
    if (text.empty() || text.size() > kLongest || has_control(text)) {
        return Error{fmt::format(
            "{} is not the name of a process; write the first {} characters of what 'ps -e' shows",
            text::quote(text), kLongest)};
    }
    return std::string(text);
}

Result<std::string> parse_url_path(std::string_view text) {
    if (!text.starts_with('/') || has_control(text) || text.find(' ') != std::string_view::npos)
        return Error{fmt::format(
            "{} is not the path of a request; write one such as \"/healthz\" (no spaces)",
            text::quote(text))};
    return std::string(text);
}

Result<std::string> parse_http_host(std::string_view text) {
    const auto is_host_character = [](char c) {
        return is_name_character(c) || c == ':' || c == '[' || c == ']';
    };
    if (text.empty() || text.size() > 255 || !std::ranges::all_of(text, is_host_character))
        return Error{fmt::format("{} is not the name of a host; write one such as \"api.example\"",
                                 text::quote(text))};
    return std::string(text);
}

Result<std::vector<StatusRange>> parse_statuses(std::string_view text) {
    const auto parse_status = [](std::string_view written) -> std::optional<std::uint16_t> {
        const std::optional<std::uint32_t> status = parse_decimal(written);
        if (!status || *status < 100 || *status > 599)
            return std::nullopt;
        return static_cast<std::uint16_t>(*status);
    };
    std::vector<StatusRange> ranges;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view item = text.substr(begin, end - begin);
        const std::size_t dash = item.find('-');
        const auto first = parse_status(item.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_status(item.substr(dash + 1));
        if (!first || !last || *first > *last)
            return Error{fmt::format(
                "{} is not a set of HTTP statuses; write one such as \"200\", \"200-399\" or "
                "\"200-299,404\", from 100 to 599",
                text::quote(text))};
        ranges.push_back({*first, *last});
        begin = end + 1;
    }
    return ranges;
}

Result<std::string> parse_database_user(std::string_view text) {
    constexpr std::size_t kLongest = 128;
    if (text.empty() || text.size() > kLongest || text.find('\0') != std::string_view::npos)
        return Error{fmt::format("{} is not the name of a user; write 1 to {} bytes without NUL",
                                 text::quote(text), kLongest)};
    return std::string(text);
}

Result<std::string> parse_dns_name(std::string_view text) {
    constexpr std::size_t kLongest = 253, kLongestLabel = 63;
    if (text == ".")
        return std::string(text);
    const std::string_view name = text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0));
    bool is_valid = !name.empty() && name.size() <= kLongest;
    for (std::size_t begin = 0; is_valid && begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        const std::string_view label = name.substr(begin, end - begin);
        is_valid = !label.empty() && label.size() <= kLongestLabel &&
                   std::ranges::all_of(label, is_name_character);
        begin = end + 1;
    }
    if (!is_valid)
        return Error{fmt::format("{} is not a domain name; write one such as \"example.org\"",
                                 text::quote(text))};
    return std::string(name);
}

Result<std::uint32_t> parse_percentage(std::string_view text) {
    const bool has_sign = text.ends_with('%');
    const auto percent = has_sign ? parse_decimal(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!percent || *percent < 1 || *percent > 100)
        return Error{
            fmt::format("{} is not a percentage; write \"1%\" to \"100%\", or a number "
                        "without quotes",
                        text::quote(text))};
    return *percent;
}

Result<std::string> parse_exchange_text(std::string_view text) {
    constexpr std::size_t kMaxBytes = 1024;
    if (text.empty() || text.size() > kMaxBytes)
        return Error{fmt::format("it has {} bytes; write 1 to {}", text.size(), kMaxBytes)};
    return std::string(text);
}

}  // namespace vipfwd::config
