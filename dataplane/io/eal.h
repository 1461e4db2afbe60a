// SPDX-License-Identifier: Apache-2.0
// DPDK's environment abstraction layer (EAL). It can be started only once in a process.
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
    // After an error, no file of EAL is left in the file system.
    static Result<std::unique_ptr<Eal>> start(Options options);

    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;
    ~Eal();

    // Attaches a device to its driver; one on PCI was attached at start. Returns its port id.
    Result<std::uint16_t> attach(const host::PortPlan& port, const host::DeviceName& device);

    // Removes a device that attach() has made, once it is closed.
    void detach(const host::DeviceName& device);

    // Turns DPDK's log off, because drivers would print from workers, over and over; or on again,
    // so that errors name their cause.
    void set_log(bool on);

  private:
    explicit Eal(Options options) : options_(std::move(options)) {}
    void remove_files() const;

    Options options_;
    bool started_ = false;
};

}  // namespace vipfwd::io
