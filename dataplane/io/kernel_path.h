// SPDX-License-Identifier: Apache-2.0
// What becomes of packets that are not the dataplane's business, by the port they came in at.
#pragma once

#include <span>

#include "dataplane/abi/boot.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::io {

enum class KernelPath {
    kHasIt,  // the kernel got the packet as well (or there is none, in a replay): forget it here
    kNone,   // there is no way back: the packet is lost
};

KernelPath kernel_path(abi::Driver driver);

// Turns Action::kToKernel into a drop where there is no kernel path.
void give_to_kernel(KernelPath path, std::span<packet::Packet> packets);

}  // namespace vipfwd::io
