// SPDX-License-Identifier: Apache-2.0
// The CPUs of this machine: which instructions they have, and on which CPU each thread runs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::host {

// The name of an instruction set that the packet core was compiled for (build option `cpu`) and
// this machine lacks, or null. main() must check it first.
const char* missing_cpu_feature();

using Cpus = std::vector<std::uint32_t>;  // ascending

struct CpuSets {
    Cpus present;  // all of this machine
    Cpus allowed;  // those on which this process may run; never empty
};

struct LcorePlan {
    Cpus main;                           // on which the main thread may run
    std::vector<std::uint32_t> workers;  // one CPU for each worker
};

CpuSets find_cpus();

// Chooses a CPU for each worker: the one in `wanted`, or for abi::kAnyLcore the next allowed CPU
// that no worker wants, in ascending order. The first of these comes last, so that the main thread
// has it. If there are more workers than CPUs, workers share CPUs.
Result<LcorePlan> choose_lcores(std::span<const std::uint32_t> wanted, const CpuSets& cpus);

// The value of EAL's --lcores: lcore 0 is the main thread, lcore i + 1 is worker i.
std::string lcores_argument(const LcorePlan& plan);

// A list of ranges, such as "0-3,8".
std::string to_string(const Cpus& cpus);

}  // namespace vipfwd::host
