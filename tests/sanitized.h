// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace vipfwd::test {

// Under sanitizers, which look for memory errors, a few of many random runs are enough.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace vipfwd::test
