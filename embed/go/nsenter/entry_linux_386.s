#include "textflag.h"

// The ELF entry point. SP points to argc and is a multiple of 16, and Go needs nothing else. The mark by
// which package parent finds the stub in an executable is behind the code. A C function has its
// arguments on the stack.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVL SP, AX
	MOVL AX, ·initialStack(SB)
	LEAL ·config(SB), CX
	SUBL $16, SP
	MOVL AX, 0(SP)
	MOVL CX, 4(SP)
	CALL nsexec_blob(SB)
	ADDL $16, SP
	JMP  _rt0_386_linux(SB)
	LONG $0x7865736e // "nsexec stub here"
	LONG $0x73206365
	LONG $0x20627574
	LONG $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $0-1
	CALL nsexec_is_constructed(SB)
	MOVB AX, ret+0(FP)
	RET
