#include "stub/environment.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/auxv.h>

#include <string>
#include <vector>

namespace {

// An initial stack as the kernel lays it out.
class Stack {
 public:
  Stack(const std::vector<const char*>& arguments, const std::vector<const char*>& environment,
        unsigned long secure = 0) {
    words_.push_back(arguments.size());
    for (const char* argument : arguments) push(argument);
    push(nullptr);
    for (const char* variable : environment) push(variable);
    push(nullptr);
    for (const unsigned long word :
         {(unsigned long)AT_PAGESZ, 4096UL, (unsigned long)AT_SECURE, secure, 0UL, 0UL}) {
      words_.push_back(word);
    }
  }
  // Behind the environment, which ends before the six words of the auxiliary vector.
  void add_nulls(size_t count) { words_.insert(words_.end() - 6, count, 0UL); }
  void replace_argc(unsigned long word) { words_[0] = word; }
  [[nodiscard]] stub::InitialStack view() const { return stub::InitialStack(words_.data()); }
  [[nodiscard]] stub::Environment environment() const { return stub::read_environment(view()); }

 private:
  void push(const char* pointer) { words_.push_back(reinterpret_cast<unsigned long>(pointer)); }
  std::vector<unsigned long> words_;
};

TEST(InitialStack, IsReadAsTheKernelWritesIt) {
  const Stack stack({"prog", "init"}, {"A=1", "B=", "AB=2", "A=3"});
  const stub::InitialStack view = stack.view();
  EXPECT_EQ(2U, view.argc());
  EXPECT_STREQ("init", view.argv()[1]);
  EXPECT_EQ(nullptr, view.argv()[2]);
  EXPECT_STREQ("A=1", view.environment()[0]);
  EXPECT_EQ(4096U, view.auxiliary_value(AT_PAGESZ));
  EXPECT_EQ(0U, view.auxiliary_value(AT_HWCAP));
  EXPECT_STREQ("1", view.variable("A")) << "the first variable of that name, like getenv";
  EXPECT_STREQ("", view.variable("B"));
  EXPECT_NE(nullptr, view.find_variable("B"));
  EXPECT_STREQ("2", view.variable("AB"));
  EXPECT_STREQ("2", view.variable("B", "A")) << "the name in two parts";
  EXPECT_EQ(nullptr, view.find_variable("", "AA"));
  EXPECT_EQ(nullptr, view.find_variable("C"));
}

TEST(InitialStack, MayHaveNoArgumentsAndNoEnvironment) {
  const Stack stack({}, {});
  EXPECT_EQ(0U, stack.view().argc());
  EXPECT_EQ(nullptr, stack.view().find_variable("A"));
  EXPECT_EQ(4096U, stack.view().auxiliary_value(AT_PAGESZ));
  EXPECT_FALSE(stub::is_init_process(stack.view()));
}

// With a static glibc on ARM it is an address by the time that constructors run.
TEST(InitialStack, TheWordOfArgcMayHoldAnything) {
  const unsigned long addresses = reinterpret_cast<unsigned long>(&errno);
  for (const unsigned long word : {0UL, 1UL, addresses, ~0UL}) {
    Stack stack({"prog", "init"}, {"A=1"});
    stack.replace_argc(word);
    EXPECT_EQ(2U, stack.view().argc());
    EXPECT_STREQ("1", stack.view().variable("A"));
    EXPECT_EQ(4096U, stack.view().auxiliary_value(AT_PAGESZ));
  }
}

// In a set-user-ID program glibc removes LD_PRELOAD and the like by moving the other variables up.
TEST(InitialStack, TheEnvironmentMayEndInSeveralNulls) {
  for (const unsigned long secure : {0UL, 1UL}) {
    for (size_t removed = 0; removed < 4; ++removed) {
      Stack stack({"prog", "init"}, {"_LIBCONTAINER_INITPIPE=3"}, secure);
      stack.add_nulls(removed);
      EXPECT_EQ(4096U, stack.view().auxiliary_value(AT_PAGESZ)) << removed;
      EXPECT_EQ(secure, stack.view().auxiliary_value(AT_SECURE)) << removed;
      EXPECT_EQ(secure == 0, stub::is_init_process(stack.view())) << removed;
    }
  }
}

TEST(Environment, IsOfAnInitProcessIfTheInitPipeIsSet) {
  EXPECT_TRUE(stub::is_init_process(Stack({"p"}, {"_LIBCONTAINER_INITPIPE=3"}).view()));
  EXPECT_TRUE(stub::is_init_process(Stack({"p"}, {"_LIBCONTAINER_INITPIPE=x"}).view()));
  EXPECT_FALSE(stub::is_init_process(Stack({"p"}, {"_LIBCONTAINER_INITPIPE="}).view()));
  EXPECT_FALSE(stub::is_init_process(Stack({"p"}, {"_LIBCONTAINER_INITPIPEX=3"}).view()));
  EXPECT_FALSE(stub::is_init_process(Stack({"p"}, {"_LIBCONTAINER_INITPIP=3"}).view()));
}

TEST(Environment, HasDefaults) {
  const auto environment = Stack({"p"}, {"_LIBCONTAINER_INITPIPE=7"}).environment();
  EXPECT_EQ(7, environment.init_pipe);
  EXPECT_EQ(-1, environment.log_pipe);
  EXPECT_EQ(5, environment.log_level);
  EXPECT_STREQ("/tmp", environment.state_directory);
  EXPECT_FALSE(environment.cloned_binary);
  EXPECT_EQ(nullptr, environment.malformed);
}

TEST(Environment, TreatsEmptyVariablesAsUnset) {
  const auto environment =
      Stack({"p"}, {"_LIBCONTAINER_INITPIPE=7",
                    "_LIBCONTAINER_LOGPIPE=", "_LIBCONTAINER_LOGLEVEL=", "_LIBCONTAINER_STATEDIR="})
          .environment();
  EXPECT_EQ(-1, environment.log_pipe);
  EXPECT_EQ(5, environment.log_level);
  EXPECT_STREQ("/tmp", environment.state_directory);
  EXPECT_EQ(nullptr, environment.malformed);
}

TEST(Environment, RefusesMalformedNumbers) {
  for (const char* name :
       {"_LIBCONTAINER_INITPIPE", "_LIBCONTAINER_LOGPIPE", "_LIBCONTAINER_LOGLEVEL"}) {
    for (const char* value : {"x", "-1", "3x", " 3", "2147483648", "0x3", "+3"}) {
      const std::string variable = std::string(name) + "=" + value;
      const auto environment = Stack({"p"}, {variable.c_str()}).environment();
      ASSERT_NE(nullptr, environment.malformed) << variable;
      EXPECT_EQ(variable, environment.malformed);
    }
  }
}

TEST(Environment, TakesTheStateDirectoryOnlyIfItIsAbsoluteAndAtSecureIsNotSet) {
  EXPECT_STREQ("/run/x",
               Stack({"p"}, {"_LIBCONTAINER_STATEDIR=/run/x"}).environment().state_directory);
  EXPECT_STREQ("/tmp",
               Stack({"p"}, {"_LIBCONTAINER_STATEDIR=run/x"}).environment().state_directory);
  EXPECT_STREQ("/tmp",
               Stack({"p"}, {"_LIBCONTAINER_STATEDIR=/run/x"}, 1).environment().state_directory);
}

TEST(Environment, IsIgnoredInAProgramWithMorePrivilegeThanItsCaller) {
  const Stack secure(
      {"p"},
      {"_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_LOGPIPE=4", "_LIBCONTAINER_LOGLEVEL=x",
       "_LIBCONTAINER_CLONED_BINARY=1", "_LIBCONTAINER_MOUNT_FDS=[1]"},
      1);
  EXPECT_FALSE(stub::is_init_process(secure.view()));
  const stub::Environment environment = secure.environment();
  EXPECT_EQ(-1, environment.init_pipe);
  EXPECT_EQ(-1, environment.log_pipe);
  EXPECT_EQ(5, environment.log_level);
  EXPECT_FALSE(environment.cloned_binary);
  EXPECT_STREQ("", environment.mount_fds);
  EXPECT_EQ(nullptr, environment.malformed);
}

TEST(Environment, CountsAnyValueOfClonedBinaryAsSet) {
  for (const char* variable : {"_LIBCONTAINER_CLONED_BINARY=1",
                               "_LIBCONTAINER_CLONED_BINARY=", "_LIBCONTAINER_CLONED_BINARY=no"}) {
    EXPECT_TRUE(Stack({"p"}, {variable}).environment().cloned_binary);
  }
}

}  // namespace
