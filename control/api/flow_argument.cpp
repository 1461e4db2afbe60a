// SPDX-License-Identifier: Apache-2.0
#include "control/api/flow_argument.h"

#include <optional>

#include "control/api/arguments.h"
#include "control/config/choice.h"
#include "control/text/number.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

Error no_address(const std::string& written) {
    return Error{text::quote(written) + " is not an IPv4 or IPv6 address"};
}

Error no_port(const std::string& written) {
    return Error{text::quote(written) + " is not a port; use a number from 0 to 65535"};
}

}  // namespace

Result<abi::FlowKey> parse_flow(const FlowArgument& written) {
    const Result<abi::Protocol> protocol = config::parse_protocol(written.protocol);
    if (!protocol)
        return protocol.error();
    const std::optional<IpAddress> source = parse_ip(written.source);
    if (!source)
        return no_address(written.source);
    const auto source_port = text::parse_number<std::uint16_t>(written.source_port);
    if (!source_port)
        return no_port(written.source_port);
    const std::optional<IpAddress> destination = parse_ip(written.destination);
    if (!destination)
        return no_address(written.destination);
    const auto destination_port = text::parse_number<std::uint16_t>(written.destination_port);
    if (!destination_port)
        return no_port(written.destination_port);
    if (source->is_v4() != destination->is_v4())
        return Error{"source and destination are not of the same family"};
    return abi::FlowKey{.source = *source,
                        .destination = *destination,
                        .source_port = Be16::from_host(*source_port),
                        .destination_port = Be16::from_host(*destination_port),
                        .protocol = static_cast<std::uint8_t>(*protocol)};
}

}  // namespace vipfwd::api
