// SPDX-License-Identifier: Apache-2.0
// Tells whether something else ran in the place of the calling thread: another thread of this
// machine, or the host of a virtual machine (stolen time). Costs some microseconds per look.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace vipfwd::bench {

// The stolen time of a CPU in the text of /proc/stat, in ticks of the kernel (10 ms); 0: not told.
inline std::uint64_t stolen_ticks(const std::string& stat, int cpu) {
    constexpr int kFieldsBefore = 7;  // user, nice, system, idle, iowait, irq, softirq
    const std::string name = "cpu" + std::to_string(cpu) + " ";
    const std::size_t line = stat.find("\n" + name);
    if (line == std::string::npos)
        return 0;
    const char* at = stat.c_str() + line + 1 + name.size();
    char* end = nullptr;
    for (int i = 0; i < kFieldsBefore; ++i, at = end)
        std::strtoull(at, &end, 10);
    return std::strtoull(at, &end, 10);
}

inline std::string read_proc_stat() {
    static const int file = open("/proc/stat", O_RDONLY | O_CLOEXEC);
    std::array<char, 1 << 14> text;  // the lines of CPUs come first
    const ssize_t bytes = pread(file, text.data(), text.size(), 0);
    return {text.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0};
}

// Two looks that are equal: nothing interrupted the thread in between for long, except for
// interrupt handlers. Stolen time shows only once a whole tick has been stolen.
struct Interruptions {
    int cpu = -1;                // where the thread runs
    std::int64_t preempted = 0;  // involuntary context switches of the thread
    std::uint64_t stolen = 0;    // ticks of that CPU

    bool operator==(const Interruptions&) const = default;

    static Interruptions of_this_thread() {
        rusage used{};
        getrusage(RUSAGE_THREAD, &used);
        const int cpu = sched_getcpu();
        return {cpu, used.ru_nivcsw, stolen_ticks(read_proc_stat(), cpu)};
    }
};

}  // namespace vipfwd::bench
