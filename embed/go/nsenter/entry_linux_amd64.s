#include "textflag.h"

// The ELF entry point. SP points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, ·initialStack(SB)
	MOVQ SP, DI
	LEAQ ·config(SB), SI
	CALL nsexec_blob(SB)
	JMP  _rt0_amd64_linux(SB)
	LONG $0x7865736e // "nsexec stub here"
	LONG $0x73206365
	LONG $0x20627574
	LONG $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $0-1
	CALL nsexec_is_constructed(SB)
	MOVB AX, ret+0(FP)
	RET
