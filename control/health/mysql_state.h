// SPDX-License-Identifier: Apache-2.0
// Whether a MariaDB or MySQL server that answers queries should get connections: what its variables
// say. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "control/config/model.h"

namespace vipfwd::health {

// Asked for one after the other; both answer with rows of a name and a value. Unlike SELECT @@name,
// they do not fail where a variable does not exist, or where Galera rejects all queries.
inline constexpr std::array<std::string_view, 2> kMysqlQueries = {
    "SHOW GLOBAL STATUS WHERE Variable_name IN"
    " ('wsrep_local_state','wsrep_ready','wsrep_cluster_status')",
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on','wsrep_reject_queries','read_only')",
};

class MysqlState {
  public:
    // Variables that are not known are ignored.
    void set(std::string_view name, std::string_view value);

    // Why the server should get no connections; empty: it should. Without Galera only read_only
    // counts.
    std::string find_fault(const config::Check& check) const;

  private:
    std::string find_galera_fault(const config::Check& check) const;

    // Empty: absent.
    std::string local_state_, ready_, cluster_status_, on_, reject_queries_, read_only_;
};

}  // namespace vipfwd::health
