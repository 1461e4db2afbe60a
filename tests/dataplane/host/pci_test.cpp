// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/pci.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

class Pci : public testing::Test {
  protected:
    Pci() : sysfs_(fs::path(testing::TempDir()) / ("pci" + std::to_string(getpid()))) {
        fs::create_directories(device_);
    }
    ~Pci() override { fs::remove_all(sysfs_); }

    void bind(const std::string& driver) const {
        fs::remove(device_ / "driver");
        fs::create_directory_symlink("../../drivers/" + driver, device_ / "driver");
    }
    std::string fault(const std::string& device) const {
        const Result<void> checked = check_pci(device, sysfs_);
        return checked ? "" : checked.error().message;
    }

    fs::path sysfs_;
    fs::path device_ = sysfs_ / "devices" / "0000:01:00.0";
};

TEST_F(Pci, AnAddressIsCompletedAndArgumentsAreLeftOut) {
    EXPECT_EQ(pci_address("01:00.0"), "0000:01:00.0");
    EXPECT_EQ(pci_address("0000:01:00.0"), "0000:01:00.0");
    EXPECT_EQ(pci_address("0001:01:00.0,a=1,b=2"), "0001:01:00.0");
}

TEST_F(Pci, ADeviceMustExist) {
    EXPECT_EQ(fault("02:00.0"), "no PCI device '0000:02:00.0' on this machine");
    EXPECT_EQ(fault(""), "no PCI device '' on this machine");
}

TEST_F(Pci, APathIsNoAddress) {
    fs::create_directories(sysfs_ / "devices" / "vendor");
    EXPECT_EQ(fault("vendor"), "no PCI device 'vendor' on this machine");
    EXPECT_EQ(fault("../devices/0000:01:00.0"),
              "no PCI device '../devices/0000:01:00.0' on this machine");
}

TEST_F(Pci, ADeviceMustBeBoundToADriverThatDpdkCanUse) {
    EXPECT_EQ(fault("01:00.0"),
              "PCI device 0000:01:00.0 is bound to no driver; bind it: dpdk-devbind.py "
              "--bind=vfio-pci 0000:01:00.0");
    bind("e1000e");
    EXPECT_NE(fault("0000:01:00.0,a=1").find("kernel's driver e1000e"), std::string::npos);
    for (const char* driver :
         {"vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core"}) {
        bind(driver);
        EXPECT_EQ(fault("0000:01:00.0"), "") << driver;
    }
}

}  // namespace
}  // namespace vipfwd::host
