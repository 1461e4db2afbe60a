// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/counter_map.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <numeric>
#include <string>

namespace vipfwd::bpf {

Result<std::vector<std::uint64_t>> read_counters(int map, std::size_t count) {
    const int cpus = libbpf_num_possible_cpus();
    if (cpus < 0)
        return Error{std::string("cannot count the CPUs: ") + std::strerror(-cpus)};
    std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(cpus));
    std::vector<std::uint64_t> counters;
    for (std::uint32_t index = 0; index < count; ++index) {
        if (bpf_map_lookup_elem(map, &index, per_cpu.data()) != 0)
            return system_error("cannot read a counter map");
        counters.push_back(std::accumulate(per_cpu.begin(), per_cpu.end(), std::uint64_t{0}));
    }
    return counters;
}

}  // namespace vipfwd::bpf
