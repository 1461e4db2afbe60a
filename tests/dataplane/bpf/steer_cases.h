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

// The same, but the kernel has them as well. Their services: TCP 80 and 8000-8099, UDP 53.
inline constexpr std::string_view kLocalVip = "10.0.0.102";
inline constexpr std::string_view kLocalVip6 = "fd00::102";

// To a VIP each.
Bytes udp_to_vip();
Bytes udp_to_vip6();
Bytes arp_request();
Bytes solicitation();             // as a host multicasts it that looks for the VIP's MAC address
Bytes in_vlan(unsigned control);  // `control`: priority and number
Bytes in_vlans(unsigned outer, unsigned inner);

Bytes tcp_to(std::string_view vip, unsigned port);
// Of each kind that the kernel never gets of a VIP that it has.
std::vector<Bytes> local_vip_frames_for_the_dataplane();

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
