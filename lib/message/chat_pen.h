/* The pen that writes a chat's text within a limit. Private to lib/message. */
#ifndef CADENCE_MESSAGE_CHAT_PEN_H
#define CADENCE_MESSAGE_CHAT_PEN_H

#include "message/chat.h"

struct pen {
	const struct dialect *dialect;
	struct buf text;
	size_t room;  /* units left, without those for an ellipsis and for what is open */
	bool is_full; /* something was left out, marked by an ellipsis; nothing is added any more */
};

/* limit: in the dialect's unit. */
struct pen pen_make(const struct dialect *dialect, size_t limit);
void pen_free(struct pen *pen);
/* Writes all of the piece, which is markup or text of ours, or nothing. */
void pen_put(struct pen *pen, const char *piece);
/* Writes somebody's words, escaped. */
void pen_words(struct pen *pen, const char *text);
/* The same between two marks. */
void pen_marked(struct pen *pen, const struct markup *markup, const char *text);
/* Writes a whole block, without a line end. */
void pen_block(struct pen *pen, const struct block *block);

#endif
