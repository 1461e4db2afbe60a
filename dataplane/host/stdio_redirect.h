// SPDX-License-Identifier: Apache-2.0
// DPDK and its libraries print errors to stdout and stderr. While a StdioRedirect exists, their
// output goes into a buffer instead, from which an error of ours can quote the cause.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "dataplane/abi/handover.h"

namespace vipfwd::host {

class StdioRedirect {
  public:
    StdioRedirect();
    StdioRedirect(const StdioRedirect&) = delete;
    StdioRedirect& operator=(const StdioRedirect&) = delete;
    ~StdioRedirect();

    // What was printed so far.
    std::string text() const;

  private:
    abi::Fd buffer_;
    std::array<abi::Fd, 2> kept_;  // the original stdout and stderr
};

// The most useful line of the output of a failed call, without its prefix: the kernel's message,
// else the last line that is not generic. Empty if there is none.
std::string failure_cause(std::string_view printed);

}  // namespace vipfwd::host
