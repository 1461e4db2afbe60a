// SPDX-License-Identifier: Apache-2.0
#include "control/config/check_password.h"

#include <utility>

#include "control/config/secret.h"
#include "control/text/quote.h"

namespace vipfwd::config {

void read_check_passwords(Draft& draft, const std::string& config_path, Report& report) {
    for (PoolDraft& pool : draft.pools) {
        const Location where = pool.at.check_password_file;
        if (!where.is_set())
            continue;
        Check& check = pool.pool.check;
        auto password =
            read_secret_file("password_file", check.password_file, where, config_path, report);
        if (!password)
            continue;
        if (password->ends_with('\n'))
            password->pop_back();
        if (password->empty() || password->find_first_of("\n\r") != std::string::npos)
            report.error(where, "password_file {} should have one line, the password",
                         text::quote(secret_path(check.password_file, config_path)));
        check.password = std::move(*password);
    }
}

}  // namespace vipfwd::config
