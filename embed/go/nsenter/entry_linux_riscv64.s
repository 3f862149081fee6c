#include "textflag.h"

// The ELF entry point. X2 points to argc, and Go needs nothing else. The mark by which package
// parent finds the stub in an executable is behind the code.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOV  X2, A0
	MOV  $·initialStack(SB), T0
	MOV  A0, (T0)
	MOV  $·config(SB), A1
	CALL nsexec_blob(SB)
	JMP  _rt0_riscv64_linux(SB)
	WORD $0x7865736e // "nsexec stub here"
	WORD $0x73206365
	WORD $0x20627574
	WORD $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $16-1
	CALL nsexec_is_constructed(SB)
	MOVB A0, ret+0(FP)
	RET
