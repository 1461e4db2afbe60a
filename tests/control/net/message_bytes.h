// SPDX-License-Identifier: Apache-2.0
// Builds messages as the kernel sends them, from the struct definitions of its headers.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::net {

class MessageBytes {
  public:
    template <typename Fixed>
    MessageBytes& message(std::uint16_t type, const Fixed& fixed, std::uint16_t flags = 0,
                          std::uint32_t sequence = 0) {
        start_ = bytes_.size();
        nlmsghdr header{};
        header.nlmsg_type = type;
        header.nlmsg_flags = flags;
        header.nlmsg_seq = sequence;
        append(&header, sizeof header);
        append(&fixed, sizeof fixed);
        return finish();
    }
    MessageBytes& attribute(std::uint16_t type, const void* data, std::size_t size) {
        nlattr header{};
        header.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + size);
        header.nla_type = type;
        append(&header, sizeof header);
        append(data, size);
        return finish();
    }
    // One attribute that contains those that `fill` adds.
    template <typename Fill>
    MessageBytes& nested(std::uint16_t type, Fill fill) {
        const std::size_t at = bytes_.size();
        nlattr header{};
        header.nla_type = type;
        append(&header, sizeof header);
        fill(*this);
        header.nla_len = static_cast<std::uint16_t>(bytes_.size() - at);
        std::memcpy(bytes_.data() + at, &header, sizeof header);
        return finish();
    }
    MessageBytes& number16(std::uint16_t type, std::uint16_t value) {
        return attribute(type, &value, sizeof value);
    }
    MessageBytes& number8(std::uint16_t type, std::uint8_t value) {
        return attribute(type, &value, sizeof value);
    }
    MessageBytes& text(std::uint16_t type, std::string_view value) {
        std::vector<char> terminated(value.begin(), value.end());
        terminated.push_back('\0');
        return attribute(type, terminated.data(), terminated.size());
    }
    MessageBytes& number(std::uint16_t type, std::uint32_t value) {
        return attribute(type, &value, sizeof value);
    }
    MessageBytes& address(std::uint16_t type, std::string_view value) {
        const IpAddress ip = *parse_ip(value);
        return ip.is_v4() ? attribute(type, &ip.bytes[12], 4)
                          : attribute(type, ip.bytes.data(), 16);
    }
    MessageBytes& mac(std::uint16_t type, std::string_view value) {
        const MacAddress mac = *parse_mac(value);
        return attribute(type, mac.bytes.data(), mac.bytes.size());
    }

    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    void append(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
        bytes_.resize((bytes_.size() + 3) / 4 * 4);
    }
    MessageBytes& finish() {
        const auto length = static_cast<std::uint32_t>(bytes_.size() - start_);
        std::memcpy(bytes_.data() + start_ + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
        return *this;
    }

    std::vector<std::byte> bytes_;
    std::size_t start_ = 0;
};

}  // namespace vipfwd::net
