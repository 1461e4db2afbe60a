// SPDX-License-Identifier: Apache-2.0
// Which backend serves in pools with mode = "first".
#pragma once

#include <functional>
#include <map>
#include <string>

#include "dataplane/abi/address.h"

namespace vipfwd::table {

using PoolWriters = std::map<std::string, IpAddress, std::less<>>;  // by the pool's name

}  // namespace vipfwd::table
