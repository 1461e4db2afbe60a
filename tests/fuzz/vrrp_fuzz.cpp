// SPDX-License-Identifier: Apache-2.0
// Fuzzes VRRP adverts: the input is the family, steps to apply to an IP payload, and the payload.
// An accepted advert must be encoded as it was decoded, except for a trailer; and it must be
// authentic if and only if it was signed.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "control/vrrp/advert.h"
#include "control/vrrp/authenticate.h"
#include "dataplane/abi/internet_checksum.h"
#include "dataplane/abi/tables.h"
#include "tests/fuzz/bytes.h"

namespace vipfwd::fuzz {
namespace {

enum : std::uint8_t { kMendChecksum = 1, kSign = 2, kForge = 4 };

constexpr std::int64_t kWall_ns = 1'800'000'000'000'000'000;
constexpr abi::HmacKey kKey{{1, 2, 3}};

struct Addresses {
    IpAddress source;
    IpAddress destination;
};

Addresses addresses(bool v4) {
    if (v4)
        return {IpAddress::from_v4(Be32::from_host(0x0a000001)),
                IpAddress::from_v4(Be32::from_host(0xe0000012))};
    return {{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
            {{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}}};
}

void mend_checksum(std::vector<std::uint8_t>& bytes, bool v4, const Addresses& of) {
    if (bytes.size() < abi::kVrrpChecksumOffset + 2)
        return;
    std::memset(bytes.data() + abi::kVrrpChecksumOffset, 0, 2);
    std::uint64_t sum = add_to_sum(bytes);
    if (!v4)
        sum += ipv6_pseudo_sum(of.source, of.destination, static_cast<std::uint32_t>(bytes.size()),
                               vrrp::kIpProtocol);
    const auto checksum = static_cast<std::uint16_t>(~fold_sum(sum));
    std::memcpy(bytes.data() + abi::kVrrpChecksumOffset, &checksum, sizeof checksum);
}

void sign(std::vector<std::uint8_t>& bytes, const Addresses& of) {
    bytes.resize(bytes.size() + abi::kAuthTrailerBytes);
    if (!abi::AdvertSigner().sign(bytes, of.source, of.destination, kKey, kWall_ns))
        std::abort();
}

bool is_authentic(std::span<const std::uint8_t> bytes, const Addresses& of) {
    abi::ReceivedSequence heard[2];
    abi::AdvertSigner signer;
    return !vrrp::authenticate(bytes, of.source, of.destination, "edge", kKey, signer,
                               vrrp::ReceivedSequences(heard), kWall_ns)
                .discard;
}

void try_advert(std::span<const std::uint8_t> bytes, const Addresses& of, bool is_signed) {
    using namespace vrrp;
    const auto decoded = decode(bytes, of.source, of.destination, kTtl);
    if (const auto* discard = std::get_if<Discard>(&decoded)) {
        if (name(*discard).empty())
            std::abort();
        return;
    }
    const auto& advert = std::get<Advert>(decoded);
    if (is_authentic(bytes, of) != is_signed)
        std::abort();
    if (has_trailer(bytes, of.source.is_v4()))
        bytes = bytes.first(bytes.size() - abi::kAuthTrailerBytes);
    for (const ChecksumForm form : {ChecksumForm::kWithPseudoHeader, ChecksumForm::kWithout}) {
        const auto written = encode(advert, of.source, of.destination, form);
        if (written.size() != bytes.size() ||
            decode(written, of.source, of.destination, kTtl) != decoded)
            std::abort();
    }
}

}  // namespace
}  // namespace vipfwd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd::fuzz;
    Input input(data, size);
    const bool v4 = (input.take<std::uint8_t>() & 1) != 0;
    const auto steps = input.take<std::uint8_t>();
    std::vector<std::uint8_t> bytes = input.take_all();
    const Addresses of = addresses(v4);
    if ((steps & kMendChecksum) != 0)
        mend_checksum(bytes, v4, of);
    if ((steps & kSign) != 0)
        sign(bytes, of);
    if ((steps & kForge) != 0 && !bytes.empty())
        bytes.back() ^= 1;
    const std::vector<std::uint8_t> exact(bytes);
    try_advert(exact, of, (steps & (kSign | kForge)) == kSign);
    return 0;
}
