/* Secrets in files: found where systemd puts credentials, else beside the configuration. */
#include "conf/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "sys/file.h"

char *path_beside(const char *conf_path, const char *name)
{
	const char *slash = strrchr(conf_path, '/');
	const int dir_len = slash && name[0] != '/' ? (int)(slash - conf_path) + 1 : 0;

	return mem_printf("%.*s%s", dir_len, conf_path, name);
}

/* A directory that systemd is told to hand over gives its files this before their names. */
#define DIRECTORY_CREDENTIAL "secrets_"

/* What systemd hands over belongs to us alone, so its mode is systemd's affair. */
static enum status read_credential(const char *name, const char *prefix, struct buf *bytes,
				   struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	enum status status;

	if (!dir || dir[0] != '/' || strchr(name, '/'))
		return STATUS_NOT_FOUND;
	path = mem_printf("%s/%s%s", dir, prefix, name);
	status = file_read(path, CONF_SECRET_MAX, bytes, NULL, err);
	free(path);
	return status;
}

static enum status read_beside(const char *conf_path, const char *name, struct buf *bytes,
			       struct error *err)
{
	char *path = path_beside(conf_path, name);
	struct stat st;
	enum status status = file_read(path, CONF_SECRET_MAX, bytes, &st, err);

	if (status == STATUS_OK && (st.st_mode & S_IROTH))
		status = error_fail(err, STATUS_INVALID,
				    "is a secret that everybody may read; `chmod o-r %s`", path);
	else if (status == STATUS_FAILED && access(path, R_OK) != 0 && errno == EACCES)
		error_set(err,
			  "%s: %s; give it to the user that cadenced runs as, or move it to "
			  "/etc/cadenced/secrets and restart: systemd hands over what is there",
			  path, strerror(EACCES));
	free(path);
	return status;
}

static enum status take_text(const char *name, const struct buf *bytes, char **ret_text,
			     struct error *err)
{
	size_t len = bytes->len;

	if (len > 0 && bytes->data[len - 1] == '\n')
		len--;
	if (len == 0)
		return error_fail(err, STATUS_INVALID,
				  "the file \"%s\" is empty; it should hold the secret", name);
	if (memchr(bytes->data, '\0', len))
		return error_fail(err, STATUS_INVALID,
				  "the file \"%s\" holds a NUL byte; it should be text", name);
	*ret_text = mem_strndup(bytes->data, len);
	return STATUS_OK;
}

enum status secret_read(const char *conf_path, const char *name, char **ret_text, struct error *err)
{
	struct buf bytes = buf_make(CONF_SECRET_MAX + 1);
	enum status status;

	if (name[0] == '\0')
		return error_fail(err, STATUS_INVALID, "is empty; it should be a file's name");
	status = read_credential(name, "", &bytes, err);
	if (status == STATUS_NOT_FOUND)
		status = read_credential(name, DIRECTORY_CREDENTIAL, &bytes, err);
	if (status == STATUS_NOT_FOUND)
		status = read_beside(conf_path, name, &bytes, err);
	if (status == STATUS_OK)
		status = take_text(name, &bytes, ret_text, err);
	if (bytes.data)
		explicit_bzero(bytes.data, bytes.len);
	buf_free(&bytes);
	return status;
}

void secret_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
