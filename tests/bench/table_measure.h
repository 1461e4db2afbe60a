// SPDX-License-Identifier: Apache-2.0
// Times, what to compare them with, and the lines that table_bench prints.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"

namespace vipfwd::bench {

using Clock = std::chrono::steady_clock;

// How much of everything is measured.
struct Effort {
    bool quick = false;

    std::size_t rounds(std::size_t full) const { return quick ? (full + 4) / 5 : full; }
};

class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    // The value that `share` of all are below; 0.5: the median. Requires samples.
    double quantile(double share) const {
        std::vector<double> sorted = values_;
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                         sorted.end());
        return sorted[rank];
    }

  private:
    std::vector<double> values_;
};

inline double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

template <typename Work>
double us_of(Work&& work) {
    const Clock::time_point start = Clock::now();
    work();
    return us_since(start);
}

inline void must(const Result<void>& result) {
    if (!result)
        throw std::runtime_error(result.error().message);
}

template <typename Value>
Value must(Result<Value> result) {
    if (!result)
        throw std::runtime_error(result.error().message);
    return std::move(*result);
}

// One result: a JSON object in a line of its own.
class Line {
  public:
    Line(const std::string& name, const std::string& unit) {
        line_["case"] = name;
        line_["unit"] = unit;
    }
    Line& value(double value) {
        line_["value"] = value;
        return *this;
    }
    Line& samples(const Samples& samples) {
        line_["p5"] = samples.quantile(0.05);
        return value(samples.quantile(0.5));
    }
    // Requires the value.
    Line& reference(const std::string& name, double value) {
        line_["reference"] = name;
        line_["reference_value"] = value;
        line_["ratio"] = line_["value"].get<double>() / value;
        return *this;
    }
    void print() const {
        std::puts(line_.dump().c_str());
        std::fflush(stdout);
    }

  private:
    nlohmann::ordered_json line_;
};

}  // namespace vipfwd::bench
