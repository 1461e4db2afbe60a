// SPDX-License-Identifier: Apache-2.0
// Puts the decapsulator (dataplane/bpf/decap.bpf.c) on an interface. Its object is part of this
// program, so that a backend needs one file only.
#pragma once

#include <string>

#include "control/decap/settings.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/attached.h"

namespace vipfwd::decap {

enum class ModeChoice { kAuto, kNative, kGeneric };

struct AttachRequest {
    std::string interface;
    ModeChoice mode = ModeChoice::kAuto;  // auto: the present one; else native if the driver can
    Settings settings;                    // no addresses: local_addresses()
};

struct Attached {
    bpf::XdpMode mode = bpf::XdpMode::kNative;
    Settings settings;
};

// Attaches the decapsulator. One that is attached already is replaced, without a gap unless its
// mode changes; nothing of its settings is kept, and its counters start again from 0. Another
// program is left alone: an error.
Result<Attached> attach(const AttachRequest& request);

}  // namespace vipfwd::decap
