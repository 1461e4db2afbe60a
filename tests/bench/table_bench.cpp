// SPDX-License-Identifier: Apache-2.0
// Measures the cost of tables: building rings, publishing, taking up a generation, and memory.
// Prints one JSON object per line: `value` is a median unless the case says otherwise, `ratio` is
// relative to a reference that was measured in turn with it.
//
//   table_bench [--quick] [PART ...]     parts: ring, publish, decision, memory; all if none
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/table_cases.h"

int main(int count, char** arguments) {
    using namespace vipfwd::bench;
    const std::map<std::string, std::function<void(const Effort&)>> parts{
        {"ring", measure_rings},
        {"publish", measure_publish},
        {"decision", measure_decision},
        {"memory", [](const Effort&) { tell_memory(); }},
    };
    Effort effort;
    std::vector<std::string> wanted;
    for (const std::string& argument : std::vector<std::string>(arguments + 1, arguments + count)) {
        if (argument == "--quick") {
            effort.quick = true;
        } else if (parts.contains(argument)) {
            wanted.push_back(argument);
        } else {
            std::fprintf(stderr, "usage: table_bench [--quick] [ring|publish|decision|memory]\n");
            return 2;
        }
    }
    if (wanted.empty())
        wanted = {"ring", "publish", "decision", "memory"};
    try {
        for (const std::string& part : wanted)
            parts.at(part)(effort);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "table_bench: %s\n", fault.what());
        return 1;
    }
    return 0;
}
