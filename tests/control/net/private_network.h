// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/dataplane/bpf/private_network.h"

namespace vipfwd::net {

using test::PrivateNetwork;

}  // namespace vipfwd::net
