// SPDX-License-Identifier: Apache-2.0
// SIGTERM, SIGINT and SIGHUP ask this process to end in good order.
#pragma once

namespace vipfwd::host {

void catch_stop_signals();
bool stop_requested();

}  // namespace vipfwd::host
