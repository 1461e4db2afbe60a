// SPDX-License-Identifier: Apache-2.0
// Attaches the decapsulator (dataplane/bpf/decap.bpf.c) to an interface. Its object is embedded in
// the program, so that a backend needs only one file.
#pragma once

#include <string>

#include "control/decap/settings.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/attached.h"

namespace vipfwd::decap {

enum class ModeChoice { kAuto, kNative, kGeneric };

struct AttachRequest {
    std::string interface;
    ModeChoice mode = ModeChoice::kAuto;  // auto: keep the present one, else native if possible
    // Without addresses, local_addresses() are used; without VIPs, loopback_vips().
    Settings settings;
};

struct Attached {
    bpf::XdpMode mode = bpf::XdpMode::kNative;
    Settings settings;
};

// Attaches the decapsulator. An attached decapsulator is replaced, without a gap unless the mode
// changes; its settings are not kept, and its counters restart from 0. It is an error if another
// program is attached, which is left alone.
Result<Attached> attach(const AttachRequest& request);

}  // namespace vipfwd::decap
