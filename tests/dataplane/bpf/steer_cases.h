// SPDX-License-Identifier: Apache-2.0
// Cases of the steering program: a frame, and what becomes of it.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/bpf/steer_counters.h"
#include "dataplane/bpf/steer_tags.h"
#include "tests/dataplane/bpf/frames.h"

namespace vipfwd::test {

// VIPs that the kernel has too. Their services: TCP 80 and 8000-8099, UDP 53.
inline constexpr std::string_view kLocalVip = "10.0.0.102";
inline constexpr std::string_view kLocalVip6 = "fd00::102";

// Frames to a VIP.
Bytes udp_to_vip();
Bytes udp_to_vip6();
Bytes arp_request();
Bytes solicitation();             // multicast, for the MAC address of a VIP
Bytes in_vlan(unsigned control);  // `control`: priority and number
Bytes in_vlans(unsigned outer, unsigned inner);

Bytes tcp_to(std::string_view vip, unsigned port);
// Frames to a VIP that the kernel has too, of all kinds that do not go to the kernel.
std::vector<Bytes> local_vip_frames_for_the_dataplane();

struct SteerCase {
    std::string sentence;  // the name of the test
    Bytes in;
    std::optional<steer_counter> counted{};  // none: passed to the kernel
    steer_tags tags{};                       // of the port
    std::string_view sender_of = {};         // the VIP that is noted in `senders`, if any
};

inline void PrintTo(const SteerCase& one, std::ostream* out) {
    *out << one.sentence;
}

std::vector<SteerCase> steer_cases();

}  // namespace vipfwd::test
