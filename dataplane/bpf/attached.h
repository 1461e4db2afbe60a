// SPDX-License-Identifier: Apache-2.0
// XDP programs on the interfaces of this network namespace, told from each other by name. Nothing
// is pinned: a program and its maps live while it is attached, and are found from the interface.
// Needs root, or CAP_SYS_ADMIN and CAP_NET_ADMIN.
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

// The program attached to an interface, or nothing. An error if there is no such interface.
Result<std::optional<AttachedProgram>> attached_program(const std::string& interface);

// The same, but a program that is not called `name` is somebody else's: an error that says so.
Result<std::optional<AttachedProgram>> own_program(const std::string& interface,
                                                   std::string_view name);

// A map of the program, by the name it has in the program's source.
Result<abi::Fd> map_of(const AttachedProgram& program, std::string_view name);

// Attaches a loaded program, by its file descriptor, in place of `predecessor`, which must have
// that mode; or to an interface that has no program, if `predecessor` is null.
Result<void> attach(const std::string& interface, int program, XdpMode mode,
                    const AttachedProgram* predecessor);

// Detaches the interface's program, if it is still this one.
Result<void> detach(const std::string& interface, const AttachedProgram& program);

// Detaches the program called `name` that a predecessor left behind. False if the interface has no
// program; an error if it has somebody else's, which is left alone.
Result<bool> detach_leftover(const std::string& interface, std::string_view name);

}  // namespace vipfwd::bpf
