# The stub as a blob: build/<arch>/nsexec-blob.o, mainly for Go's internal linker. It has one
# section without relocations, and one symbol, nsexec_blob(initial_stack, config).

ifneq ($(ARCH_CXXFLAGS_BLOB),)
BLOB_OBJECT := $(O)/blob/nsexec.o
$(eval $(call stub_unit,$(O)/blob,$(ARCH_CXXFLAGS_BLOB),))
else
BLOB_OBJECT := $(O)/library/nsexec.o
endif

$(B)/nsexec-blob.elf: $(BLOB_OBJECT) ld/blob.ld
	$(call say,LD,$@)
	$(Q)$(LD) -pie --no-dynamic-linker --gc-sections -T ld/blob.ld -e nsexec_blob \
	    --defsym="size_budget=$(call size_limit,$(SIZE_BUDGET) + $(or $(GOT_RESERVED),0))" $< -o $@
$(B)/nsexec-blob.bin: $(B)/nsexec-blob.elf
	$(Q)$(OBJCOPY) -O binary -j .blob $< $@
# The assembler wraps the bytes. The section keeps the alignment that the blob needs.
$(B)/nsexec-blob.o: $(B)/nsexec-blob.bin
	$(call say,AS,$@)
	$(Q){ echo '#include "arch/marks.inc"'; echo '.section .text, "ax"'; echo '.balign $(or $(BLOB_ALIGNMENT),64)'; echo '.globl nsexec_blob'; \
	      echo '.type nsexec_blob, %function'; $(if $(ARCH_FUNCTION),echo '$(ARCH_FUNCTION)';) echo 'nsexec_blob:'; echo '.incbin "$<"'; \
	      echo '.size nsexec_blob, . - nsexec_blob'; echo '.section .note.GNU-stack, "", %progbits'; } \
	    > $(B)/nsexec-blob.S
	$(Q)$(CC) $(ASFLAGS_STUB) -c $(B)/nsexec-blob.S -o $@

STUB_OUTPUTS += $(B)/nsexec-blob.o
