/* The growing buffer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CAPACITY_FIRST 256

struct buf buf_make(size_t max)
{
	return (struct buf){.max = max};
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = buf_make(buf->max);
}

/* Makes room for len more bytes and the NUL; false when that is over the ceiling. */
static bool reserve(struct buf *buf, size_t len)
{
	size_t capacity = buf->capacity ? buf->capacity : CAPACITY_FIRST;

	if (buf->overflowed || len > buf->max - buf->len) {
		buf->overflowed = true;
		return false;
	}
	if (len < buf->capacity - buf->len)
		return true;
	while (capacity < buf->len + len + 1)
		capacity *= 2;
	buf->data = mem_grow(buf->data, capacity, 1);
	buf->capacity = capacity;
	return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len > 0)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_addc(struct buf *buf, char c)
{
	if (!reserve(buf, 1))
		return;
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
}

void buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	buf_add(buf, text, (size_t)len);
	free(text);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : mem_strdup("");

	*buf = buf_make(buf->max);
	return data;
}
