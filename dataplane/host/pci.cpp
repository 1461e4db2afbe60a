// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/pci.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

// mlx4_core and mlx5_core are kernel drivers that stay bound while DPDK uses the device.
constexpr std::array<std::string_view, 5> kDrivers{"vfio-pci", "uio_pci_generic", "igb_uio",
                                                   "mlx4_core", "mlx5_core"};
constexpr std::size_t kShortAddressLength = 7;  // 01:00.0

}  // namespace

std::string pci_address(const std::string& device) {
    const std::string address = device.substr(0, device.find(','));
    return address.size() == kShortAddressLength ? "0000:" + address : address;
}

Result<void> check_pci(const std::string& device, const fs::path& sysfs) {
    const std::string address = pci_address(device);
    const bool plain = address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string::npos;
    const fs::path place = sysfs / "devices" / address;
    std::error_code error;
    if (address.empty() || !plain || !fs::exists(place, error))
        return Error{"no PCI device '" + address + "' on this machine"};
    const fs::path link = fs::read_symlink(place / "driver", error);
    const std::string driver = error ? std::string() : link.filename().string();
    if (std::find(kDrivers.begin(), kDrivers.end(), driver) != kDrivers.end())
        return {};
    return Error{"PCI device " + address + " is bound to " +
                 (driver.empty() ? "no driver" : "the kernel's driver " + driver) +
                 "; bind it: dpdk-devbind.py --bind=vfio-pci " + address};
}

}  // namespace vipfwd::host
