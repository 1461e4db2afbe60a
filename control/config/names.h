// SPDX-License-Identifier: Apache-2.0
// The names of all things of one kind: reports duplicate names, and references to unknown names.
#pragma once

#include <string_view>
#include <vector>

#include "control/config/first_use.h"
#include "control/config/report.h"

namespace vipfwd::config {

class Names {
  public:
    // `kind` is used in messages: "two ports ...". It and all names must outlive this object.
    Names(std::string_view kind, Report& report) : kind_(kind), report_(&report) {}

    // Adds the name at `where`; reports it if it is taken.
    void define(std::string_view name, Location where);

    // Reports a reference at `where` to a name that is not defined.
    void refer(std::string_view name, Location where);

  private:
    std::string_view kind_;
    Report* report_;
    FirstUse<std::string_view> places_;
    std::vector<std::string_view> names_;
    int suggestions_left_ = 100;  // each compares all names: bounded for hostile files
};

}  // namespace vipfwd::config
