// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/cpu.h"

namespace vipfwd::io {

const char* missing_cpu_feature() {
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2"))
        return "AVX2";
#endif
#ifdef __BMI2__
    if (!__builtin_cpu_supports("bmi2"))
        return "BMI2";
#endif
    return nullptr;
}

}  // namespace vipfwd::io
