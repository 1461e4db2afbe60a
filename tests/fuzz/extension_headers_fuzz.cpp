// SPDX-License-Identifier: Apache-2.0
// Fuzzes the walk over IPv6 extension headers, then the pipeline with the same bytes behind a
// correct IPv6 header.
#include "dataplane/packet/extension_headers.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    static fuzz::Gateway gateway;
    fuzz::Input input(data, size);
    const auto first_header = input.take<std::uint8_t>();
    const std::vector<std::uint8_t> bytes = input.take_bytes(1400);
    const packet::ExtensionChain chain = packet::walk_extension_headers(bytes, first_header);
    if (chain.is_good) {
        fuzz::require(chain.offset <= bytes.size(), "a chain ends within its packet");
        fuzz::require(chain.offset <= packet::kMaxExtensionBytes, "a chain is limited");
        fuzz::require(!chain.is_fragment || chain.fragment_end <= chain.offset,
                      "a fragment header is part of the chain");
    }
    if (bytes.empty())
        return 0;
    packet::sample::Spec spec = packet::sample::spec6();
    spec.extensions = bytes;
    spec.first_header = first_header;
    spec.protocol = 0;
    gateway.pass_time(packet::kFragmentTimeout_ms);
    gateway.send({packet::sample::ipv6(spec)}, 128);
    return 0;
}
