// SPDX-License-Identifier: Apache-2.0
// Keeps what operators have chosen for backends over a reboot, in a file of the state directory.
#pragma once

#include <memory>
#include <string>

#include "control/health/admin.h"
#include "control/loop/background.h"

namespace vipfwd::gateway {

class ChoiceFile {
  public:
    // Without a directory nothing is kept.
    explicit ChoiceFile(const std::string& directory)
        : path_(directory.empty() ? "" : directory + "/backends.json") {}

    // What was chosen before; nothing if there is no file. One that cannot be read is logged, and
    // replaced by the next save().
    health::AdminChoices load() const;

    // Writes the choices on the thread of `background`, which must end before this object.
    void save(Background& background, std::shared_ptr<const health::AdminChoices> choices) const;

  private:
    std::string path_;  // empty: there is none
};

}  // namespace vipfwd::gateway
