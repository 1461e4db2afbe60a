// SPDX-License-Identifier: Apache-2.0
#include "control/decap/attach.h"

#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "control/decap/decap.skel.h"
#include "control/decap/kernel_message.h"
#include "control/decap/local_addresses.h"

namespace vipfwd::decap {
namespace {

using bpf::AttachedProgram;
using bpf::XdpMode;
using Loaded = std::unique_ptr<decap_bpf, decltype(&decap_bpf__destroy)>;

Result<Loaded> load(const Settings& settings) {
    Loaded loaded(decap_bpf__open_and_load(), &decap_bpf__destroy);
    if (loaded == nullptr) {
        return Error{std::string("cannot load the decapsulator into the kernel: ") +
                     std::strerror(errno) + (errno == EPERM ? " (run as root)" : "")};
    }
    const SettingsMaps maps{.local = bpf_map__fd(loaded->maps.local),
                            .vips = bpf_map__fd(loaded->maps.vips),
                            .settings = bpf_map__fd(loaded->maps.settings),
                            .allowed = bpf_map__fd(loaded->maps.allowed)};
    if (const Result<void> written = write_settings(maps, settings); !written)
        return written.error();
    return loaded;
}

// Appends the kernel's message to an error, if it gave one.
Result<void> add_kernel_message(Result<void> result) {
    const std::string reason = take_kernel_message();
    if (result || reason.empty())
        return result;
    return Error{result.error().message + " (" + reason + ")"};
}

Result<void> attach_in_mode(const std::string& interface, int program, XdpMode mode,
                            const std::optional<AttachedProgram>& present) {
    if (!present.has_value())
        return add_kernel_message(bpf::attach(interface, program, mode, nullptr));
    if (present->mode == mode)
        return add_kernel_message(bpf::attach(interface, program, mode, &*present));

    // The kernel does not allow programs in both modes at once: detach first.
    if (const Result<void> detached = bpf::detach(interface, *present); !detached)
        return detached;
    const Result<void> attached =
        add_kernel_message(bpf::attach(interface, program, mode, nullptr));
    if (attached)
        return attached;
    const Result<void> restored = bpf::attach(interface, present->fd.get(), present->mode, nullptr);
    return Error{attached.error().message + (restored ? "; it stays attached in its present mode"
                                                      : "; it is no longer attached")};
}

Result<XdpMode> attach_program(const AttachRequest& request, int program,
                               const std::optional<AttachedProgram>& present) {
    XdpMode mode = request.mode == ModeChoice::kGeneric ? XdpMode::kGeneric : XdpMode::kNative;
    if (request.mode == ModeChoice::kAuto && present.has_value())
        mode = present->mode;
    Result<void> attached = attach_in_mode(request.interface, program, mode, present);
    if (!attached && request.mode == ModeChoice::kAuto && !present.has_value()) {
        mode = XdpMode::kGeneric;
        attached = attach_in_mode(request.interface, program, mode, present);
    }
    if (!attached)
        return attached.error();
    return mode;
}

}  // namespace

Result<Attached> attach(const AttachRequest& request) {
    const Result<std::optional<AttachedProgram>> present =
        bpf::own_program(request.interface, bpf::kDecapProgram);
    if (!present)
        return present.error();

    Attached attached;
    attached.settings = request.settings;
    if (attached.settings.addresses.empty()) {
        Result<std::vector<IpAddress>> addresses = local_addresses();
        if (!addresses)
            return addresses.error();
        if (addresses->empty())
            return Error{"this host has no address to unwrap tunnels for; give one with --address"};
        attached.settings.addresses = *std::move(addresses);
    }

    if (attached.settings.vips.empty()) {
        Result<std::vector<IpAddress>> vips = loopback_vips();
        if (!vips)
            return vips.error();
        if (vips->empty()) {
            return Error{
                "no loopback interface has a VIP: add the VIPs to lo first, or name them with "
                "--vip"};
        }
        attached.settings.vips = *std::move(vips);
    }

    const Result<Loaded> loaded = load(attached.settings);
    if (!loaded)
        return loaded.error();
    const Result<XdpMode> mode =
        attach_program(request, bpf_program__fd((*loaded)->progs.vipfwd_decap), *present);
    if (!mode)
        return mode.error();
    attached.mode = *mode;
    return attached;
}

}  // namespace vipfwd::decap
