// SPDX-License-Identifier: Apache-2.0
// The names of all things of one kind, and the references to them.
#pragma once

#include <string_view>
#include <vector>

#include "control/config/first_use.h"
#include "control/config/report.h"

namespace vipfwd::config {

class Names {
  public:
    // `kind` as in "two ports ..."; it and all names must outlive this.
    Names(std::string_view kind, Report& report) : kind_(kind), report_(&report) {}

    // Takes up a name that stands at `where`; reports one that is taken.
    void define(std::string_view name, Location where);

    // Reports a reference at `where` to a name that is not defined.
    void refer(std::string_view name, Location where);

  private:
    std::string_view kind_;
    Report* report_;
    FirstUse<std::string_view> places_;
    std::vector<std::string_view> names_;
    int suggestions_left_ = 100;  // each costs a walk over all names
};

}  // namespace vipfwd::config
