// SPDX-License-Identifier: Apache-2.0
// Frames, and what the steering program is to make of them.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "dataplane/bpf/steer_counters.h"
#include "dataplane/bpf/steer_tags.h"
#include "tests/dataplane/bpf/frames.h"

namespace vipfwd::test {

// Those that are listed.
inline constexpr std::string_view kVip = "10.0.0.100";
inline constexpr std::string_view kVip6 = "fd00::100";

// To a VIP each.
Bytes udp_to_vip();
Bytes udp_to_vip6();
Bytes arp_request();
Bytes solicitation();             // as a host multicasts it that looks for the VIP's MAC address
Bytes in_vlan(unsigned control);  // `control`: priority and number
Bytes in_vlans(unsigned outer, unsigned inner);

struct SteerCase {
    std::string sentence;  // as a test's name
    Bytes in;
    std::optional<steer_counter> counted;  // none: left to the kernel
    steer_tags tags{};                     // the port's
};

inline void PrintTo(const SteerCase& one, std::ostream* out) {
    *out << one.sentence;
}

std::vector<SteerCase> steer_cases();

}  // namespace vipfwd::test
