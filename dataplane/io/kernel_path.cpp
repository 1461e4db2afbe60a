// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/kernel_path.h"

namespace vipfwd::io {

KernelPath kernel_path(abi::Driver driver) {
    switch (driver) {
        case abi::Driver::kAfPacket:
        case abi::Driver::kPcap:
            return KernelPath::kHasIt;
        case abi::Driver::kAfXdp:  // steered here, it cannot go back
        case abi::Driver::kPci:
        case abi::Driver::kMemif:
        case abi::Driver::kVdev:
            return KernelPath::kNone;
    }
    return KernelPath::kNone;
}

void give_to_kernel(KernelPath path, std::span<packet::Packet> packets) {
    if (path == KernelPath::kHasIt)
        return;
    for (packet::Packet& packet : packets) {
        if (packet.action == packet::Action::kToKernel)
            packet.drop(abi::DropReason::kNoKernelPath);
    }
}

}  // namespace vipfwd::io
