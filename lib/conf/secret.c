/* Secrets in files: found where systemd puts credentials, else beside the configuration. */
#include "conf/secret.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "sys/file.h"

char *path_beside(const char *conf_path, const char *name)
{
	const char *slash = strrchr(conf_path, '/');
	const int dir_len = slash && name[0] != '/' ? (int)(slash - conf_path) + 1 : 0;

	return mem_printf("%.*s%s", dir_len, conf_path, name);
}

static enum status read_path(const char *path, struct buf *bytes, struct error *err)
{
	return file_read(path, CONF_SECRET_MAX, bytes, NULL, err);
}

static enum status read_credential(const char *name, struct buf *bytes, struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char *path;
	enum status status;

	if (!dir || dir[0] != '/' || strchr(name, '/'))
		return STATUS_NOT_FOUND;
	path = mem_printf("%s/%s", dir, name);
	status = read_path(path, bytes, err);
	free(path);
	return status;
}

static enum status read_beside(const char *conf_path, const char *name, struct buf *bytes,
			       struct error *err)
{
	char *path = path_beside(conf_path, name);
	enum status status = read_path(path, bytes, err);

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
	status = read_credential(name, &bytes, err);
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
