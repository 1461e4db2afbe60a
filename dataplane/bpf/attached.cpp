// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/attached.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vipfwd::bpf {
namespace {

constexpr std::size_t kMaxMaps = 16;  // of one program; ours have at most five

Error failure(const std::string& what, int error) {
    return Error{what + ": " + std::strerror(error) + (error == EPERM ? " (run as root)" : "")};
}

Result<int> index_of(const std::string& interface) {
    const unsigned index = if_nametoindex(interface.c_str());
    if (index == 0 && errno != ENODEV)
        return failure(interface + ": cannot find this interface", errno);
    if (index == 0)
        return Error{"no interface '" + interface + "' in this network namespace"};
    return static_cast<int>(index);
}

struct Attachment {
    std::uint32_t program_id = 0;  // 0: none
    XdpMode mode = XdpMode::kNative;
};

// If there are several programs, the one that sees packets first: in hardware, then in the driver.
Result<Attachment> query(const std::string& interface, int index) {
    bpf_xdp_query_opts found{};
    found.sz = sizeof found;
    if (const int error = bpf_xdp_query(index, 0, &found); error != 0)
        return failure(interface + ": cannot query its XDP program", -error);
    if (found.hw_prog_id != 0)
        return Attachment{found.hw_prog_id, XdpMode::kOffloaded};
    if (found.drv_prog_id != 0)
        return Attachment{found.drv_prog_id, XdpMode::kNative};
    return Attachment{found.skb_prog_id, XdpMode::kGeneric};
}

std::uint32_t attach_flag(XdpMode mode) {
    switch (mode) {
        case XdpMode::kNative:
            return XDP_FLAGS_DRV_MODE;
        case XdpMode::kGeneric:
            return XDP_FLAGS_SKB_MODE;
        case XdpMode::kOffloaded:
            return XDP_FLAGS_HW_MODE;
    }
    return 0;
}

}  // namespace

Result<std::optional<AttachedProgram>> attached_program(const std::string& interface) {
    const Result<int> index = index_of(interface);
    if (!index)
        return index.error();
    const Result<Attachment> attachment = query(interface, *index);
    if (!attachment)
        return attachment.error();
    if (attachment->program_id == 0)
        return std::optional<AttachedProgram>();

    AttachedProgram program;
    program.id = attachment->program_id;
    program.mode = attachment->mode;
    program.fd = abi::Fd(bpf_prog_get_fd_by_id(program.id));
    if (!program.fd)
        return failure(interface + ": cannot open its XDP program", errno);
    bpf_prog_info info{};
    __u32 info_bytes = sizeof info;
    if (bpf_obj_get_info_by_fd(program.fd.get(), &info, &info_bytes) != 0)
        return failure(interface + ": cannot examine its XDP program", errno);
    program.name = info.name;
    return std::optional<AttachedProgram>(std::move(program));
}

Result<std::optional<AttachedProgram>> own_program(const std::string& interface,
                                                   std::string_view name) {
    Result<std::optional<AttachedProgram>> program = attached_program(interface);
    if (program && program->has_value() && (*program)->name != name) {
        return Error{interface + ": has the XDP program '" + (*program)->name +
                     "', which is not ours: detach it first"};
    }
    return program;
}

Result<abi::Fd> map_of(const AttachedProgram& program, std::string_view name) {
    std::array<__u32, kMaxMaps> ids{};
    bpf_prog_info info{};
    info.nr_map_ids = ids.size();
    info.map_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    __u32 info_bytes = sizeof info;
    if (bpf_obj_get_info_by_fd(program.fd.get(), &info, &info_bytes) != 0)
        return failure("XDP program " + program.name + ": cannot list its maps", errno);
    for (std::size_t i = 0; i < ids.size() && i < info.nr_map_ids; ++i) {
        abi::Fd map(bpf_map_get_fd_by_id(ids[i]));
        bpf_map_info map_info{};
        __u32 map_info_bytes = sizeof map_info;
        if (!map || bpf_obj_get_info_by_fd(map.get(), &map_info, &map_info_bytes) != 0)
            return failure("XDP program " + program.name + ": cannot open its maps", errno);
        if (name == map_info.name)
            return map;
    }
    return Error{"XDP program " + program.name + ": has no map '" + std::string(name) +
                 "': it is from another release"};
}

Result<void> attach(const std::string& interface, int program, XdpMode mode,
                    const AttachedProgram* predecessor) {
    const Result<int> index = index_of(interface);
    if (!index)
        return index.error();
    bpf_xdp_attach_opts expected{};
    expected.sz = sizeof expected;
    std::uint32_t flags = attach_flag(mode) | XDP_FLAGS_UPDATE_IF_NOEXIST;
    if (predecessor != nullptr) {
        expected.old_prog_fd = predecessor->fd.get();
        flags = attach_flag(mode) | XDP_FLAGS_REPLACE;
    }
    if (const int error = bpf_xdp_attach(*index, program, flags, &expected); error != 0)
        return failure(interface + ": cannot attach the XDP program", -error);
    return {};
}

Result<void> detach(const std::string& interface, const AttachedProgram& program) {
    const Result<int> index = index_of(interface);
    if (!index)
        return index.error();
    bpf_xdp_attach_opts expected{};
    expected.sz = sizeof expected;
    expected.old_prog_fd = program.fd.get();
    const std::uint32_t flags = attach_flag(program.mode) | XDP_FLAGS_REPLACE;
    if (const int error = bpf_xdp_detach(*index, flags, &expected); error != 0)
        return failure(interface + ": cannot detach XDP program " + program.name, -error);
    return {};
}

Result<bool> detach_leftover(const std::string& interface, std::string_view name) {
    const Result<std::optional<AttachedProgram>> program = own_program(interface, name);
    if (!program)
        return program.error();
    if (!program->has_value())
        return false;
    if (const Result<void> detached = detach(interface, **program); !detached)
        return detached.error();
    return true;
}

}  // namespace vipfwd::bpf
