/* The head of a mail, as bytes: before anything parses it. */
#ifndef CADENCE_SOURCE_HEAD_H
#define CADENCE_SOURCE_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Bytes of the head: up to the empty line, or all of it. Lines end with LF or CR LF. */
size_t head_length(const char *bytes, size_t len);
/* Bytes of the line "From …" that mbox files and pipes put before a mail; 0: there is none. */
size_t head_envelope(const char *bytes, size_t len);
/* What stands for a mail without Message-ID when it comes again, as SHA-256 in hex: what its sender
 * wrote. What each way and each try adds (an envelope line, Received, Delivered-To, line ends) does
 * not count. */
void head_fingerprint(const char *bytes, size_t len, char ret_hex[SHA256_HEX_SIZE]);

#endif
