// SPDX-License-Identifier: Apache-2.0
#include "control/config/interface_address.h"

#include <algorithm>

namespace vipfwd::config {
namespace {

constexpr std::uint32_t kMappedBits = 96;  // precede an IPv4 address in its IPv4-mapped form

// The host part of byte `index` of an address whose network prefix has `prefix_bits` bits.
std::uint8_t host_mask(std::size_t index, std::uint32_t prefix_bits) {
    const auto before = static_cast<std::uint32_t>(index) * 8;
    const std::uint32_t prefix_here =
        prefix_bits > before ? std::min<std::uint32_t>(prefix_bits - before, 8) : 0;
    return static_cast<std::uint8_t>(0xff >> prefix_here);
}

std::uint32_t prefix_bits(const InterfaceAddress& interface) {
    return interface.prefix_length + (interface.address.is_v4() ? kMappedBits : 0);
}

}  // namespace

bool InterfaceAddress::contains(const IpAddress& other) const {
    if (other.is_v4() != address.is_v4())
        return false;
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const int difference = address.bytes[i] ^ other.bytes[i];
        if ((difference & ~host_mask(i, prefix_bits(*this))) != 0)
            return false;
    }
    return true;
}

IpAddress InterfaceAddress::first() const {
    IpAddress lowest = address;
    for (std::size_t i = 0; i < lowest.bytes.size(); ++i)
        lowest.bytes[i] =
            static_cast<std::uint8_t>(lowest.bytes[i] & ~host_mask(i, prefix_bits(*this)));
    return lowest;
}

IpAddress InterfaceAddress::network() const {
    return prefix_length + 2 > (address.is_v4() ? 32 : 128) ? IpAddress() : first();
}

IpAddress InterfaceAddress::broadcast() const {
    if (!address.is_v4() || prefix_length > 30)
        return {};
    IpAddress last = address;
    for (std::size_t i = 0; i < last.bytes.size(); ++i)
        last.bytes[i] = static_cast<std::uint8_t>(last.bytes[i] | host_mask(i, prefix_bits(*this)));
    return last;
}

}  // namespace vipfwd::config
