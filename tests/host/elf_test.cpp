// Checks in the ELF files that the freestanding programs need no runtime.
#include <link.h>

#include <cstring>

#include "tests/support/support.h"

namespace {

using test::built;

class Elf {
 public:
  explicit Elf(const std::string& path) : bytes_(test::read_file(path)) {
    EXPECT_GE(bytes_.size(), sizeof(ElfW(Ehdr))) << path;
    EXPECT_EQ(0, memcmp(bytes_.data(), ELFMAG, SELFMAG)) << path;
  }
  [[nodiscard]] size_t size() const { return bytes_.size(); }
  [[nodiscard]] ElfW(Ehdr) header() const { return at<ElfW(Ehdr)>(0); }
  [[nodiscard]] std::vector<ElfW(Phdr)> segments() const {
    return table<ElfW(Phdr)>(header().e_phoff, header().e_phnum);
  }
  [[nodiscard]] std::vector<ElfW(Shdr)> sections() const {
    return table<ElfW(Shdr)>(header().e_shoff, header().e_shnum);
  }
  [[nodiscard]] std::string name(const ElfW(Shdr) & section) const {
    return bytes_.c_str() + sections()[header().e_shstrndx].sh_offset + section.sh_name;
  }
  [[nodiscard]] std::vector<ElfW(Sym)> symbols() const {
    for (const ElfW(Shdr) & section : sections()) {
      if (section.sh_type == SHT_SYMTAB) {
        return table<ElfW(Sym)>(section.sh_offset, section.sh_size / sizeof(ElfW(Sym)));
      }
    }
    return {};
  }

