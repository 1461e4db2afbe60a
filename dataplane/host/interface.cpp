// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/interface.h"

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vipfwd::host {
namespace {

// A socket for ioctls, in the network namespace of this thread. The last one stays open, to be used
// when this process is out of descriptors: then an interface must not look as if it were down.
int ioctl_socket() {
    thread_local abi::Fd last;
    if (abi::Fd fresh(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); fresh)
        last = std::move(fresh);
    return last.get();
}

// Runs ioctls about one interface.
class Query {
  public:
    explicit Query(const std::string& name) : name_(name), socket_(ioctl_socket()) {
        name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    }

    // `what` is an SIOC constant. Returns 0 or an errno.
    int run(unsigned long what) {
        if (name_.size() >= sizeof request.ifr_name)
            return ENODEV;
        return ioctl(socket_, what, &request) == 0 ? 0 : errno;
    }

    Error error(int number, const std::string& action) const {
        if (number == ENODEV)
            return Error{"no interface '" + name_ + "' in this network namespace"};
        return Error{"interface " + name_ + ": cannot " + action + ": " + std::strerror(number)};
    }

    ifreq request{};

  private:
    std::string name_;
    int socket_;
};

}  // namespace

Result<InterfaceFacts> read_interface(const std::string& name) {
    Query query(name);
    InterfaceFacts facts;
    if (const int fault = query.run(SIOCGIFHWADDR); fault != 0)
        return query.error(fault, "read its MAC address");
    std::memcpy(facts.mac.bytes.data(), query.request.ifr_hwaddr.sa_data, facts.mac.bytes.size());
    if (const int fault = query.run(SIOCGIFMTU); fault != 0)
        return query.error(fault, "read its MTU");
    facts.mtu = static_cast<std::uint32_t>(query.request.ifr_mtu);
    if (const int fault = query.run(SIOCGIFFLAGS); fault != 0)
        return query.error(fault, "read its state");
    facts.running = (query.request.ifr_flags & IFF_RUNNING) != 0;
    return facts;
}

int interface_index(const std::string& name) {
    Query query(name);
    return query.run(SIOCGIFINDEX) == 0 ? query.request.ifr_ifindex : 0;
}

std::string interface_name(int index) {
    ifreq request{};
    request.ifr_ifindex = index;
    return ioctl(ioctl_socket(), SIOCGIFNAME, &request) == 0 ? request.ifr_name : "";
}

// DPDK's AF_XDP driver takes a device without combined channels for one with a single queue.
Result<ReceiveQueues> count_queues(const std::string& name) {
    Query query(name);
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    query.request.ifr_data = reinterpret_cast<char*>(&channels);
    const int fault = query.run(SIOCETHTOOL);
    if (fault == EOPNOTSUPP)
        return ReceiveQueues{};
    if (fault != 0)
        return query.error(fault, "read its queues");
    return ReceiveQueues{
        .count = std::max(channels.combined_count + channels.rx_count, 1u),
        .bindable = channels.max_combined == 0 ? 1 : channels.combined_count,
    };
}

Result<void> set_mtu(const std::string& name, std::uint32_t mtu) {
    Query query(name);
    query.request.ifr_mtu = static_cast<int>(mtu);
    if (const int fault = query.run(SIOCSIFMTU); fault != 0)
        return query.error(fault, "set its MTU to " + std::to_string(mtu));
    return {};
}

Result<bool> set_promiscuous(const std::string& name, bool on) {
    Query query(name);
    if (const int fault = query.run(SIOCGIFFLAGS); fault != 0)
        return query.error(fault, "read its state");
    const bool was_on = (query.request.ifr_flags & IFF_PROMISC) != 0;
    if (was_on == on)
        return false;
    query.request.ifr_flags = static_cast<short>(query.request.ifr_flags ^ IFF_PROMISC);
    if (const int fault = query.run(SIOCSIFFLAGS); fault != 0)
        return query.error(fault, "change its promiscuous mode");
    return true;
}

Result<bool> keep_vlan_tags(const std::string& name) {
    Query query(name);
    ethtool_value flags{};
    flags.cmd = ETHTOOL_GFLAGS;
    query.request.ifr_data = reinterpret_cast<char*>(&flags);
    if (const int fault = query.run(SIOCETHTOOL); fault != 0)
        return query.error(fault, "read its offloads");
    if ((flags.data & ETH_FLAG_RXVLAN) == 0)
        return false;
    flags.cmd = ETHTOOL_SFLAGS;
    flags.data &= ~static_cast<std::uint32_t>(ETH_FLAG_RXVLAN);
    if (const int fault = query.run(SIOCETHTOOL); fault != 0)
        return query.error(fault, "turn its rx-vlan-offload off");
    return true;
}

// The socket only holds the membership: without a protocol it receives nothing.
Result<abi::Fd> take_all_multicast(const std::string& name) {
    const Query query(name);
    abi::Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    packet_mreq request{};
    request.mr_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    request.mr_type = PACKET_MR_ALLMULTI;
    if (!fd || setsockopt(fd.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request))
        return query.error(errno, "take all multicast");
    return fd;
}

// Goes through all descriptors, because DPDK's driver does not tell which sockets it has.
void ignore_outgoing_packets() {
    constexpr int kMostFds = 1024;
    for (int fd = 0; fd < kMostFds; ++fd) {
        int domain = 0;
        socklen_t size = sizeof domain;
        const int on = 1;
        if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_PACKET)
            setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    }
}

}  // namespace vipfwd::host
