// SPDX-License-Identifier: Apache-2.0
// DPDK's environment abstraction layer, from its start to its end: at most one in a process's life.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"
#include "dataplane/host/eal_arguments.h"

namespace vipfwd::io {

class Eal {
  public:
    struct Options {
        std::vector<std::string> arguments;
        std::string file_prefix;
        abi::Memory memory = abi::Memory::kHugepages;
        std::string run_directory;
    };
    // Whatever fails, nothing is left in the file system.
    static Result<std::unique_ptr<Eal>> start(Options options);

    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;
    ~Eal();

    // Has the device's driver take it; for one on PCI, finds whether one did. Returns its number.
    Result<std::uint16_t> attach(const host::PortPlan& port, const host::DeviceName& device);

    // From here on DPDK prints nothing: its drivers would do so from workers, and again and again.
    void silence();

  private:
    explicit Eal(Options options) : options_(std::move(options)) {}
    void remove_files() const;

    Options options_;
    bool started_ = false;
};

}  // namespace vipfwd::io
