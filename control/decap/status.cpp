// SPDX-License-Identifier: Apache-2.0
#include "control/decap/status.h"

#include <net/if.h>

#include <memory>
#include <optional>
#include <utility>

#include "dataplane/bpf/counter_map.h"
#include "dataplane/bpf/decap_counters.h"

namespace vipfwd::decap {
namespace {

Result<Settings> settings_of(const bpf::AttachedProgram& program) {
    const Result<abi::Fd> local = bpf::map_of(program, "local");
    if (!local)
        return local.error();
    const Result<abi::Fd> vips = bpf::map_of(program, "vips");
    if (!vips)
        return vips.error();
    const Result<abi::Fd> settings = bpf::map_of(program, "settings");
    if (!settings)
        return settings.error();
    const Result<abi::Fd> allowed = bpf::map_of(program, "allowed");
    if (!allowed)
        return allowed.error();
    return read_settings({local->get(), vips->get(), settings->get(), allowed->get()});
}

Result<InterfaceStatus> status_of(const std::string& interface,
                                  const bpf::AttachedProgram& program) {
    Result<Settings> settings = settings_of(program);
    if (!settings)
        return settings.error();
    const Result<abi::Fd> stats = bpf::map_of(program, "decap_stats");
    if (!stats)
        return stats.error();
    Result<std::vector<std::uint64_t>> counters = bpf::read_counters(stats->get(), DECAP_COUNTERS);
    if (!counters)
        return counters.error();
    return InterfaceStatus{interface, program.mode, *std::move(settings), *std::move(counters)};
}

}  // namespace

Result<std::vector<InterfaceStatus>> status() {
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> interfaces(
        if_nameindex(), &if_freenameindex);
    if (interfaces == nullptr)
        return system_error("cannot list the interfaces");
    std::vector<InterfaceStatus> found;
    for (const auto* entry = interfaces.get(); entry->if_index != 0; ++entry) {
        const auto program = bpf::attached_program(entry->if_name);
        if (!program)
            return program.error();
        if (!program->has_value() || (*program)->name != bpf::kDecapProgram)
            continue;
        Result<InterfaceStatus> one = status_of(entry->if_name, **program);
        if (!one)
            return one.error();
        found.push_back(*std::move(one));
    }
    return found;
}

}  // namespace vipfwd::decap
