// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/cpus.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "dataplane/abi/boot.h"

namespace vipfwd::host {
namespace {

bool contains(std::span<const std::uint32_t> cpus, std::uint32_t cpu) {
    return std::find(cpus.begin(), cpus.end(), cpu) != cpus.end();
}

Cpus without(const Cpus& cpus, std::span<const std::uint32_t> taken) {
    Cpus rest;
    std::copy_if(cpus.begin(), cpus.end(), std::back_inserter(rest),
                 [&](std::uint32_t cpu) { return !contains(taken, cpu); });
    return rest;
}

// The allowed CPUs that are not in `wanted`, in the order in which workers get them.
Cpus candidates(std::span<const std::uint32_t> wanted, const Cpus& allowed) {
    Cpus free = without(allowed, wanted);
    if (free.empty())
        free = allowed;
    std::rotate(free.begin(), free.begin() + 1, free.end());
    return free;
}

}  // namespace

const char* missing_cpu_feature() {
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2"))
        return "AVX2";
#endif
#ifdef __BMI2__
    if (!__builtin_cpu_supports("bmi2"))
        return "BMI2";
#endif
    return nullptr;
}

CpuSets find_cpus() {
    CpuSets cpus;
    const long count = sysconf(_SC_NPROCESSORS_CONF);
    cpus.present.resize(static_cast<std::size_t>(std::max(count, 1l)));
    std::iota(cpus.present.begin(), cpus.present.end(), 0u);
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &set))
                cpus.allowed.push_back(cpu);
        }
    }
    if (cpus.allowed.empty())
        cpus.allowed = cpus.present;
    return cpus;
}

Result<LcorePlan> choose_lcores(std::span<const std::uint32_t> wanted, const CpuSets& cpus) {
    const Cpus free = candidates(wanted, cpus.allowed);
    std::size_t next = 0;
    LcorePlan plan;
    for (const std::uint32_t lcore : wanted) {
        const bool any = lcore == abi::kAnyLcore;
        if (!any && !contains(cpus.present, lcore)) {
            return Error{"lcore " + std::to_string(lcore) + ": this machine has CPUs " +
                         to_string(cpus.present)};
        }
        if (!any && !contains(cpus.allowed, lcore)) {
            return Error{"lcore " + std::to_string(lcore) + ": this process may run on CPUs " +
                         to_string(cpus.allowed) + " only"};
        }
        plan.workers.push_back(any ? free[next++ % free.size()] : lcore);
    }
    plan.main = without(cpus.allowed, plan.workers);
    if (plan.main.empty())
        plan.main = cpus.allowed;
    return plan;
}

std::string lcores_argument(const LcorePlan& plan) {
    std::string argument = "0@(" + to_string(plan.main) + ")";
    for (std::size_t i = 0; i < plan.workers.size(); ++i)
        argument += "," + std::to_string(i + 1) + "@" + std::to_string(plan.workers[i]);
    return argument;
}

std::string to_string(const Cpus& cpus) {
    std::string text;
    for (std::size_t first = 0; first < cpus.size();) {
        std::size_t last = first;
        while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1)
            ++last;
        text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
        if (last > first)
            text += "-" + std::to_string(cpus[last]);
        first = last + 1;
    }
    return text;
}

}  // namespace vipfwd::host
