// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/advert.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::vrrp {
namespace {

constexpr std::uint8_t kTypeAdvertisement = 1;
constexpr std::uint8_t kNoAuthentication = 0;
constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kAuthenticationBytes = 8;  // at the end, in version 2
constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::uint32_t kCentisecond_ms = 10;
constexpr std::uint32_t kSecond_ms = 1000;
constexpr std::uint16_t kAllOnes = 0xffff;

// Bytes 4 and 5: in version 2 the authentication type and seconds, in version 3 reserved bits and
// centiseconds.
std::uint16_t interval_word(std::span<const std::uint8_t> bytes) {
    return static_cast<std::uint16_t>(bytes[4] << 8 | bytes[5]);
}

std::uint32_t interval_ms(std::uint8_t version, std::uint16_t word) {
    return version == 2 ? (word & 0xff) * kSecond_ms : (word & 0xfff) * kCentisecond_ms;
}

std::size_t length_of(std::uint8_t version, bool v4, std::size_t count) {
    return kHeaderBytes + count * (v4 ? kIpv4Bytes : kIpv6Bytes) +
           (version == 2 ? kAuthenticationBytes : 0);
}

// The length of the VRRP message, without a trailer. Requires a complete header.
std::size_t length_of(std::span<const std::uint8_t> bytes, bool v4) {
    return length_of(static_cast<std::uint8_t>(bytes[0] >> 4), v4, bytes[3]);
}

bool ends_in_trailer(std::span<const std::uint8_t> bytes, std::uint8_t version,
                     std::size_t message_bytes) {
    return version == 3 && bytes.size() == message_bytes + abi::kAuthTrailerBytes &&
           std::ranges::equal(bytes.subspan(message_bytes, abi::kAuthMagic.size()),
                              abi::kAuthMagic);
}

// Serves IPv4 as well: the 0xffff of a mapped address is 0 in one's complement arithmetic, and the
// pseudo-header of IPv4 has the same fields in another order.
std::uint64_t pseudo_sum(const IpAddress& source, const IpAddress& destination,
                         std::size_t length) {
    return ipv6_pseudo_sum(source, destination, static_cast<std::uint32_t>(length), kIpProtocol);
}

bool checksum_holds(std::span<const std::uint8_t> bytes, std::uint8_t version,
                    const IpAddress& source, const IpAddress& destination) {
    const std::uint64_t sum = add_to_sum(bytes);
    if (source.is_v4() && fold_sum(sum) == kAllOnes)
        return true;
    return version == 3 &&
           fold_sum(sum + pseudo_sum(source, destination, bytes.size())) == kAllOnes;
}

std::optional<Discard> check(std::span<const std::uint8_t> bytes, const IpAddress& source,
                             const IpAddress& destination, std::uint8_t ttl) {
    if (ttl != kTtl)
        return Discard::kTtl;
    if (bytes.empty())
        return Discard::kLength;
    const bool v4 = source.is_v4();
    const auto version = static_cast<std::uint8_t>(bytes[0] >> 4);
    if (version != 3 && (version != 2 || !v4))
        return Discard::kVersion;
    if ((bytes[0] & 0xf) != kTypeAdvertisement)
        return Discard::kType;
    if (bytes.size() < kHeaderBytes)
        return Discard::kLength;
    const std::size_t length = length_of(bytes, v4);
    if (bytes.size() != length && !ends_in_trailer(bytes, version, length))
        return Discard::kLength;
    if (bytes[3] == 0)
        return Discard::kCount;
    if (interval_ms(version, interval_word(bytes)) == 0)
        return Discard::kInterval;
    if (version == 2 && interval_word(bytes) >> 8 != kNoAuthentication)
        return Discard::kAuthentication;
    if (!checksum_holds(bytes.first(length), version, source, destination))
        return Discard::kChecksum;
    return std::nullopt;
}

std::vector<IpAddress> read_addresses(std::span<const std::uint8_t> bytes, bool v4,
                                      std::size_t count) {
    std::vector<IpAddress> addresses(count);
    for (IpAddress& address : addresses) {
        if (v4) {
            Be32 word;
            std::memcpy(&word.raw, bytes.data(), kIpv4Bytes);
            address = IpAddress::from_v4(word);
        } else {
            std::memcpy(address.bytes.data(), bytes.data(), kIpv6Bytes);
        }
        bytes = bytes.subspan(v4 ? kIpv4Bytes : kIpv6Bytes);
    }
    return addresses;
}

void write_addresses(std::span<const IpAddress> addresses, bool v4, std::uint8_t* out) {
    // An IPv4 address is the last four bytes of its mapped form.
    const std::size_t size = v4 ? kIpv4Bytes : kIpv6Bytes;
    for (const IpAddress& address : addresses) {
        std::memcpy(out, address.bytes.data() + address.bytes.size() - size, size);
        out += size;
    }
}

}  // namespace

std::variant<Advert, Discard> decode(std::span<const std::uint8_t> bytes, const IpAddress& source,
                                     const IpAddress& destination, std::uint8_t ttl) {
    if (const auto discard = check(bytes, source, destination, ttl))
        return *discard;
    const auto version = static_cast<std::uint8_t>(bytes[0] >> 4);
    return Advert{
        .version = version,
        .id = bytes[1],
        .priority = bytes[abi::kVrrpPriorityOffset],
        .interval_ms = interval_ms(version, interval_word(bytes)),
        .addresses = read_addresses(bytes.subspan(kHeaderBytes), source.is_v4(), bytes[3])};
}

bool has_trailer(std::span<const std::uint8_t> bytes, bool v4) {
    return bytes.size() > length_of(bytes, v4);
}

std::vector<std::uint8_t> encode(const Advert& advert, const IpAddress& source,
                                 const IpAddress& destination, ChecksumForm form) {
    const bool v4 = source.is_v4();
    const std::size_t count = std::min(advert.addresses.size(), kMaxAddresses);
    const std::uint32_t interval =
        advert.interval_ms / (advert.version == 2 ? kSecond_ms : kCentisecond_ms);
    std::vector<std::uint8_t> bytes(length_of(advert.version, v4, count));
    bytes[0] = static_cast<std::uint8_t>(advert.version << 4 | kTypeAdvertisement);
    bytes[1] = advert.id;
    bytes[abi::kVrrpPriorityOffset] = advert.priority;
    bytes[3] = static_cast<std::uint8_t>(count);
    bytes[4] = advert.version == 2 ? kNoAuthentication : static_cast<std::uint8_t>(interval >> 8);
    bytes[5] = static_cast<std::uint8_t>(interval);
    write_addresses(std::span(advert.addresses).first(count), v4, bytes.data() + kHeaderBytes);

    std::uint64_t sum = add_to_sum(bytes);
    if (!v4 || (advert.version == 3 && form == ChecksumForm::kWithPseudoHeader))
        sum += pseudo_sum(source, destination, bytes.size());
    const auto checksum = static_cast<std::uint16_t>(~fold_sum(sum));
    std::memcpy(bytes.data() + abi::kVrrpChecksumOffset, &checksum, sizeof checksum);
    return bytes;
}

}  // namespace vipfwd::vrrp
