#include "syscalls/errno_names.h"

#include <gtest/gtest.h>
#include <string.h>

namespace {

TEST(ErrnoName, AgreesWithLibc) {
  int named = 0;
  for (int number = 1; number < 200; ++number) {
    const char* name = sys::errno_name({number});
    if (name == nullptr) continue;
    EXPECT_STREQ(name, strerrorname_np(number)) << number;
    ++named;
  }
  EXPECT_EQ(named, 45);
}

TEST(ErrnoName, KnowsTheErrorsThatTheStubMayGet) {
  for (const int number :
       {EPERM, ENOENT, EINTR, EAGAIN, ENOMEM, EACCES, EINVAL, EMFILE, ENOSPC, EROFS, EPIPE, ENOSYS,
        ELOOP, EUSERS, EOPNOTSUPP, EAFNOSUPPORT, ECANCELED}) {
    EXPECT_NE(sys::errno_name({number}), nullptr) << number;
  }
}

TEST(ErrnoName, HasNoNameForNumbersThatAreNotErrors) {
  EXPECT_EQ(sys::errno_name({0}), nullptr);
  EXPECT_EQ(sys::errno_name({4000}), nullptr);
}

}  // namespace
