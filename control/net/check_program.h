// SPDX-License-Identifier: Apache-2.0
// check.bpf.c on the egress of an interface, as a tc filter: loaded once, attached again whenever
// somebody has removed it. It stays attached when this process dies; a successor replaces it.
#pragma once

#include <cstdint>
#include <memory>

#include "control/net/check_map.h"
#include "dataplane/abi/result.h"

struct check_bpf;

namespace vipfwd::net {

class CheckProgram {
  public:
    // An error if the kernel or this process's capabilities do not allow it.
    static Result<CheckProgram> load();

    const std::shared_ptr<CheckMap>& map() const { return map_; }

    // Attaches the program unless it is attached, in place of a former process's. Returns whether
    // it did. `interface` is its number.
    Result<bool> attach(int interface) const;

  private:
    struct Destroy {
        void operator()(check_bpf* program) const;
    };
    using Loaded = std::unique_ptr<check_bpf, Destroy>;

    CheckProgram(Loaded loaded, std::shared_ptr<CheckMap> map);

    Loaded loaded_;
    std::shared_ptr<CheckMap> map_;
    std::uint32_t id_ = 0;
};

// Removes the program from the interface, whoever has attached it, and the clsact qdisc if
// attach() has created that.
void detach_check_program(int interface);

}  // namespace vipfwd::net
