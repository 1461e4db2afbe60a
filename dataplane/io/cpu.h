// SPDX-License-Identifier: Apache-2.0
// What the packet core was compiled for (option `cpu` of the build).
#pragma once

namespace vipfwd::io {

// What of it this machine lacks, or null. To be asked before anything else here.
const char* missing_cpu_feature();

}  // namespace vipfwd::io
