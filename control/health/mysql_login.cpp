// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_login.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

namespace vipfwd::health {
namespace {

constexpr std::size_t kSha1Bytes = 20;

// Empty: libcrypto refuses.
std::string sha1(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
        return "";
    return {reinterpret_cast<const char*>(digest.data()), kSha1Bytes};
}

}  // namespace

// SHA1(password) XOR SHA1(challenge + SHA1(SHA1(password))): the server knows the last term.
std::optional<std::string> prove_mysql_password(std::string_view password,
                                                std::string_view challenge) {
    if (password.empty())
        return "";
    std::string proof = sha1(password);
    const std::string mask = sha1(std::string(challenge) + sha1(proof));
    if (proof.empty() || mask.empty())
        return std::nullopt;
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] = static_cast<char>(proof[i] ^ mask[i]);
    return proof;
}

}  // namespace vipfwd::health
