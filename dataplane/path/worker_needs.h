// SPDX-License-Identifier: Apache-2.0
// How much memory the packet path keeps for one worker: host/memory_plan.h plans with it.
#pragma once

#include "dataplane/host/boot_plan.h"
#include "dataplane/host/memory_plan.h"

namespace vipfwd::path {

host::WorkerNeeds worker_needs(const host::BootPlan& plan);

}  // namespace vipfwd::path
