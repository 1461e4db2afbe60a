// SPDX-License-Identifier: Apache-2.0
// Compiled once a test program instead of once a test: most of a test's compile time.
#include <gtest/gtest.h>
