// SPDX-License-Identifier: Apache-2.0
// A flow as people write it: protocol, addresses, ports.
#pragma once

#include <string>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

struct FlowArgument {
    std::string protocol;  // "tcp" or "udp"
    std::string source;
    std::string source_port;
    std::string destination;
    std::string destination_port;
};

// An error names the first word that cannot be, and says what could.
Result<abi::FlowKey> parse_flow(const FlowArgument& written);

}  // namespace vipfwd::api
