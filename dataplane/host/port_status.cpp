// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/port_status.h"

#include <cstring>

namespace vipfwd::host {
namespace {

struct Pair {
    abi::SharedCounter abi::PortStatus::*shared;
    std::uint64_t PortReading::*read;
};

constexpr std::array<Pair, 7> kCounters{{
    {&abi::PortStatus::received_packets, &PortReading::received_packets},
    {&abi::PortStatus::received_bytes, &PortReading::received_bytes},
    {&abi::PortStatus::transmitted_packets, &PortReading::transmitted_packets},
    {&abi::PortStatus::transmitted_bytes, &PortReading::transmitted_bytes},
    {&abi::PortStatus::missed_packets, &PortReading::missed_packets},
    {&abi::PortStatus::receive_errors, &PortReading::receive_errors},
    {&abi::PortStatus::transmit_errors, &PortReading::transmit_errors},
}};

std::uint64_t pack(const MacAddress& mac) {
    std::uint64_t word = 0;
    std::memcpy(&word, mac.bytes.data(), mac.bytes.size());
    return word;
}

}  // namespace

void PortStatusWriter::begin(abi::DataplaneStatus& status,
                             const std::vector<PortReading>& readings) {
    for (std::size_t i = 0; i < readings.size(); ++i) {
        for (const Pair& counter : kCounters)
            base_[i].*counter.read =
                (status.ports[i].*counter.shared).read() - readings[i].*counter.read;
    }
}

void PortStatusWriter::write(abi::DataplaneStatus& status, const std::vector<PortReading>& readings,
                             const std::vector<PortFacts>& facts) const {
    for (std::size_t i = 0; i < readings.size(); ++i) {
        abi::PortStatus& port = status.ports[i];
        for (const Pair& counter : kCounters)
            (port.*counter.shared).set(base_[i].*counter.read + readings[i].*counter.read);
        port.mac.store(pack(facts[i].mac));
        port.mtu.store(facts[i].mtu);
        port.state.store(static_cast<std::uint64_t>(readings[i].up ? abi::PortState::kUp
                                                                   : abi::PortState::kDown));
    }
}

}  // namespace vipfwd::host
