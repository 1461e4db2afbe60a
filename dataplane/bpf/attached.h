// SPDX-License-Identifier: Apache-2.0
// The XDP programs on the interfaces of this network namespace, identified by their names. Programs
// and maps are not pinned: they exist while the program is attached, and are found through the
// interface. All functions need root, or CAP_SYS_ADMIN and CAP_NET_ADMIN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

inline constexpr std::string_view kSteerProgram = "vipfwd_steer";  // steer.bpf.c
inline constexpr std::string_view kDecapProgram = "vipfwd_decap";  // decap.bpf.c

enum class XdpMode { kNative, kGeneric, kOffloaded };

struct AttachedProgram {
    std::uint32_t id = 0;
    std::string name;  // the kernel keeps its first 15 bytes
    XdpMode mode = XdpMode::kNative;
    abi::Fd fd;
};

// The program attached to an interface, or nullopt. An error if there is no such interface.
Result<std::optional<AttachedProgram>> attached_program(const std::string& interface);

// The same, but an error if the program has another name than `name`: then it is not ours.
Result<std::optional<AttachedProgram>> own_program(const std::string& interface,
                                                   std::string_view name);

// A map of the program, by the name it has in the program's source.
Result<abi::Fd> map_of(const AttachedProgram& program, std::string_view name);

// Attaches a loaded program, given by its file descriptor. It replaces `predecessor`, which must
// have the same mode; if `predecessor` is null, the interface must have no program.
Result<void> attach(const std::string& interface, int program, XdpMode mode,
                    const AttachedProgram* predecessor);

// Detaches `program`. An error if another program has replaced it on the interface.
Result<void> detach(const std::string& interface, const AttachedProgram& program);

// Detaches the program `name` that a previous process left on the interface. False if the interface
// has no program. An error if it has a program of another name, which stays.
Result<bool> detach_leftover(const std::string& interface, std::string_view name);

}  // namespace vipfwd::bpf
