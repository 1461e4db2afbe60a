// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/sender_map.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>

#include "dataplane/bpf/map_entries.h"
#include "dataplane/bpf/steer_sender.h"

namespace vipfwd::bpf {

Result<std::vector<VipSender>> take_senders(int map) {
    const auto entries = entries_of<IpAddress, steer_sender>(map, "a map of senders");
    if (!entries)
        return entries.error();
    std::vector<VipSender> senders;
    for (const auto& [vip, value] : *entries) {
        if (bpf_map_delete_elem(map, &vip) != 0 && errno != ENOENT)
            return system_error("cannot remove an entry from a map of senders");
        VipSender& one = senders.emplace_back(VipSender{.vip = vip, .at_ns = value.at_ns});
        std::memcpy(one.mac.bytes.data(), value.mac, sizeof value.mac);
    }
    return senders;
}

}  // namespace vipfwd::bpf
