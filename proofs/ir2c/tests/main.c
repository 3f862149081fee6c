// Calls the function with random inputs, of which half are characters that the parsers know.
#include <stdint.h>
#include <stdio.h>

void differential(unsigned char* bytes);
void print_number(uint64_t number) { printf("%llx ", (unsigned long long)number); }

int main(void) {
  static const char known[] = "0123456789:,-/. \n[]neturspidmnt";
  uint64_t state = 1;
  for (int run = 0; run < 20000; ++run) {
    unsigned char bytes[64];
    for (int i = 0; i < 64; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const unsigned random = (unsigned)(state >> 33);
      bytes[i] = i >= 16 && run % 2 == 0 ? (unsigned char)known[random % (sizeof known - 1)]
                                         : (unsigned char)random;
    }
    bytes[63] = 0;
    differential(bytes);
    printf("\n");
  }
  return 0;
}
