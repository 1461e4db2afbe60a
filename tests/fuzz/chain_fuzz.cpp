// SPDX-License-Identifier: Apache-2.0
// Fuzzes the whole pipeline with frames in chains of buffers, up to the longest that a capture can
// have: the first buffer has any bytes, and any length.
//
// Input: a byte of settings; then frames, each the length of its first buffer (16 bits), that of
// the others (32 bits) and the bytes of the first one.
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

namespace vipfwd::fuzz {
namespace {

constexpr std::uint32_t kMaxFirstBytes = 2048;
constexpr std::uint32_t kMaxFrameBytes = 262'144;

}  // namespace
}  // namespace vipfwd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    static fuzz::Gateway gateway;
    fuzz::Input input(data, size);
    const auto settings = input.take<std::uint8_t>();
    gateway.world().port().mtu = (settings & 1) != 0 ? 65535 : 1500;
    gateway.pass_time(packet::kFragmentTimeout_ms);
    std::vector<std::vector<std::uint8_t>> frames;
    std::vector<std::uint32_t> further;
    while (!input.empty() && frames.size() < packet::kBurstSize) {
        const auto first = input.take<std::uint16_t>() % fuzz::kMaxFirstBytes;
        further.push_back(input.take<std::uint32_t>() % (fuzz::kMaxFrameBytes - first));
        frames.push_back(input.take_bytes(first));
    }
    gateway.send(frames, (settings & 2) != 0 ? 24 : 128, false, further);
    gateway.send(frames, 128, true, further);
    return 0;
}
