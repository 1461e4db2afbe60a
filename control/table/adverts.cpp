// SPDX-License-Identifier: Apache-2.0
#include "control/table/adverts.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"

namespace vipfwd::table {
namespace {

constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kVrrpBytes = 8;
constexpr std::uint32_t kEthernetMtu = 1500;
constexpr std::uint8_t kInternetworkControl = 0xc0;  // DSCP CS6, RFC 2474 §4.2.2.2

// Writes a frame from its front to its end.
class FrameWriter {
  public:
    explicit FrameWriter(abi::AdvertEntry& entry) : entry_(entry) {}

    void bytes(std::span<const std::uint8_t> some) {
        std::memcpy(entry_.frame + entry_.bytes, some.data(), some.size());
        entry_.bytes = static_cast<std::uint16_t>(entry_.bytes + some.size());
    }
    void byte(std::uint8_t value) { bytes({&value, 1}); }
    void word(std::uint16_t value) {
        byte(static_cast<std::uint8_t>(value >> 8));
        byte(static_cast<std::uint8_t>(value));
    }

  private:
    abi::AdvertEntry& entry_;
};

// RFC 1112 §6.4, RFC 2464 §7.
std::optional<MacAddress> mac_of(const IpAddress& destination, const Facts& facts) {
    const auto& b = destination.bytes;
    if (destination.is_v4() && (b[12] & 0xf0) == 0xe0)
        return MacAddress{
            {0x01, 0x00, 0x5e, static_cast<std::uint8_t>(b[13] & 0x7f), b[14], b[15]}};
    if (!destination.is_v4() && b[0] == 0xff)
        return MacAddress{{0x33, 0x33, b[12], b[13], b[14], b[15]}};
    const std::optional<NextHop> hop = facts.next_hop(destination);
    return hop ? std::optional(hop->mac) : std::nullopt;
}

// The source MAC address is the dataplane's to fill in.
void write_link(FrameWriter& frame, const MacAddress& destination, const PortFacts& port,
                bool is_v4) {
    frame.bytes(destination.bytes);
    frame.bytes(MacAddress{}.bytes);
    if (port.outer_vlan != 0) {
        frame.word(0x88a8);
        frame.word(port.outer_vlan);
    }
    if (port.vlan != 0) {
        frame.word(0x8100);
        frame.word(port.vlan);
    }
    frame.word(is_v4 ? 0x0800 : 0x86dd);
}

std::span<const std::uint8_t> v4_bytes(const IpAddress& address) {
    return std::span(address.bytes).last(4);
}

void write_ipv4(FrameWriter& frame, const IpAddress& source, const IpAddress& destination,
                std::size_t payload_bytes) {
    std::array<std::uint8_t, kIpv4Bytes> ip{0x45, kInternetworkControl};
    const std::size_t length = ip.size() + payload_bytes;
    ip[2] = static_cast<std::uint8_t>(length >> 8);
    ip[3] = static_cast<std::uint8_t>(length);
    ip[6] = 0x40;  // don't fragment
    ip[8] = vrrp::kTtl;
    ip[9] = vrrp::kIpProtocol;
    std::ranges::copy(v4_bytes(source), ip.begin() + 12);
    std::ranges::copy(v4_bytes(destination), ip.begin() + 16);
    const Be16 checksum = internet_checksum(ip);
    std::memcpy(&ip[10], &checksum, sizeof checksum);
    frame.bytes(ip);
}

void write_ipv6(FrameWriter& frame, const IpAddress& source, const IpAddress& destination,
                std::size_t payload_bytes) {
    frame.word(0x6000 | kInternetworkControl << 4);
    frame.word(0);
    frame.word(static_cast<std::uint16_t>(payload_bytes));
    frame.byte(vrrp::kIpProtocol);
    frame.byte(vrrp::kTtl);
    frame.bytes(source.bytes);
    frame.bytes(destination.bytes);
}

}  // namespace

std::vector<IpAddress> advert_destinations(const config::Group& group) {
    if (!group.peers.empty())
        return group.peers;
    return {vrrp::multicast_group(group.is_v4())};
}

IpAddress advert_source(const config::Group& group, const PortFacts& port) {
    if (group.is_v4())
        return port.own_v4;
    return group.peers.empty() ? port.link_local : port.own_v6;
}

vrrp::Advert make_advert(const config::Group& group, std::uint8_t priority, std::uint32_t mtu) {
    vrrp::Advert advert{.version = group.version,
                        .id = static_cast<std::uint8_t>(group.id),
                        .priority = priority,
                        .interval_ms = group.advert_interval_ms,
                        .addresses = {}};
    const std::uint32_t in_front = (group.is_v4() ? kIpv4Bytes : kIpv6Bytes) + kVrrpBytes +
                                   (group.version == 2 ? kVrrpBytes : 0) +
                                   (group.auth_key ? abi::kAuthTrailerBytes : 0);
    const std::size_t fit = (mtu == 0 ? kEthernetMtu : std::min(mtu, kEthernetMtu)) - in_front;
    const std::size_t most = std::min(vrrp::kMaxAddresses, fit / (group.is_v4() ? 4 : 16));
    for (const IpAddress& vip : group.vips) {
        if (vip.is_v4() == group.is_v4() && advert.addresses.size() < most)
            advert.addresses.push_back(vip);
    }
    return advert;
}

std::vector<std::uint8_t> advert_payload(const config::Group& group, const vrrp::Advert& advert,
                                         const IpAddress& source, const IpAddress& destination) {
    const auto form = group.checksum_pseudo_header ? vrrp::ChecksumForm::kWithPseudoHeader
                                                   : vrrp::ChecksumForm::kWithout;
    std::vector<std::uint8_t> payload = vrrp::encode(advert, source, destination, form);
    if (group.auth_key)
        payload.resize(payload.size() + abi::kAuthTrailerBytes);
    return payload;
}

std::vector<abi::AdvertEntry> make_adverts(const config::Group& group, const Facts& facts,
                                           const PortFacts& port) {
    std::vector<abi::AdvertEntry> adverts;
    const IpAddress source = advert_source(group, port);
    if (source.is_none())
        return adverts;
    const vrrp::Advert advert = make_advert(group, vrrp::kResignPriority, port.mtu);
    for (const IpAddress& destination : advert_destinations(group)) {
        const std::optional<MacAddress> mac = mac_of(destination, facts);
        if (!mac)
            continue;
        const std::vector<std::uint8_t> payload =
            advert_payload(group, advert, source, destination);
        abi::AdvertEntry& entry = adverts.emplace_back();
        entry = {};
        FrameWriter frame(entry);
        write_link(frame, *mac, port, group.is_v4());
        if (group.is_v4())
            write_ipv4(frame, source, destination, payload.size());
        else
            write_ipv6(frame, source, destination, payload.size());
        entry.vrrp_offset = entry.bytes;
        frame.bytes(payload);
    }
    return adverts;
}

}  // namespace vipfwd::table
