// SPDX-License-Identifier: Apache-2.0
// The map of check.bpf.c that says how each health check's packets are encapsulated, in this
// process's memory: changes are seen by the program at once, without a system call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "dataplane/abi/result.h"
#include "dataplane/bpf/check_paths.h"

namespace vipfwd::net {

class CheckMap {
  public:
    // `map` is the descriptor of the map; it may be closed after that.
    static Result<std::shared_ptr<CheckMap>> open(int map);
    ~CheckMap();
    CheckMap(const CheckMap&) = delete;
    CheckMap& operator=(const CheckMap&) = delete;

    static std::uint32_t mark(std::uint32_t index) { return CHECK_MARK + index; }

    // Any one thread at a time. `index` is less than CHECK_MAX_PATHS. Resets `packets`.
    void set(std::uint32_t index, const check_path& path);
    void clear(std::uint32_t index);
    // How many packets with the mark were sent on since set().
    std::uint64_t packets(std::uint32_t index) const;

  private:
    explicit CheckMap(check_path* paths) : paths_(paths) {}

    check_path* paths_;
};

}  // namespace vipfwd::net
