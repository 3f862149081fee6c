#include "textflag.h"

// The ELF entry point, in ARM code as all of Go. R13 points to argc, and Go needs nothing else. The mark
// by which package parent finds the stub in an executable is behind the code. The stub is Thumb code,
// which bit 0 of an address in a register says.
TEXT nsexec_go_start(SB), NOSPLIT|NOFRAME, $0
	MOVW R13, R0
	MOVW $·initialStack(SB), R2
	MOVW R0, (R2)
	MOVW $·config(SB), R1
	MOVW $nsexec_blob(SB), R3
	ORR  $1, R3
	BL   (R3)
	B    _rt0_arm_linux(SB)
	WORD $0x7865736e // "nsexec stub here"
	WORD $0x73206365
	WORD $0x20627574
	WORD $0x65726568

// func constructed() uint8
TEXT ·constructed(SB), NOSPLIT, $4-1
	BL   nsexec_is_constructed(SB)
	MOVB R0, ret+0(FP)
	RET
