// SPDX-License-Identifier: Apache-2.0
// Runs a program of the operator's, whose exit status says whether the backend works.
#pragma once

#include <cstdint>

#include "control/health/probe.h"
#include "control/health/target.h"
#include "control/loop/child.h"
#include "control/loop/loop.h"

namespace vipfwd::health {

class ScriptProbe : public Probe {
  public:
    // Starts at once. `target` must outlive the probe.
    ScriptProbe(Loop& loop, const Target& target, OnProbed on_probed);

  private:
    void on_end(const ChildEnd& end);

    OnProbed on_probed_;
    std::int64_t deadline_ns_;
    Child child_;
};

}  // namespace vipfwd::health
