// SPDX-License-Identifier: Apache-2.0
// The proof that mysql_native_password wants: knowledge of the password, without telling it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vipfwd::health {

// What answers the server's `challenge`; empty for an empty password. nullopt: libcrypto has no
// SHA-1.
std::optional<std::string> prove_mysql_password(std::string_view password,
                                                std::string_view challenge);

}  // namespace vipfwd::health
