// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/port_status.h"

#include <cstring>

namespace vipfwd::host {
namespace {

struct Counter {
    abi::SharedCounter abi::PortStatus::*in_region;
    std::uint64_t PortReading::*in_reading;
};

constexpr std::array<Counter, 7> kCounters{{
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

void add_counters(PortReading& to, const PortReading& from) {
    for (const Counter& counter : kCounters)
        to.*counter.in_reading += from.*counter.in_reading;
}

void PortStatusWriter::begin(abi::DataplaneStatus& status,
                             const std::vector<PortReading>& readings) {
    for (std::size_t i = 0; i < readings.size(); ++i) {
        for (const Counter& counter : kCounters)
            base_[i].*counter.in_reading =
                (status.ports[i].*counter.in_region).read() - readings[i].*counter.in_reading;
    }
}

void PortStatusWriter::write(abi::DataplaneStatus& status, const std::vector<PortReading>& readings,
                             const std::vector<PortFacts>& facts) const {
    for (std::size_t i = 0; i < readings.size(); ++i) {
        abi::PortStatus& port = status.ports[i];
        for (const Counter& counter : kCounters)
            (port.*counter.in_region)
                .set(base_[i].*counter.in_reading + readings[i].*counter.in_reading);
        port.mac.store(pack(facts[i].mac));
        port.mtu.store(facts[i].mtu);
        port.openings.store(readings[i].openings);
        port.unopened_queues.store(readings[i].unopened_queues);
        port.state.store(static_cast<std::uint64_t>(readings[i].state));
    }
}

}  // namespace vipfwd::host
