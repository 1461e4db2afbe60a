// SPDX-License-Identifier: Apache-2.0
// Calibrates the clock of a CPU while another program is measured there: answers each line of
// standard input with the number of TSC cycles in one clock cycle.
//
//   bench_clock CPU
#include <sched.h>

#include <cstdio>
#include <cstdlib>

#include "tests/bench/clock.h"

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: bench_clock CPU\n");
        return 2;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(std::strtoul(arguments[1], nullptr, 10), &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        std::perror("bench_clock: sched_setaffinity");
        return 1;
    }
    for (int c = 0; (c = std::getchar()) != EOF;) {
        if (c == '\n') {
            std::printf("%.6f\n", vipfwd::bench::tsc_per_clock_cycle());
            std::fflush(stdout);
        }
    }
    return 0;
}
