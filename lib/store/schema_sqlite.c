/* Carries schema_sqlite.sql inside the binary, so that the daemon needs no file beside it. The path
 * is relative to the top of the source tree, where the Makefile runs the compiler. */
#include "store/schema.h"

__asm__(".pushsection .rodata\n"
	".global schema_sqlite\n"
	".hidden schema_sqlite\n"
	".type schema_sqlite, %object\n"
	"schema_sqlite:\n"
	".incbin \"lib/store/schema_sqlite.sql\"\n"
	".byte 0\n"
	".size schema_sqlite, . - schema_sqlite\n"
	".popsection\n");
