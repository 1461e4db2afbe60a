// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/advert.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::vrrp {
namespace {

using Bytes = std::vector<std::uint8_t>;

const IpAddress kSource4 = *parse_ip("10.0.0.1");
const IpAddress kGroup4 = *parse_ip("224.0.0.18");
const IpAddress kSource6 = *parse_ip("fe80::1");
const IpAddress kGroup6 = *parse_ip("ff02::12");

// "31 33 c8" to bytes.
Bytes hex(const std::string& text) {
    std::istringstream in(text);
    Bytes bytes;
    for (std::string byte; in >> byte;)
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(byte, nullptr, 16)));
    return bytes;
}

std::variant<Advert, Discard> decode4(const Bytes& bytes) {
    return decode(bytes, kSource4, kGroup4, kTtl);
}

std::variant<Advert, Discard> decode6(const Bytes& bytes) {
    return decode(bytes, kSource6, kGroup6, kTtl);
}

// Two IPv4 addresses every 100 ms: keepalived's form of the checksum, and RFC 9568's.
const Bytes kWithPseudo4 = hex("31 33 c8 02 00 0a 07 63 0a 00 00 64 0a 00 00 65");
const Bytes kWithout4 = hex("31 33 c8 02 00 0a f1 f6 0a 00 00 64 0a 00 00 65");
const Bytes kVersion3Over6 =
    hex("31 33 c8 02 00 64 0b 64 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 51 "
        "fd 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00");
const Bytes kVersion2 = hex("21 01 64 01 00 01 ba 52 c0 a8 00 01 00 00 00 00 00 00 00 00");

Advert advert4() {
    return {.version = 3,
            .id = 51,
            .priority = 200,
            .interval_ms = 100,
            .addresses = {*parse_ip("10.0.0.100"), *parse_ip("10.0.0.101")}};
}

Advert advert6() {
    return {.version = 3,
            .id = 51,
            .priority = 200,
            .interval_ms = 1000,
            .addresses = {*parse_ip("fe80::51"), *parse_ip("fd00::100")}};
}

Advert advert2() {
    return {.version = 2,
            .id = 1,
            .priority = 100,
            .interval_ms = 1000,
            .addresses = {*parse_ip("192.168.0.1")}};
}

// The same with one byte set and a good checksum.
Bytes with(Bytes bytes, std::size_t offset, std::uint8_t value) {
    bytes[offset] = value;
    std::memset(bytes.data() + abi::kVrrpChecksumOffset, 0, 2);
    const Be16 checksum = internet_checksum(bytes);
    std::memcpy(bytes.data() + abi::kVrrpChecksumOffset, &checksum.raw, 2);
    return bytes;
}

void expect_discard(const std::variant<Advert, Discard>& decoded, Discard discard) {
    ASSERT_TRUE(std::holds_alternative<Discard>(decoded)) << "accepted, not " << name(discard);
    EXPECT_EQ(name(std::get<Discard>(decoded)), name(discard));
}

void expect_advert(const std::variant<Advert, Discard>& decoded, const Advert& advert) {
    ASSERT_TRUE(std::holds_alternative<Advert>(decoded)) << name(std::get<Discard>(decoded));
    EXPECT_EQ(std::get<Advert>(decoded), advert);
}

TEST(Advert, OverIpv4IsAcceptedWithAndWithoutThePseudoHeader) {
    expect_advert(decode4(kWithPseudo4), advert4());
    expect_advert(decode4(kWithout4), advert4());
}

TEST(Advert, OverIpv6IsAcceptedWithThePseudoHeaderOnly) {
    expect_advert(decode6(kVersion3Over6), advert6());
    Bytes without = kVersion3Over6;
    without[6] = 0x09;
    without[7] = 0x93;
    expect_discard(decode6(without), Discard::kChecksum);
}

TEST(Advert, OfVersion2IsAcceptedWithoutThePseudoHeaderOnly) {
    expect_advert(decode4(kVersion2), advert2());
    expect_discard(decode4(hex("21 01 64 01 00 01 cf ba c0 a8 00 01 00 00 00 00 00 00 00 00")),
                   Discard::kChecksum);
}

TEST(Advert, IsEncodedAsItWasDecoded) {
    using enum ChecksumForm;
    EXPECT_EQ(encode(advert4(), kSource4, kGroup4, kWithPseudoHeader), kWithPseudo4);
    EXPECT_EQ(encode(advert4(), kSource4, kGroup4, kWithout), kWithout4);
    for (const ChecksumForm form : {kWithPseudoHeader, kWithout}) {
        EXPECT_EQ(encode(advert6(), kSource6, kGroup6, form), kVersion3Over6);
        EXPECT_EQ(encode(advert2(), kSource4, kGroup4, form), kVersion2);
    }
}

