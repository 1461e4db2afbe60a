// SPDX-License-Identifier: Apache-2.0
#include "control/config/device.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>

#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

constexpr std::string_view kPciDomain0 = "0000:";

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// `h` in `shape` matches any hexadecimal digit; every other character matches itself.
bool has_shape(std::string_view text, std::string_view shape) {
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(),
                      [](char c, char wanted) { return wanted == 'h' ? is_hex(c) : c == wanted; });
}

// "0000:01:00.0,args" is the device "0000:01:00.0".
std::string_view without_arguments(std::string_view device) {
    return device.substr(0, device.find(','));
}

bool is_short_pci_address(std::string_view text) {
    return has_shape(text, "hh:hh.h");
}

std::string pci_identity(std::string_view device) {
    std::string address(without_arguments(device));
    std::transform(address.begin(), address.end(), address.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return is_short_pci_address(address) ? std::string(kPciDomain0) + address : address;
}

Result<void> check_pci(std::string_view device) {
    const std::string_view address = without_arguments(device);
    if (is_short_pci_address(address) || has_shape(address, "hhhh:hh:hh.h"))
        return {};
    return Error{fmt::format("{} is not a PCI address; write one such as \"0000:01:00.0\"",
                             text::quote(device))};
}

Result<void> check_interface(std::string_view device) {
    if (device.size() >= IFNAMSIZ)
        return Error{
            fmt::format("{} is too long for an interface; their names have at most {} bytes",
                        text::quote(device), IFNAMSIZ - 1)};
    if (device.find_first_of("/ ") != std::string_view::npos)
        return Error{fmt::format("{} is not an interface; write its name, such as \"eth1\"",
                                 text::quote(device))};
    return {};
}

}  // namespace

Result<void> check_device_text(abi::Driver driver, std::string_view device) {
    switch (driver) {
        case abi::Driver::kPci:
            return check_pci(device);
        case abi::Driver::kAfXdp:
        case abi::Driver::kAfPacket:
            return check_interface(device);
        case abi::Driver::kPcap:
        case abi::Driver::kMemif:
        case abi::Driver::kVdev:
            break;
    }
    return {};
}

bool takes_kernel_interface(abi::Driver driver) {
    return driver == abi::Driver::kPci || driver == abi::Driver::kMemif ||
           driver == abi::Driver::kVdev;
}

std::string device_identity(abi::Driver driver, std::string_view device) {
    switch (driver) {
        case abi::Driver::kPci:
            return "pci " + pci_identity(device);
        case abi::Driver::kAfXdp:
        case abi::Driver::kAfPacket:
            return fmt::format("interface {}", device);
        case abi::Driver::kPcap:
            return fmt::format("file {}", device);
        case abi::Driver::kMemif:
            return fmt::format("memif {}", device);
        case abi::Driver::kVdev:
            break;
    }
    return fmt::format("vdev {}", without_arguments(device));
}

}  // namespace vipfwd::config
