// SPDX-License-Identifier: Apache-2.0
// SIGTERM, SIGINT and SIGHUP request an orderly end of this process.
#pragma once

namespace vipfwd::host {

void catch_stop_signals();
bool stop_requested();

}  // namespace vipfwd::host
