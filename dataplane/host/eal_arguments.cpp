// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/eal_arguments.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/hash.h"
#include "dataplane/host/pci.h"

namespace vipfwd::host {
namespace {

constexpr std::uint32_t kPacketSlots = 2048;  // of an AF_PACKET ring, in each direction

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '_';
    });
}

std::string hex(std::uint32_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4)
        text += kDigits[(value >> shift) & 0xf];
    return text;
}

std::string xdp_arguments(const PortPlan& plan, const DeviceFacts& facts) {
    return "iface=" + plan.device + ",start_queue=0,queue_count=" + std::to_string(plan.queues) +
           ",xdp_prog=" + facts.steer_object;
}

std::string packet_arguments(const PortPlan& plan, const DeviceFacts& facts) {
    const std::uint32_t slot_bytes = packet_slot_bytes(facts.mtu);
    return "iface=" + plan.device + ",qpairs=" + std::to_string(plan.queues) +
           ",framesz=" + std::to_string(slot_bytes) +
           ",blocksz=" + std::to_string(std::max(4096u, slot_bytes)) +
           ",framecnt=" + std::to_string(kPacketSlots);
}

std::string pcap_arguments(const DeviceFacts& facts) {
    std::string arguments;
    if (!facts.input.empty())
        arguments += "rx_pcap=" + facts.input;
    if (!facts.output.empty())
        arguments += (arguments.empty() ? "tx_pcap=" : ",tx_pcap=") + facts.output;
    return arguments;
}

// `device` is a socket's path, or a list of arguments. With a path this is the server, which waits
// for the client.
std::string memif_arguments(const std::string& device) {
    if (device.find('=') != std::string::npos)
        return device;
    return "role=server,socket-abstract=no,socket=" + device;
}

// Splits "name,arguments".
DeviceName split_device(const std::string& device) {
    const std::size_t comma = device.find(',');
    if (comma == std::string::npos)
        return {.name = device, .arguments = {}};
    return {.name = device.substr(0, comma), .arguments = device.substr(comma + 1)};
}

}  // namespace

std::string file_prefix(std::string_view gateway, std::string_view run_directory) {
    std::string name(gateway);
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c) && c != '-'; },
        '_');
    const std::uint64_t where = abi::checksum(std::as_bytes(std::span(run_directory)));
    return "vipfwd-" + name + "-" + hex(static_cast<std::uint32_t>(where));
}

bool is_pci(const PortPlan& port) {
    return port.driver == abi::Driver::kPci;
}

std::vector<std::string> eal_arguments(const BootPlan& plan, const LcorePlan& lcores,
                                       const MemoryPlan& memory, const std::string& file_prefix) {
    std::vector<std::string> arguments{"vipfwd-dataplane",
                                       "--file-prefix",
                                       file_prefix,
                                       "--proc-type",
                                       "primary",
                                       "--lcores",
                                       lcores_argument(lcores),
                                       "--main-lcore",
                                       "0",
                                       "-m",
                                       std::to_string(memory.eal_bytes / kMiB)};
    const auto add = [&](std::initializer_list<const char*> more) {
        arguments.insert(arguments.end(), more.begin(), more.end());
    };
    if (plan.memory == abi::Memory::kNormal)
        add({"--no-huge", "--no-shconf", "--no-telemetry"});
    // Without PCI devices nothing needs physical addresses: see buffer_pool.h on packed buffers.
    if (std::none_of(plan.ports.begin(), plan.ports.end(), is_pci))
        add({"--no-pci", "--iova-mode", "va"});
    for (const PortPlan& port : plan.ports) {
        if (is_pci(port))
            add({"-a", port.device.c_str()});
    }
    return arguments;
}

Result<DeviceName> name_device(const PortPlan& plan, const DeviceFacts& facts) {
    const std::string number = std::to_string(facts.number);
    switch (plan.driver) {
        case abi::Driver::kPci:
            return DeviceName{.name = pci_address(plan.device), .arguments = {}, .on_pci = true};
        case abi::Driver::kAfXdp:
            if (facts.steer_object.find(',') != std::string::npos)
                return port_error(plan, facts.steer_object +
                                            ": a comma in this path confuses "
                                            "driver af_xdp; install it elsewhere");
            return DeviceName{"net_af_xdp" + number, xdp_arguments(plan, facts)};
        case abi::Driver::kAfPacket:
            return DeviceName{"net_af_packet" + number, packet_arguments(plan, facts)};
        case abi::Driver::kPcap:
            return DeviceName{"net_pcap" + number, pcap_arguments(facts)};
        case abi::Driver::kMemif:
            if (plan.device.rfind("net_memif", 0) != 0)
                return DeviceName{"net_memif" + number, memif_arguments(plan.device)};
            break;
        case abi::Driver::kVdev:
            break;
    }
    DeviceName device = split_device(plan.device);
    if (!is_word(device.name))
        return port_error(
            plan, "'" + plan.device + "' is not a DPDK device, such as \"net_tap0,iface=tap0\"");
    return device;
}

DeviceName name_tap(const PortPlan& plan, std::uint32_t number, const MacAddress& mac) {
    return {.name = "net_tap_k" + std::to_string(number),
            .arguments = "iface=" + plan.kernel_interface + ",mac=" + to_string(mac)};
}

}  // namespace vipfwd::host
