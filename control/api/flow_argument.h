// SPDX-License-Identifier: Apache-2.0
// Parses a flow from the arguments of `lookup`.
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

// The error names the first argument that is invalid, and says what is expected.
Result<abi::FlowKey> parse_flow(const FlowArgument& written);

}  // namespace vipfwd::api
