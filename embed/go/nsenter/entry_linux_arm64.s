#include "textflag.h"

// The ELF entry point. RSP points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVD RSP, R0
	MOVD $·initialStack(SB), R3
	MOVD R0, (R3)
	MOVD $·config(SB), R1
	BL   nsexec_blob(SB)
	B    _rt0_arm64_linux(SB)
	WORD $0x7865736e // "nsexec stub here"
	WORD $0x73206365
	WORD $0x20627574
	WORD $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $16-1
	BL   nsexec_is_constructed(SB)
	MOVB R0, ret+0(FP)
	RET
