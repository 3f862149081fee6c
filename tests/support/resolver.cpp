// GoogleTest can send its results to another machine, which nobody here asks for. libc's functions
// that look up that machine's name do not work in a static program, and the linker warns of them;
// these take their place.
#include <netdb.h>

int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) { return EAI_FAIL; }
void freeaddrinfo(addrinfo*) noexcept {}
