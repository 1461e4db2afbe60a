// SPDX-License-Identifier: Apache-2.0
// A network namespace for the test, with only a loopback interface.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

#include "dataplane/abi/handover.h"

namespace vipfwd::test {

// While the object exists, this thread is in the namespace.
class PrivateNetwork {
  public:
    PrivateNetwork() : before_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
        EXPECT_TRUE(before_) << std::strerror(errno);
        EXPECT_EQ(unshare(CLONE_NEWNET), 0) << std::strerror(errno);
    }
    PrivateNetwork(const PrivateNetwork&) = delete;
    PrivateNetwork& operator=(const PrivateNetwork&) = delete;
    ~PrivateNetwork() { EXPECT_EQ(setns(before_.get(), CLONE_NEWNET), 0) << std::strerror(errno); }

  private:
    abi::Fd before_;
};

}  // namespace vipfwd::test
