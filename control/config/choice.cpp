// SPDX-License-Identifier: Apache-2.0
#include "control/config/choice.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <span>

#include "control/text/quote.h"
#include "control/text/suggest.h"
#include "dataplane/abi/enum.h"

namespace vipfwd::config {
namespace {

using abi::EnumWord;

constexpr std::array kDrivers = {
    EnumWord{abi::Driver::kPci, "pci"},
    EnumWord{abi::Driver::kAfXdp, "af_xdp"},
    EnumWord{abi::Driver::kAfPacket, "af_packet"},
    EnumWord{abi::Driver::kPcap, "pcap"},
    EnumWord{abi::Driver::kMemif, "memif"},
    EnumWord{abi::Driver::kVdev, "vdev"},
};
static_assert(is_indexed_by(kDrivers));

constexpr std::array kIdles = {
    EnumWord{abi::Idle::kSpin, "spin"},
    EnumWord{abi::Idle::kSleep, "sleep"},
};
static_assert(is_indexed_by(kIdles));

constexpr std::array kProtocols = {
    EnumWord{abi::Protocol::kTcp, "tcp"},
    EnumWord{abi::Protocol::kUdp, "udp"},
};

constexpr auto kForwards = [] {
    std::array<EnumWord<abi::Forward>, abi::kForwardModes.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i)
        words[i] = {abi::kForwardModes[i].mode, abi::kForwardModes[i].word};
    return words;
}();

constexpr std::array kAffinities = {
    EnumWord{abi::Affinity::kNone, "none"},
    EnumWord{abi::Affinity::kSource, "source"},
};
static_assert(is_indexed_by(kAffinities));

constexpr std::array kForeignVips = {
    EnumWord{ForeignVips::kIgnore, "ignore"},
    EnumWord{ForeignVips::kObey, "obey"},
};

constexpr std::array kCheckTypes = {
    EnumWord{CheckType::kTcp, "tcp"},     EnumWord{CheckType::kHttp, "http"},
    EnumWord{CheckType::kHttps, "https"}, EnumWord{CheckType::kMysql, "mysql"},
    EnumWord{CheckType::kAmqp, "amqp"},   EnumWord{CheckType::kDns, "dns"},
    EnumWord{CheckType::kUdp, "udp"},     EnumWord{CheckType::kScript, "script"},
};

constexpr std::array kDnsTypes = {
    EnumWord{DnsType::kA, "A"},     EnumWord{DnsType::kAaaa, "AAAA"},
    EnumWord{DnsType::kNs, "NS"},   EnumWord{DnsType::kCname, "CNAME"},
    EnumWord{DnsType::kSoa, "SOA"}, EnumWord{DnsType::kPtr, "PTR"},
    EnumWord{DnsType::kMx, "MX"},   EnumWord{DnsType::kTxt, "TXT"},
};

constexpr std::array kDnsRcodes = {
    EnumWord{DnsRcode::kNoError, "NOERROR"},   EnumWord{DnsRcode::kFormErr, "FORMERR"},
    EnumWord{DnsRcode::kServFail, "SERVFAIL"}, EnumWord{DnsRcode::kNxDomain, "NXDOMAIN"},
    EnumWord{DnsRcode::kNotImp, "NOTIMP"},     EnumWord{DnsRcode::kRefused, "REFUSED"},
};

constexpr std::array kVias = {
    EnumWord{Via::kDirect, "direct"},
    EnumWord{Via::kTunnel, "tunnel"},
};
static_assert(is_indexed_by(kVias));

constexpr std::array kOnDown = {
    EnumWord{OnDown::kAuto, "auto"},
    EnumWord{OnDown::kMove, "move"},
    EnumWord{OnDown::kKeep, "keep"},
};
static_assert(is_indexed_by(kOnDown));

constexpr std::array kPoolModes = {
    EnumWord{PoolMode::kSpread, "spread"},
    EnumWord{PoolMode::kFirst, "first"},
};
static_assert(is_indexed_by(kPoolModes));

Error unknown_word(std::string_view kind, std::string_view written,
                   std::span<const std::string_view> words) {
    return Error{fmt::format("unknown {} {}; use one of {}{}", kind, text::quote(written),
                             fmt::join(words, ", "), text::suggestion(written, words))};
}

template <typename T, std::size_t N>
Result<T> choose(std::string_view kind, const std::array<EnumWord<T>, N>& choices,
                 std::string_view written) {
    std::array<std::string_view, N> words;
    for (std::size_t i = 0; i < N; ++i) {
        if (choices[i].word == written)
            return choices[i].value;
        words[i] = choices[i].word;
    }
    return unknown_word(kind, written, words);
}

template <typename T, std::size_t N>
std::string_view find_word(const std::array<EnumWord<T>, N>& choices, T value) {
    for (const EnumWord<T>& choice : choices) {
        if (choice.value == value)
            return choice.word;
    }
    return "unknown";
}

}  // namespace

Result<abi::Driver> parse_driver(std::string_view text) {
    return choose("driver", kDrivers, text);
}

Result<abi::Idle> parse_idle(std::string_view text) {
    return choose("idle mode", kIdles, text);
}

Result<abi::Protocol> parse_protocol(std::string_view text) {
    return choose("protocol", kProtocols, text);
}

Result<abi::Forward> parse_forward(std::string_view text) {
    return choose("forwarding mode", kForwards, text);
}

Result<abi::Affinity> parse_affinity(std::string_view text) {
    return choose("affinity", kAffinities, text);
}

Result<ForeignVips> parse_foreign_vips(std::string_view text) {
    return choose("rule for foreign VIPs", kForeignVips, text);
}

Result<CheckType> parse_check_type(std::string_view text) {
    return choose("check type", kCheckTypes, text);
}

Result<DnsType> parse_dns_type(std::string_view text) {
    return choose("record type", kDnsTypes, text);
}

Result<DnsRcode> parse_dns_rcode(std::string_view text) {
    return choose("rcode", kDnsRcodes, text);
}

Result<Via> parse_via(std::string_view text) {
    return choose("way", kVias, text);
}

Result<OnDown> parse_on_down(std::string_view text) {
    return choose("value", kOnDown, text);
}

Result<PoolMode> parse_pool_mode(std::string_view text) {
    return choose("mode", kPoolModes, text);
}

std::string_view word(abi::Driver driver) {
    return find_word(kDrivers, driver);
}

std::string_view word(abi::Protocol protocol) {
    return find_word(kProtocols, protocol);
}

std::string_view word(abi::Forward forward) {
    return find_word(kForwards, forward);
}

std::string_view word(abi::Affinity affinity) {
    return find_word(kAffinities, affinity);
}

std::string_view word(CheckType type) {
    return type == CheckType::kNone ? "none" : find_word(kCheckTypes, type);
}

std::string_view word(DnsType type) {
    return find_word(kDnsTypes, type);
}

std::string_view word(DnsRcode rcode) {
    return find_word(kDnsRcodes, rcode);
}

std::string_view word(Via via) {
    return find_word(kVias, via);
}

std::string_view word(OnDown on_down) {
    return find_word(kOnDown, on_down);
}

std::string_view word(PoolMode mode) {
    return find_word(kPoolModes, mode);
}

}  // namespace vipfwd::config
