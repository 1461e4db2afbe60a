// SPDX-License-Identifier: Apache-2.0
// What DPDK's AF_XDP driver (of DPDK 22.11) opens for a device and forgets when it closes the
// device: the packet buffers in the rings of its sockets, and the descriptors of these sockets and
// of its BPF program. A process that closes and opens devices over and over would run out of them,
// and a socket that stays open keeps its queue from others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vipfwd::host {

class XdpFootprint {
  public:
    // Call it right before the driver opens the device, on the only thread that opens descriptors.
    XdpFootprint();
    // Call it right afterwards, even if the driver has failed.
    void complete();

    // The AF_XDP socket that the driver has opened since the last call, or since the constructor;
    // -1 if there is none, or more than one. To be called before complete().
    int take_socket();

    // The buffers in the rings: the offset of each from the start of the memory that the sockets
    // use (the umem). Call it before the device is closed, when neither a worker nor the kernel
    // uses the sockets any more. Buffers that the kernel has taken out of a ring are missing.
    std::vector<std::uint64_t> buffers() const;

    // Call it after the device is closed.
    void close_descriptors();

  private:
    using Descriptors = std::map<int, std::string>;  // number, and what /proc says that it is

    static Descriptors find();
    static Descriptors find_others(const Descriptors& known);

    Descriptors descriptors_;  // until complete(): all; then: those that the driver has opened
    Descriptors sockets_;      // that take_socket() has seen
};

}  // namespace vipfwd::host
