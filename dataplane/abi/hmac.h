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

// A secret, padded or hashed to the length of a block of SHA-256.
struct HmacKey {
    std::array<std::uint8_t, 64> block{};

    friend bool operator==(const HmacKey&, const HmacKey&) = default;
};

using Mac = std::array<std::uint8_t, 32>;

// Makes a key of a secret of any length: pads it with zeros, or hashes it if it is longer than a
// block (RFC 2104 §2). nullopt if libcrypto cannot make MACs with it.
std::optional<HmacKey> hmac_key(std::span<const std::uint8_t> secret);

// Compares in constant time.
bool same(const Mac& a, const Mac& b);

// Computes MACs. Does not block. libcrypto allocates a few small objects and frees them at once.
class Hmac {
  public:
    Hmac();
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;
    ~Hmac();

    // The MAC of the concatenated `parts`. nullopt if libcrypto fails.
    std::optional<Mac> of(const HmacKey& key,
                          std::initializer_list<std::span<const std::uint8_t>> parts);

  private:
    bool begin(const HmacKey& key);

    evp_mac_ctx_st* context_;     // null: libcrypto has no HMAC
    std::optional<HmacKey> key_;  // that the context is initialised with
};

}  // namespace vipfwd::abi
