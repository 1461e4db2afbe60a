// SPDX-License-Identifier: Apache-2.0
// HMAC-SHA256 (RFC 2104, FIPS 180-4), by libcrypto.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

struct evp_mac_ctx_st;  // libcrypto's

namespace vipfwd::abi {

// A secret as HMAC takes it: as long as a block of SHA-256, whatever it was made of.
struct HmacKey {
    std::array<std::uint8_t, 64> block{};

    friend bool operator==(const HmacKey&, const HmacKey&) = default;
};

using Mac = std::array<std::uint8_t, 32>;

// Of a secret of any length: filled up with zeros, or hashed if it is longer than a block (RFC 2104
// §2). Nothing if libcrypto makes no MACs with it.
std::optional<HmacKey> hmac_key(std::span<const std::uint8_t> secret);

// In constant time.
bool same(const Mac& a, const Mac& b);

// Makes one MAC after the other. It waits for nobody, and allocates no more than libcrypto does: a
// few small pieces, freed at once.
class Hmac {
  public:
    Hmac();
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;
    ~Hmac();

    // Over `parts`, one behind the other. Nothing if libcrypto refuses.
    std::optional<Mac> of(const HmacKey& key,
                          std::initializer_list<std::span<const std::uint8_t>> parts);

  private:
    bool begin(const HmacKey& key);

    evp_mac_ctx_st* context_;     // null: libcrypto has no HMAC
    std::optional<HmacKey> key_;  // that the context is ready for
};

}  // namespace vipfwd::abi
