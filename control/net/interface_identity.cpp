// SPDX-License-Identifier: Apache-2.0
#include "control/net/interface_identity.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "dataplane/abi/handover.h"

namespace vipfwd::net {

std::optional<InterfaceIdentity> identify_interface(const std::string& name) {
    ifreq request{};
    const abi::Fd any(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (name.empty() || name.size() >= sizeof request.ifr_name || !any)
        return std::nullopt;
    std::memcpy(request.ifr_name, name.data(), name.size());
    InterfaceIdentity found;
    if (ioctl(any.get(), SIOCGIFHWADDR, &request) != 0)
        return std::nullopt;
    std::memcpy(found.mac.bytes.data(), request.ifr_hwaddr.sa_data, sizeof found.mac);
    if (ioctl(any.get(), SIOCGIFINDEX, &request) != 0)
        return std::nullopt;
    found.number = static_cast<std::uint32_t>(request.ifr_ifindex);
    if (ioctl(any.get(), SIOCGIFMTU, &request) != 0)
        return std::nullopt;
    found.mtu = static_cast<std::uint32_t>(request.ifr_mtu);
    return found;
}

}  // namespace vipfwd::net
