// SPDX-License-Identifier: Apache-2.0
#include "control/decap/source_prefix.h"

#include <charconv>
#include <system_error>

#include "dataplane/abi/address_text.h"

namespace vipfwd::decap {
namespace {

constexpr std::uint32_t kAddressBits = 128;

std::uint32_t longest(const IpAddress& address) {
    return address.is_v4() ? 32 : kAddressBits;
}

std::optional<std::uint32_t> parse_length(std::string_view text, std::uint32_t most) {
    std::uint32_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc() || end != text.data() + text.size() || length > most)
        return std::nullopt;
    return length;
}

// Keeps the first `bits` of the 128 bits, and clears the others.
IpAddress first_bits(IpAddress address, std::uint32_t bits) {
    for (std::uint32_t bit = bits; bit < kAddressBits; ++bit)
        address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> bit % 8));
    return address;
}

}  // namespace

std::optional<SourcePrefix> parse_source_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<IpAddress> address = parse_ip(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    const std::uint32_t most = longest(*address);
    if (slash == std::string_view::npos)
        return SourcePrefix{*address, most};
    const std::optional<std::uint32_t> length = parse_length(text.substr(slash + 1), most);
    if (!length)
        return std::nullopt;
    return SourcePrefix{first_bits(*address, kAddressBits - most + *length), *length};
}

std::string to_string(const SourcePrefix& prefix) {
    const std::string network = vipfwd::to_string(prefix.network);
    if (prefix.length == longest(prefix.network))
        return network;
    return network + "/" + std::to_string(prefix.length);
}

}  // namespace vipfwd::decap
