#include "textflag.h"

// The ELF entry point. R3 points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVV R3, R4
	MOVV $·initialStack(SB), R12
	MOVV R4, (R12)
	MOVV $·config(SB), R5
	JAL  nsexec_blob(SB)
	JMP  _rt0_loong64_linux(SB)
	WORD $0x7865736e // "nsexec stub here"
	WORD $0x73206365
	WORD $0x20627574
	WORD $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $16-1
	JAL  nsexec_is_constructed(SB)
	MOVB R4, ret+0(FP)
	RET
