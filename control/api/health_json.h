// SPDX-License-Identifier: Apache-2.0
// The health of backends as JSON, as `show backends` and `show checks` have it.
#pragma once

#include "control/api/json_text.h"
#include "control/health/checks.h"

namespace vipfwd::api {

// The fields "health_age_ms", "why", "last" and "latency_us" of an object that has begun; with a
// tunnel also "path_mtu", with an agent "agent".
void write_check(const health::CheckView& check, JsonText& text);

}  // namespace vipfwd::api
