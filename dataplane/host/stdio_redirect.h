// SPDX-License-Identifier: Apache-2.0
// Libraries below print where and what they like. While one of these lives, that goes into a buffer
// instead of to stdout and stderr, and an error can quote what matters of it.
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

    // All that was printed so far.
    std::string text() const;

  private:
    abi::Fd buffer_;
    std::array<abi::Fd, 2> kept_;  // what stdout and stderr were
};

// The line that says most about a failure, without its prefix: what the kernel said, else the last
// line but the generic ones. Empty if there is none.
std::string failure_cause(std::string_view printed);

}  // namespace vipfwd::host
