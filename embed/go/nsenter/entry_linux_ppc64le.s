#include "textflag.h"

// The ELF entry point. R1 points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code. A C function finds its table of
// contents by R12, and needs a stack frame of its caller.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVD R1, R3
	MOVD $·initialStack(SB), R6
	MOVD R3, (R6)
	MOVD $·config(SB), R4
	MOVD $nsexec_blob(SB), R12
	MOVD R12, CTR
	ADD  $-112, R1
	BL   (CTR)
	ADD  $112, R1
	MOVD $0, R3
	BR   _rt0_ppc64le_linux(SB)
	WORD $0x7865736e // "nsexec stub here"
	WORD $0x73206365
	WORD $0x20627574
	WORD $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $32-1
	BL   nsexec_is_constructed(SB)
	MOVB R3, ret+0(FP)
	RET
