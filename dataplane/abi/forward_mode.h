// SPDX-License-Identifier: Apache-2.0
// The forwarding modes: how a packet travels from the gateway to its backend. Everything outside
// the rewriter that depends on the mode reads the mode's row: the configuration and its checks, the
// CLI, validation, and the arithmetic of MTUs.
//
// To add a mode, add its enumerator and row here, and its function to
// dataplane/packet/rewrite_tunnel.cpp, which does not compile without it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::abi {

enum class Forward : std::uint8_t { kIpip = 0, kGue = 1, kL2 = 2, kLast = kL2 };

struct ForwardMode {
    Forward mode;
    std::string_view word;  // in the configuration, the API and the CLI
    // An outer IP header of the backend's family goes in front of the packet. Its source is the
    // port's tunnel source of that family, which the port must have.
    bool is_tunnel;
    bool crosses_families;     // VIP and backend may be of different IP versions
    std::uint8_t overhead_v4;  // bytes in front of the client's packet to an IPv4 backend
    std::uint8_t overhead_v6;  // the same to an IPv6 backend

    constexpr std::uint8_t overhead(bool backend_v4) const {
        return backend_v4 ? overhead_v4 : overhead_v6;
    }
};

inline constexpr std::array kForwardModes = {
    ForwardMode{
        .mode = Forward::kIpip,  // RFC 2003, RFC 2473
        .word = "ipip",
        .is_tunnel = true,
        .crosses_families = true,
        .overhead_v4 = 20,
        .overhead_v6 = 40,
    },
    ForwardMode{
        .mode = Forward::kGue,  // draft-ietf-intarea-gue: 8 bytes of UDP, 4 of GUE
        .word = "gue",
        .is_tunnel = true,
        .crosses_families = true,
        .overhead_v4 = 20 + 8 + 4,
        .overhead_v6 = 40 + 8 + 4,
    },
    ForwardMode{
        .mode = Forward::kL2,  // new Ethernet addresses only
        .word = "l2",
        .is_tunnel = false,
        .crosses_families = false,
        .overhead_v4 = 0,
        .overhead_v6 = 0,
    },
};
static_assert(is_indexed_by(kForwardModes, &ForwardMode::mode));

// Requires a known mode: validation and the configuration see to that.
constexpr const ForwardMode& forward_mode(Forward mode) {
    return kForwardModes[static_cast<std::size_t>(mode)];
}

inline constexpr std::uint8_t kMaxForwardOverhead = [] {
    std::uint8_t most = 0;
    for (const ForwardMode& row : kForwardModes) {
        for (const std::uint8_t overhead : {row.overhead_v4, row.overhead_v6})
            most = overhead > most ? overhead : most;
    }
    return most;
}();

}  // namespace vipfwd::abi
