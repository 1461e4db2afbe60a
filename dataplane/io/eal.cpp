// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/eal.h"

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_log.h>
#include <rte_pdump.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>

#include "dataplane/host/memory_check.h"
#include "dataplane/host/stdio_redirect.h"

namespace vipfwd::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRuntimeVariable = "RUNTIME_DIRECTORY";  // where EAL puts its runtime files

// Without hugepages no other process can attach, and nothing needs EAL's files: they go into the
// run directory, to which an unprivileged user may write. Else they go where DPDK's tools look for
// them.
void choose_runtime_directory(abi::Memory memory, const std::string& run_directory) {
    if (memory == abi::Memory::kNormal)
        setenv(kRuntimeVariable, run_directory.c_str(), 1);
    else
        unsetenv(kRuntimeVariable);
}

std::string cause_of(const std::string& printed) {
    const std::string why = host::failure_cause(printed);
    return why.empty() ? std::string(rte_strerror(rte_errno)) : why;
}

}  // namespace

Result<std::unique_ptr<Eal>> Eal::start(Options options) {
    std::unique_ptr<Eal> eal(new Eal(std::move(options)));
    choose_runtime_directory(eal->options_.memory, eal->options_.run_directory);
    std::vector<char*> arguments;
    for (std::string& argument : eal->options_.arguments)
        arguments.push_back(argument.data());

    const host::StdioRedirect redirect;
    rte_openlog_stream(stderr);
    rte_log_set_global_level(RTE_LOG_ERR);
    if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0)
        return Error{"DPDK does not start: " + cause_of(redirect.text())};
    eal->started_ = true;
    // For dpdk-dumpcap.
    if (eal->options_.memory == abi::Memory::kHugepages && rte_pdump_init() != 0)
        return Error{"DPDK's packet capture does not start: " + cause_of(redirect.text())};
    return eal;
}

Eal::~Eal() {
    const host::StdioRedirect redirect;
    if (started_) {
        if (options_.memory == abi::Memory::kHugepages)
            rte_pdump_uninit();
        rte_eal_cleanup();
    }
    remove_files();
}

void Eal::remove_files() const {
    const char* directory = rte_eal_get_runtime_dir();
    std::error_code error;
    if (directory != nullptr && *directory != '\0') {
        fs::remove_all(directory, error);
        if (options_.memory == abi::Memory::kNormal)
            fs::remove(fs::path(directory).parent_path(), error);
    }
    if (options_.memory == abi::Memory::kHugepages)
        host::remove_hugepage_files(options_.file_prefix, host::HugepageFiles::kAll);
}

Result<std::uint16_t> Eal::attach(const host::PortPlan& port, const host::DeviceName& device) {
    const host::StdioRedirect redirect;
    if (!device.on_pci &&
        rte_eal_hotplug_add("vdev", device.name.c_str(), device.arguments.c_str()) != 0) {
        const std::string why = host::failure_cause(redirect.text());
        return host::port_error(port, "DPDK device " + device.name + ": " +
                                          (why.empty() ? "its driver rejects it" : why));
    }
    std::uint16_t number = 0;
    if (rte_eth_dev_get_port_by_name(device.name.c_str(), &number) != 0)
        return host::port_error(port, "no DPDK driver has attached to device " + device.name);
    return number;
}

void Eal::detach(const host::DeviceName& device) {
    const host::StdioRedirect redirect;
    if (!device.on_pci)
        rte_eal_hotplug_remove("vdev", device.name.c_str());
}

void Eal::set_log(bool on) {
    rte_log_set_global_level(on ? RTE_LOG_ERR : RTE_LOG_EMERG);
}

}  // namespace vipfwd::io
