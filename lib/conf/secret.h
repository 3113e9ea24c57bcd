/* Secrets that stand in files of their own. Private to this room. */
#ifndef CADENCE_CONF_SECRET_H
#define CADENCE_CONF_SECRET_H

#include "base/error.h"

/* Reads the secret called name: from $CREDENTIALS_DIRECTORY (as name, or secrets_name, which is
 * what systemd calls a file of a directory it hands over), else from beside the configuration file
 * at conf_path; an absolute name is taken as it is. One newline at the end is dropped. An empty
 * one, one over CONF_SECRET_MAX bytes, one with a NUL inside, and a file that everybody may read
 * are refused. The caller frees *ret_text with secret_free(). */
enum status secret_read(const char *conf_path, const char *name, char **ret_text,
			struct error *err) MUST_USE;
/* The path of a file that the configuration names: beside it, unless the name starts with /. The
 * caller frees. */
char *path_beside(const char *conf_path, const char *name);
/* Wipes and frees. NULL is harmless. */
void secret_free(char *text);

#endif
