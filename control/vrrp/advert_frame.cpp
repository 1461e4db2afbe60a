// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/advert_frame.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"

namespace vipfwd::vrrp {
namespace {

constexpr std::uint32_t kIpv4HeaderBytes = 20;
constexpr std::uint32_t kIpv6HeaderBytes = 40;
constexpr std::uint32_t kVrrpHeaderBytes = 8;
constexpr std::uint32_t kVersion2AuthBytes = 8;  // RFC 3768 §5.3.10, behind the addresses
constexpr std::uint32_t kEthernetMtu = 1500;
constexpr std::uint8_t kInternetworkControl = 0xc0;  // DSCP CS6, RFC 2474 §4.2.2.2

// Appends to the frame of an AdvertEntry.
class FrameWriter {
  public:
    explicit FrameWriter(abi::AdvertEntry& entry) : entry_(entry) {}

    void append(std::span<const std::uint8_t> bytes) {
        std::memcpy(entry_.frame + entry_.bytes, bytes.data(), bytes.size());
        entry_.bytes = static_cast<std::uint16_t>(entry_.bytes + bytes.size());
    }
    void append_u8(std::uint8_t value) { append({&value, 1}); }
    void append_be16(std::uint16_t value) {
        append_u8(static_cast<std::uint8_t>(value >> 8));
        append_u8(static_cast<std::uint8_t>(value));
    }

  private:
    abi::AdvertEntry& entry_;
};

void write_link(FrameWriter& frame, const FrameLink& link, bool is_v4) {
    frame.append(link.destination.bytes);
    frame.append(MacAddress{}.bytes);  // the source
    if (link.outer_vlan != 0) {
        frame.append_be16(0x88a8);
        frame.append_be16(link.outer_vlan);
    }
    if (link.vlan != 0) {
        frame.append_be16(0x8100);
        frame.append_be16(link.vlan);
    }
    frame.append_be16(is_v4 ? 0x0800 : 0x86dd);
}

std::span<const std::uint8_t> v4_bytes(const IpAddress& address) {
    return std::span(address.bytes).last(4);
}

void write_ipv4(FrameWriter& frame, const IpAddress& source, const IpAddress& destination,
                std::size_t payload_bytes) {
    std::array<std::uint8_t, kIpv4HeaderBytes> ip{0x45, kInternetworkControl};
    const std::size_t length = ip.size() + payload_bytes;
    ip[2] = static_cast<std::uint8_t>(length >> 8);
    ip[3] = static_cast<std::uint8_t>(length);
    ip[6] = 0x40;  // don't fragment
    ip[8] = kTtl;
    ip[9] = kIpProtocol;
    std::ranges::copy(v4_bytes(source), ip.begin() + 12);
    std::ranges::copy(v4_bytes(destination), ip.begin() + 16);
    const Be16 checksum = internet_checksum(ip);
    std::memcpy(&ip[10], &checksum, sizeof checksum);
    frame.append(ip);
}

void write_ipv6(FrameWriter& frame, const IpAddress& source, const IpAddress& destination,
                std::size_t payload_bytes) {
    frame.append_be16(0x6000 | kInternetworkControl << 4);
    frame.append_be16(0);  // flow label
    frame.append_be16(static_cast<std::uint16_t>(payload_bytes));
    frame.append_u8(kIpProtocol);
    frame.append_u8(kTtl);
    frame.append(source.bytes);
    frame.append(destination.bytes);
}

}  // namespace

std::size_t max_listed(const AdvertSettings& settings, std::uint32_t mtu) {
    const std::size_t overhead = (settings.is_v4 ? kIpv4HeaderBytes : kIpv6HeaderBytes) +
                                 kVrrpHeaderBytes +
                                 (settings.version == 2 ? kVersion2AuthBytes : 0) +
                                 (settings.is_authenticated ? abi::kAuthTrailerBytes : 0);
    const std::size_t room = (mtu == 0 ? kEthernetMtu : std::min(mtu, kEthernetMtu)) - overhead;
    return std::min(kMaxAddresses, room / (settings.is_v4 ? 4 : 16));
}

Advert make_advert(const AdvertSettings& settings, std::uint8_t priority, std::uint32_t mtu) {
    Advert advert{.version = settings.version,
                  .id = settings.id,
                  .priority = priority,
                  .interval_ms = settings.interval_ms,
                  .addresses = {}};
    const std::size_t limit = max_listed(settings, mtu);
    for (const IpAddress& vip : settings.vips) {
        if (vip.is_v4() == settings.is_v4 && advert.addresses.size() < limit)
            advert.addresses.push_back(vip);
    }
    return advert;
}

std::vector<std::uint8_t> make_payload(const AdvertSettings& settings, const Advert& advert,
                                       const IpAddress& source, const IpAddress& destination) {
    std::vector<std::uint8_t> payload = encode(advert, source, destination, settings.checksum);
    if (settings.is_authenticated)
        payload.resize(payload.size() + abi::kAuthTrailerBytes);
    return payload;
}

abi::AdvertEntry make_frame(const FrameLink& link, const IpAddress& source,
                            const IpAddress& destination, std::span<const std::uint8_t> payload) {
    abi::AdvertEntry entry{};
    FrameWriter frame(entry);
    write_link(frame, link, source.is_v4());
    if (source.is_v4())
        write_ipv4(frame, source, destination, payload.size());
    else
        write_ipv6(frame, source, destination, payload.size());
    entry.vrrp_offset = entry.bytes;
    frame.append(payload);
    return entry;
}

std::optional<MacAddress> multicast_mac(const IpAddress& address) {
    const auto& b = address.bytes;
    if (address.is_v4() && (b[12] & 0xf0) == 0xe0)
        return MacAddress{
            {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[13] & 0x7f), b[14], b[15]}};
    if (!address.is_v4() && b[0] == 0xff)
        return MacAddress{{0x33, 0x33, b[12], b[13], b[14], b[15]}};
    return std::nullopt;
}

}  // namespace vipfwd::vrrp
