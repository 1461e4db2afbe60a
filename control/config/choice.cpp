// SPDX-License-Identifier: Apache-2.0
#include "control/config/choice.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <span>

#include "control/text/quote.h"
#include "control/text/suggest.h"

namespace vipfwd::config {
namespace {

template <typename T>
struct Choice {
    std::string_view word;
    T value;
};

constexpr std::array kDrivers = {
    Choice<abi::Driver>{"pci", abi::Driver::kPci},
    Choice<abi::Driver>{"af_xdp", abi::Driver::kAfXdp},
    Choice<abi::Driver>{"af_packet", abi::Driver::kAfPacket},
    Choice<abi::Driver>{"pcap", abi::Driver::kPcap},
    Choice<abi::Driver>{"memif", abi::Driver::kMemif},
    Choice<abi::Driver>{"vdev", abi::Driver::kVdev},
};

constexpr std::array kIdles = {
    Choice<abi::Idle>{"spin", abi::Idle::kSpin},
    Choice<abi::Idle>{"sleep", abi::Idle::kSleep},
};

constexpr std::array kProtocols = {
    Choice<abi::Protocol>{"tcp", abi::Protocol::kTcp},
    Choice<abi::Protocol>{"udp", abi::Protocol::kUdp},
};

constexpr auto kForwards = [] {
    std::array<Choice<abi::Forward>, abi::kForwardModes.size()> choices{};
    for (std::size_t i = 0; i < choices.size(); ++i)
        choices[i] = {abi::kForwardModes[i].word, abi::kForwardModes[i].mode};
    return choices;
}();

constexpr std::array kAffinities = {
    Choice<abi::Affinity>{"none", abi::Affinity::kNone},
    Choice<abi::Affinity>{"source", abi::Affinity::kSource},
};

constexpr std::array kCheckTypes = {
    Choice<CheckType>{"tcp", CheckType::kTcp},
    Choice<CheckType>{"http", CheckType::kHttp},
    Choice<CheckType>{"https", CheckType::kHttps},
};

Error unknown_word(std::string_view kind, std::string_view written,
                   std::span<const std::string_view> words) {
    return Error{fmt::format("unknown {} {}; use one of {}{}", kind, text::quote(written),
                             fmt::join(words, ", "), text::suggestion(written, words))};
}

template <typename T, std::size_t N>
Result<T> choose(std::string_view kind, const std::array<Choice<T>, N>& choices,
                 std::string_view written) {
    std::array<std::string_view, N> words;
    for (std::size_t i = 0; i < N; ++i) {
        if (choices[i].word == written)
            return choices[i].value;
        words[i] = choices[i].word;
    }
    return unknown_word(kind, written, words);
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

Result<CheckType> parse_check_type(std::string_view text) {
    return choose("check type", kCheckTypes, text);
}

}  // namespace vipfwd::config
