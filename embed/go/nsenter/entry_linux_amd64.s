#include "textflag.h"

// The ELF entry point. SP points to argc; Go wants nothing else.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVB $1, ·entered(SB)
	MOVQ SP, DI
	LEAQ ·config(SB), SI
	CALL nsexec_blob(SB)
	JMP  _rt0_amd64_linux(SB)