TEST(Advert, IsValidForItsOwnAddressesOnly) {
    const IpAddress unicast = *parse_ip("10.0.0.2");
    const Bytes bytes = encode(advert4(), kSource4, unicast, ChecksumForm::kWithPseudoHeader);
    expect_advert(decode(bytes, kSource4, unicast, kTtl), advert4());
    expect_discard(decode(bytes, kSource4, kGroup4, kTtl), Discard::kChecksum);
}

TEST(Advert, HasAnIntervalOfTwelveBits) {
    Advert advert = advert4();
    advert.interval_ms = 40950;
    const Bytes bytes = encode(advert, kSource4, kGroup4, ChecksumForm::kWithout);
    EXPECT_EQ(bytes[4], 0x0f);
    EXPECT_EQ(bytes[5], 0xff);
    expect_advert(decode4(bytes), advert);
    expect_advert(decode4(with(kWithout4, 4, 0xf0)), advert4());  // reserved bits
}

TEST(Advert, OfVersion2HasAnIntervalInSecondsAndAnyAuthenticationData) {
    Advert advert = advert2();
    advert.interval_ms = 255'000;
    expect_advert(decode4(encode(advert, kSource4, kGroup4, ChecksumForm::kWithout)), advert);
    expect_advert(decode4(hex("21 01 64 01 00 01 7e 06 c0 a8 00 01 73 65 63 72 65 74 00 00")),
                  advert2());
}

TEST(Advert, ThatWasRoutedIsDiscarded) {
    for (const std::uint8_t ttl : Bytes{0, 1, 64, 254})
        expect_discard(decode(kWithPseudo4, kSource4, kGroup4, ttl), Discard::kTtl);
}

TEST(Advert, OfAnotherVersionIsDiscarded) {
    for (const int version : {0, 1, 4, 15}) {
        const auto first = static_cast<std::uint8_t>(version << 4 | 1);
        expect_discard(decode4(with(kWithout4, 0, first)), Discard::kVersion);
    }
    expect_discard(decode6(kVersion2), Discard::kVersion);
}

TEST(Advert, OfAnotherTypeIsDiscarded) {
    for (const std::uint8_t first : Bytes{0x30, 0x32, 0x3f})
        expect_discard(decode4(with(kWithout4, 0, first)), Discard::kType);
    expect_discard(decode4(with(kVersion2, 0, 0x22)), Discard::kType);
}

TEST(Advert, WhoseLengthDoesNotMatchItsCountIsDiscarded) {
    for (const Bytes& whole : {kWithPseudo4, kWithout4, kVersion2}) {
        for (std::size_t size = 0; size < whole.size(); ++size)
            expect_discard(decode4(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))),
                           Discard::kLength);
        Bytes longer = whole;
        longer.push_back(0);
        expect_discard(decode4(longer), Discard::kLength);
        for (const std::uint8_t count : Bytes{0, 3, 255})
            expect_discard(decode4(with(whole, 3, count)), Discard::kLength);
    }
    expect_discard(decode6(with(kVersion3Over6, 3, 1)), Discard::kLength);
}

TEST(Advert, WithoutAddressesIsDiscarded) {
    expect_discard(decode4(hex("31 33 c8 00 00 0a 06 c2")), Discard::kCount);
    expect_discard(decode6(hex("31 33 c8 00 00 64 06 68")), Discard::kCount);
    expect_discard(decode4(hex("21 01 64 00 00 01 7a fd 00 00 00 00 00 00 00 00")),
                   Discard::kCount);
}

TEST(Advert, WithIntervalZeroIsDiscarded) {
    expect_discard(decode4(with(kWithout4, 5, 0)), Discard::kInterval);
    expect_discard(decode4(with(with(kWithout4, 5, 0), 4, 0xf0)), Discard::kInterval);
    expect_discard(decode4(with(kVersion2, 5, 0)), Discard::kInterval);
}

TEST(Advert, OfVersion2WithAuthenticationIsDiscarded) {
    for (const std::uint8_t type : Bytes{1, 2, 255})
        expect_discard(decode4(with(kVersion2, 4, type)), Discard::kAuthentication);
}

TEST(Advert, WithAnyBitWrongIsDiscarded) {
    for (std::size_t bit = 0; bit < 8 * kWithPseudo4.size(); ++bit) {
        const bool reserved = bit / 8 == 4 && bit % 8 >= 4;  // part of the checksum all the same
        Bytes bytes = kWithPseudo4;
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
        const auto decoded = decode4(bytes);
        ASSERT_TRUE(std::holds_alternative<Discard>(decoded)) << "bit " << bit;
        if (reserved)
            expect_discard(decoded, Discard::kChecksum);
    }
}

