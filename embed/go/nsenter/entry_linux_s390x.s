#include "textflag.h"

// The ELF entry point. R15 points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code. A C function saves registers in 160
// bytes that its caller must provide.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVD R15, R2
	MOVD $·initialStack(SB), R5
	MOVD R2, (R5)
	MOVD $·config(SB), R3
	SUB  $160, R15
	BL   nsexec_blob(SB)
	ADD  $160, R15
	BR   _rt0_s390x_linux(SB)
	WORD $0x6e736578 // "nsexec stub here"
	WORD $0x65632073
	WORD $0x74756220
	WORD $0x68657265

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $168-1
	BL   nsexec_is_constructed(SB)
	MOVB R2, ret+0(FP)
	RET