  template <class T>
  [[nodiscard]] T at(size_t offset) const {
    T value{};
    EXPECT_LE(offset + sizeof value, bytes_.size());
    memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

 private:
  template <class T>
  [[nodiscard]] std::vector<T> table(size_t offset, size_t count) const {
    std::vector<T> result;
    for (size_t i = 0; i < count; ++i) result.push_back(at<T>(offset + i * sizeof(T)));
    return result;
  }
  std::string bytes_;
};

class FreestandingTest : public testing::TestWithParam<const char*> {
 protected:
  Elf elf_{built(GetParam())};
};

TEST_P(FreestandingTest, HasOneReadableExecutableSegmentAndNoExecutableStack) {
  size_t loads = 0;
  bool has_stack = false;
  for (const ElfW(Phdr) & segment : elf_.segments()) {
    EXPECT_NE(uint32_t{PT_INTERP}, segment.p_type);
    EXPECT_NE(uint32_t{PT_DYNAMIC}, segment.p_type);
    EXPECT_NE(uint32_t{PT_TLS}, segment.p_type);
    if (segment.p_type == PT_LOAD) {
      ++loads;
      EXPECT_EQ(uint32_t{PF_R | PF_X}, segment.p_flags) << "a segment is writable";
      EXPECT_EQ(segment.p_filesz, segment.p_memsz) << "there is a .bss";
    }
    if (segment.p_type == PT_GNU_STACK) {
      has_stack = true;
      EXPECT_EQ(0U, segment.p_flags & PF_X);
    }
  }
  EXPECT_EQ(1U, loads);
  EXPECT_TRUE(has_stack);
}

TEST_P(FreestandingTest, HasNoWritableDataAndNoRelocation) {
  const Elf debug(built(GetParam()) + std::string(".debug"));
  for (const ElfW(Shdr) & section : debug.sections()) {
    EXPECT_NE(uint32_t{SHT_RELA}, section.sh_type) << debug.name(section);
    EXPECT_NE(uint32_t{SHT_REL}, section.sh_type) << debug.name(section);
    EXPECT_NE(uint32_t{SHT_DYNAMIC}, section.sh_type);
    if ((section.sh_flags & SHF_ALLOC) == 0) continue;
    EXPECT_EQ(0U, section.sh_flags & SHF_TLS) << debug.name(section);
    // Some linkers reserve words in .got for a dynamic linker, even if there is none
    // (ld/freestanding.ld).
    const size_t reserved = debug.name(section) == ".got" ? NSEXEC_GOT_RESERVED : 0;
    EXPECT_TRUE((section.sh_flags & SHF_WRITE) == 0 || section.sh_size <= reserved)
        << debug.name(section);
  }
}

TEST_P(FreestandingTest, HasNoUndefinedSymbol) {
  const Elf debug(built(GetParam()) + std::string(".debug"));
  const auto symbols = debug.symbols();
  ASSERT_GT(symbols.size(), 1U);
  for (size_t i = 1; i < symbols.size(); ++i) EXPECT_NE(SHN_UNDEF, symbols[i].st_shndx) << i;
}

// A property note with one property, as the linker writes it.
struct PropertyNote {
  uint32_t name_size, size, type;
  char name[4];
  uint32_t property, property_size, value;
};

TEST_P(FreestandingTest, IsMarkedForIndirectBranchProtection) {
  // GNU_PROPERTY_X86_FEATURE_1_AND: IBT, SHSTK; GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI.
  const std::map<int, std::pair<uint32_t, uint32_t>> kMarks = {{EM_X86_64, {0xc0000002, 3}},
                                                               {EM_AARCH64, {0xc0000000, 1}}};
  const auto mark = kMarks.find(elf_.header().e_machine);
  size_t properties = 0;
  for (const ElfW(Phdr) & segment : elf_.segments()) {
    if (segment.p_type != PT_GNU_PROPERTY) continue;
    ++properties;
    ASSERT_NE(kMarks.end(), mark);
    const auto note = elf_.at<PropertyNote>(segment.p_offset);
    EXPECT_EQ(5U, note.type) << "NT_GNU_PROPERTY_TYPE_0";
    EXPECT_EQ(mark->second.first, note.property);
    EXPECT_EQ(mark->second.second, note.value);
  }
  EXPECT_EQ(mark == kMarks.end() ? 0U : 1U, properties);
}

TEST_P(FreestandingTest, IsPositionIndependent) { EXPECT_EQ(ET_DYN, elf_.header().e_type); }

INSTANTIATE_TEST_SUITE_P(Programs, FreestandingTest,
                         testing::Values("nsexec-true", "nsrun", "nsreport"), [](const auto& each) {
                           const std::string name = each.param;
                           return name == "nsexec-true" ? "nsexec_true" : name;
                         });

// docs/design.md, "Size of nsrun". The limits in arch.mk were measured with one version of each
// compiler. With another version the test prints the size.
void expect_size(const char* what, size_t size, size_t limit) {
  if (NSEXEC_SIZES_COUNT == 0) {
    GTEST_SKIP() << what << " is " << size << " bytes; the limit of " << limit
                 << " counts for GCC 12 and Clang 14";
  }
  EXPECT_LE(size, limit) << what << "; the limit for each compiler is in arch.mk";
}

TEST(Size, OfNsexecTrueIsWithinItsBudget) {
  EXPECT_LE(Elf(built("nsexec-true")).size(), 24U << 10);
}

TEST(Size, OfNsrunIsWithinItsBudget) {
  expect_size("nsrun", Elf(built("nsrun")).size(), size_t{NSEXEC_NSRUN_KIB} << 10);
}

TEST(Size, OfTheStubsTextAndRodataIsWithinItsBudget) {
  size_t size = 0;
  const Elf proof(built("libnsexec.proof"));
  for (const ElfW(Shdr) & section : proof.sections()) {
    const bool reserved = proof.name(section) == ".got";  // reserved by the linker and not used
    if ((section.sh_flags & SHF_ALLOC) != 0 && !reserved) size += section.sh_size;
  }
  RecordProperty("text_and_rodata", static_cast<int>(size));
  expect_size("the stub", size, size_t{NSEXEC_SIZE_BUDGET});
}

}  // namespace
