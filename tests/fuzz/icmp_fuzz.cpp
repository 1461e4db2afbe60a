// SPDX-License-Identifier: Apache-2.0
// Fuzzes what ICMP errors quote: the input is type, code and quoted bytes of a message behind
// correct IP headers.
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    static fuzz::Gateway gateway;
    fuzz::Input input(data, size);
    const bool v4 = (input.take<std::uint8_t>() & 1) != 0;
    const std::vector<std::uint8_t> message = input.take_bytes(1400);
    packet::sample::Spec spec = v4 ? packet::sample::Spec{} : packet::sample::spec6();
    spec.protocol = v4 ? packet::kIpProtocolIcmp : packet::kIpProtocolIcmpv6;
    spec.payload = message.size();
    std::vector<std::uint8_t> frame = v4 ? packet::sample::ipv4(spec) : packet::sample::ipv6(spec);
    std::copy(message.begin(), message.end(), frame.end() - static_cast<long>(message.size()));
    gateway.send({frame}, 128);
    return 0;
}
