// SPDX-License-Identifier: Apache-2.0
#include "control/api/words.h"

namespace vipfwd::api {

std::string_view word(abi::Protocol protocol) {
    switch (protocol) {
        case abi::Protocol::kTcp:
            return "tcp";
        case abi::Protocol::kUdp:
            return "udp";
    }
    return "unknown";
}

std::string_view word(abi::Forward forward) {
    return forward <= abi::Forward::kLast ? abi::forward_mode(forward).word : "unknown";
}

std::string_view word(abi::Affinity affinity) {
    switch (affinity) {
        case abi::Affinity::kNone:
            return "none";
        case abi::Affinity::kSource:
            return "source";
    }
    return "unknown";
}

std::string_view word(abi::Driver driver) {
    switch (driver) {
        case abi::Driver::kPci:
            return "pci";
        case abi::Driver::kAfXdp:
            return "af_xdp";
        case abi::Driver::kAfPacket:
            return "af_packet";
        case abi::Driver::kPcap:
            return "pcap";
        case abi::Driver::kMemif:
            return "memif";
        case abi::Driver::kVdev:
            return "vdev";
    }
    return "unknown";
}

std::string port_range(std::uint16_t first, std::uint16_t last) {
    if (first == 0 && last == 65535)
        return "any";
    if (first == last)
        return std::to_string(first);
    return std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace vipfwd::api
