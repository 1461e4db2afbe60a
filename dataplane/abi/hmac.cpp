// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <utility>

namespace vipfwd::abi {

std::optional<HmacKey> hmac_key(std::span<const std::uint8_t> secret) {
    HmacKey key;
    if (secret.size() <= key.block.size())
        std::ranges::copy(secret, key.block.begin());
    else if (EVP_Digest(secret.data(), secret.size(), key.block.data(), nullptr, EVP_sha256(),
                        nullptr) != 1)
        return std::nullopt;
    return Hmac().of(key, {}) ? std::optional(key) : std::nullopt;
}

bool same(const Mac& a, const Mac& b) {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Hmac::Hmac() {
    EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context_ = algorithm != nullptr ? EVP_MAC_CTX_new(algorithm) : nullptr;
    EVP_MAC_free(algorithm);
}

Hmac::~Hmac() {
    EVP_MAC_CTX_free(context_);
    if (key_)
        OPENSSL_cleanse(key_->block.data(), key_->block.size());
}

std::optional<Mac> Hmac::of(const HmacKey& key,
                            std::initializer_list<std::span<const std::uint8_t>> parts) {
    if (context_ == nullptr || !begin(key))
        return std::nullopt;
    for (const std::span<const std::uint8_t> part : parts) {
        if (EVP_MAC_update(context_, part.data(), part.size()) != 1)
            return std::nullopt;
    }
    Mac mac;
    std::size_t bytes = 0;
    if (EVP_MAC_final(context_, mac.data(), &bytes, mac.size()) != 1 || bytes != mac.size())
        return std::nullopt;
    return mac;
}

// libcrypto keeps the state after hashing the padded key: with the same key, half of the work is
// done already.
bool Hmac::begin(const HmacKey& key) {
    if (key_ == key)
        return EVP_MAC_init(context_, nullptr, 0, nullptr) == 1;
    key_.reset();
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (EVP_MAC_init(context_, key.block.data(), key.block.size(), parameters) != 1)
        return false;
    key_ = key;
    return true;
}

}  // namespace vipfwd::abi
