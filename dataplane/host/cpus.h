// SPDX-License-Identifier: Apache-2.0
// The CPUs of this machine: what they can do, and which of them the threads run on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::host {

// An instruction set that the packet core was compiled for (option `cpu` of the build) and this
// machine lacks, or null. To be asked before anything else here.
const char* missing_cpu_feature();

using Cpus = std::vector<std::uint32_t>;  // ascending

struct CpuSets {
    Cpus present;  // of this machine
    Cpus allowed;  // to this process; never empty
};

struct LcorePlan {
    Cpus main;                           // the main thread may run on any of them
    std::vector<std::uint32_t> workers;  // one CPU a worker
};

CpuSets find_cpus();

// One CPU a worker: the one asked for, else (abi::kAnyLcore) the next that no worker has, the first
// one last, so that main keeps it. With more workers than CPUs they share.
Result<LcorePlan> choose_lcores(std::span<const std::uint32_t> wanted, const CpuSets& cpus);

// EAL's --lcores: lcore 0 is main, workers count from 1.
std::string lcores_argument(const LcorePlan& plan);

// "0-3,8".
std::string to_string(const Cpus& cpus);

}  // namespace vipfwd::host
