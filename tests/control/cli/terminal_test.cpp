// SPDX-License-Identifier: Apache-2.0
#include "control/cli/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "control/cli/table.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::cli {
namespace {

TEST(LineWidth, IsThatOfTheTerminal) {
    const abi::Fd master(posix_openpt(O_RDWR | O_NOCTTY));
    ASSERT_GE(master.get(), 0);
    ASSERT_EQ(grantpt(master.get()), 0);
    ASSERT_EQ(unlockpt(master.get()), 0);
    const abi::Fd terminal(open(ptsname(master.get()), O_RDWR | O_NOCTTY));
    ASSERT_GE(terminal.get(), 0);
    EXPECT_EQ(line_width(terminal.get()), 80u) << "of unknown size";
    const auto resize = [&](unsigned short columns) {
        const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        ASSERT_EQ(ioctl(terminal.get(), TIOCSWINSZ, &size), 0);
    };
    resize(132);
    EXPECT_EQ(line_width(terminal.get()), 132u);
    resize(7);
    EXPECT_EQ(line_width(terminal.get()), 40u);
}

TEST(LineWidth, IsUnlimitedInFilesAndPipes) {
    const abi::Fd file(open("/dev/null", O_WRONLY));
    EXPECT_EQ(line_width(file.get()), kUnlimited);
    EXPECT_EQ(line_width(-1), kUnlimited);
}

}  // namespace
}  // namespace vipfwd::cli
