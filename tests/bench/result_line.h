// SPDX-License-Identifier: Apache-2.0
// The results of benchmarks, and the lines that report them.
#pragma once

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace vipfwd::bench {

class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    // The quantile; 0.5: the median. Requires samples.
    double quantile(double share) const {
        std::vector<double> sorted = values_;
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
        std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                         sorted.end());
        return sorted[rank];
    }
    double p5() const { return quantile(0.05); }
    double median() const { return quantile(0.5); }

  private:
    std::vector<double> values_;
};

// One result, as scripts/bench reads it: one line with a JSON object.
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
    Line& p5(double value) {
        line_["p5"] = value;
        return *this;
    }
    Line& samples(const Samples& samples) { return p5(samples.p5()).value(samples.median()); }
    Line& reference(const std::string& name, const Samples& samples) {
        return reference(name, samples.median());
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