TEST(Advert, TakesTheFirst255Addresses) {
    Advert advert = advert4();
    for (std::uint32_t i = 0; advert.addresses.size() < 300; ++i)
        advert.addresses.push_back(IpAddress::from_v4(Be32::from_host(0x0a010000 + i)));
    const Bytes bytes = encode(advert, kSource4, kGroup4, ChecksumForm::kWithPseudoHeader);
    EXPECT_EQ(bytes.size(), 8 + 4 * kMaxAddresses);
    advert.addresses.resize(kMaxAddresses);
    expect_advert(decode4(bytes), advert);
}

// The dataplane changes the priority of a template so.
TEST(Advert, OfAnotherPriorityDiffersInOneByteAndTheChecksum) {
    Bytes bytes = kWithPseudo4;
    Be16 before;
    Be16 checksum;
    std::memcpy(&before.raw, bytes.data() + abi::kVrrpPriorityOffset, 2);
    std::memcpy(&checksum.raw, bytes.data() + abi::kVrrpChecksumOffset, 2);
    bytes[abi::kVrrpPriorityOffset] = kResignPriority;
    Be16 after;
    std::memcpy(&after.raw, bytes.data() + abi::kVrrpPriorityOffset, 2);
    checksum = amend_checksum(checksum, before, after);
    std::memcpy(bytes.data() + abi::kVrrpChecksumOffset, &checksum.raw, 2);

    Advert resignation = advert4();
    resignation.priority = kResignPriority;
    EXPECT_EQ(bytes, encode(resignation, kSource4, kGroup4, ChecksumForm::kWithPseudoHeader));
}

TEST(Advert, OfRandomContentSurvivesARoundTrip) {
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        const bool v4 = random() % 2 != 0;
        Advert advert;
        advert.version = v4 && random() % 2 != 0 ? 2 : 3;
        advert.id = static_cast<std::uint8_t>(random());
        advert.priority = static_cast<std::uint8_t>(random());
        advert.interval_ms = advert.version == 2
                                 ? static_cast<std::uint32_t>(1 + random() % 255) * 1000
                                 : static_cast<std::uint32_t>(1 + random() % 4095) * 10;
        advert.addresses.resize(1 + random() % kMaxAddresses);
        for (IpAddress& address : advert.addresses) {
            for (std::uint8_t& byte : address.bytes)
                byte = static_cast<std::uint8_t>(random());
            if (v4)
                address = IpAddress::from_v4({static_cast<std::uint32_t>(random())});
        }
        const auto form =
            random() % 2 != 0 ? ChecksumForm::kWithPseudoHeader : ChecksumForm::kWithout;
        const IpAddress source = v4 ? kSource4 : kSource6;
        const IpAddress destination = v4 ? kGroup4 : kGroup6;
        expect_advert(decode(encode(advert, source, destination, form), source, destination, kTtl),
                      advert);
    }
}

TEST(Discards, HaveDistinctNamesAndDescriptions) {
    std::set<std::string_view> names;
    for (const DiscardText& text : kDiscardTexts) {
        EXPECT_TRUE(names.insert(text.name).second) << text.name;
        EXPECT_FALSE(text.description.empty());
    }
    EXPECT_EQ(name(Discard::kTtl), "ttl");
    EXPECT_EQ(name(Discard::kChecksum), "checksum");
    EXPECT_EQ(name(Discard::kNotPeer), "not_peer");
}

// authenticate() verifies the trailer.
TEST(Advert, Version3MayHaveATrailerThatIsSkipped) {
    const auto with_trailer = [](Bytes bytes, std::size_t trailer_bytes = abi::kAuthTrailerBytes,
                                 char version = '1') {
        const std::size_t message_bytes = bytes.size();
        bytes.insert(bytes.end(), {'v', 'f', 'a', static_cast<std::uint8_t>(version)});
        bytes.resize(message_bytes + trailer_bytes, 0xee);
        return bytes;
    };
    EXPECT_EQ(std::get<Advert>(decode4(with_trailer(kWithPseudo4))), advert4());
    EXPECT_EQ(std::get<Advert>(decode4(with_trailer(kWithout4))), advert4());
    EXPECT_EQ(std::get<Advert>(decode6(with_trailer(kVersion3Over6))), advert6());
    EXPECT_TRUE(has_trailer(with_trailer(kWithPseudo4), true));
    EXPECT_FALSE(has_trailer(kWithPseudo4, true));
    EXPECT_TRUE(has_trailer(with_trailer(kVersion3Over6), false));
    EXPECT_FALSE(has_trailer(kVersion3Over6, false));
    for (const Bytes& other :
         {with_trailer(kWithPseudo4, abi::kAuthTrailerBytes - 1),
          with_trailer(kWithPseudo4, abi::kAuthTrailerBytes + 1),
          with_trailer(kWithPseudo4, abi::kAuthTrailerBytes, '2'), with_trailer(kVersion2)})
        EXPECT_EQ(std::get<Discard>(decode4(other)), Discard::kLength);
}

}  // namespace
}  // namespace vipfwd::vrrp
