// SPDX-License-Identifier: Apache-2.0
// Measures the packet core in clock cycles per packet: bursts are made in memory and go through
// process() and account(). Prints one line of JSON for each case, for scripts/bench. The reference
// is the least that a forwarder does: it exchanges the MAC addresses.
//
//   core_bench [--quick] [CASE ...]     cases whose name contains one of these; else all
//   core_bench --count-instructions     for callgrind: see scripts/bench.d/instructions.py
#include <algorithm>
#include <string>
#include <vector>

#include "tests/bench/core_cases.h"
#include "tests/bench/core_run.h"
#include "tests/bench/core_workers.h"
#include "tests/bench/overflow.h"
#include "tests/bench/result_line.h"

namespace vipfwd::bench {
namespace {

// More flows take the same instructions, only longer; under valgrind too long.
constexpr std::uint64_t kMostCountedFlows = 1 << 20;

void count_instructions() {
    for (const Case& one : core_cases()) {
        if (one.flows <= kMostCountedFlows)
            CoreRun(one).count_instructions();
    }
}

}  // namespace
}  // namespace vipfwd::bench

int main(int count, char** arguments) {
    using namespace vipfwd::bench;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words == std::vector<std::string>{"--count-instructions"}) {
        count_instructions();
        return 0;
    }
    const bool quick = !words.empty() && words[0] == "--quick";
    const std::vector<std::string> patterns(words.begin() + (quick ? 1 : 0), words.end());
    const auto wanted = [&](const std::string& name) {
        return patterns.empty() ||
               std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                   return name.find(pattern) != std::string::npos;
               });
    };
    const std::uint32_t slices = quick ? 100 : 1000;
    for (const Case& one : core_cases()) {
        if (wanted(one.name))
            CoreRun(one).run(slices);
    }
    if (wanted("stage"))
        CoreRun(usual_case()).run_stages(slices);
    if (wanted("two workers")) {
        CoreRun workers[] = {CoreRun(usual_case()), CoreRun(usual_case())};
        const auto slice = [&](int worker) { workers[worker].run_slice(); };
        Line(usual_case().name + ", two workers", "times one")
            .samples(rate_of_two(slices, slice))
            .reference("two that only add", rate_of_two(slices, [](int) { add_only(); }))
            .print();
    }
    if (wanted("overflow"))
        print_overflows();
}
