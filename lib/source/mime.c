/* The head by its fields, the body down to the first text that a person wrote. GMime parses;
 * charsets are ours, because it would open converters when it needs them. */
#include "source/mime.h"

#include <ctype.h>
#include <gmime/gmime.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "source/authres.h"
#include "source/head.h"
#include "source/hypertext.h"
#include "source/quote.h"
#include "source/robot.h"
#include "source/sender.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define DEPTH_MAX	10 /* multiparts in multiparts */
#define PARTS_MAX	200
#define GROUP_DEPTH_MAX 3

struct scan {
	const struct charsets *charsets;
	struct arena *arena;
	GMimeMessage *message;
	struct letter *letter;
	struct robot_signs signs;
	size_t from_fields, from_addresses;
	size_t results;			      /* fields that say what a server found */
	const char *sender;		      /* as From says it, when it leaves no choice */
	const char *in_reply_to, *references; /* the first field of each */
	bool is_mail;			      /* has a field that every mail has */
	size_t parts;			      /* looked at */
	struct buf text;
};

/* ---- names ---- */

static bool is_name(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

static void add_recipient(struct scan *scan, const char *address)
{
	struct letter *letter = scan->letter;

	if (address && letter->recipient_count < LETTER_NAMES_MAX)
		letter->recipients[letter->recipient_count++] = address;
}

typedef void visit_address(struct scan *scan, const char *address);

static void visit_addresses(struct scan *scan, InternetAddressList *list, visit_address *visit,
			    int depth)
{
	const int count = list && depth < GROUP_DEPTH_MAX ? internet_address_list_length(list) : 0;

	for (int i = 0; i < count; i++) {
		InternetAddress *ia = internet_address_list_get_address(list, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(ia))
			visit(scan, sender_address(internet_address_mailbox_get_addr(
						       INTERNET_ADDRESS_MAILBOX(ia)),
						   scan->arena));
		else if (INTERNET_ADDRESS_IS_GROUP(ia))
			visit_addresses(
			    scan, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(ia)),
			    visit, depth + 1);
	}
}

static void read_addresses(struct scan *scan, const char *value, visit_address *visit)
{
	InternetAddressList *list = internet_address_list_parse(NULL, value);

	visit_addresses(scan, list, visit, 0);
	if (list)
		g_object_unref(list);
}

static void add_from(struct scan *scan, const char *address)
{
	scan->from_addresses++;
	scan->letter->from = address;
}

static void read_from(struct scan *scan, const char *value)
{
	if (++scan->from_fields > 1)
		return;
	scan->sender = sender_read(value, scan->arena);
	read_addresses(scan, value, add_from);
}

/* Of several nobody knows who wrote it, and not where two parsers differ. */
static const char *from_of(const struct scan *scan)
{
	const char *from = scan->letter->from;

	if (scan->from_fields != 1 || scan->from_addresses != 1 || !from || !scan->sender)
		return NULL;
	return strcmp(from, scan->sender) == 0 ? from : NULL;
}

static const char *id_of(struct arena *arena, const char *id)
{
	const size_t len = id ? strlen(id) : 0;

	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)id[i]))
			return NULL;
	return len == 0 || len > LETTER_ID_MAX ? NULL : arena_strdup(arena, id);
}

static void add_reference(struct scan *scan, const char *id)
{
	struct letter *letter = scan->letter;

	id = id_of(scan->arena, id);
	if (id && letter->reference_count < LETTER_NAMES_MAX)
		letter->references[letter->reference_count++] = id;
}

/* The nearest first: what is answered, then what that had answered. */
static void read_references(struct scan *scan)
{
	const char *const fields[] = {scan->in_reply_to, scan->references};

	for (size_t i = 0; i < COUNT(fields); i++) {
		GMimeReferences *refs = fields[i] ? g_mime_references_parse(NULL, fields[i]) : NULL;

		for (int j = refs ? g_mime_references_length(refs) : 0; j > 0; j--)
			add_reference(scan, g_mime_references_get_message_id(refs, j - 1));
		if (refs)
			g_mime_references_free(refs);
	}
}

/* ---- the head ---- */

static const char *line_of(struct scan *scan, const char *value)
{
	char *line = charset_cleaned(value, scan->arena);

	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	line[text_fit_code_points(line, LETTER_LINE_MAX)] = '\0';
	return line;
}

static void read_field(struct scan *scan, const char *name, const char *raw, const char *value)
{
	static const char *const every[] = {"From",	  "To",	      "Subject", "Date",
					    "Message-ID", "Received", NULL};
	static const char *const recipients[] = {
	    "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", NULL};
	static const char *const lists[] = {"List-Id",	      "List-Post", "List-Unsubscribe",
					    "List-Subscribe", "List-Help", NULL};
	static const char *const autoreplies[] = {"X-Autoreply",
						  "X-Autorespond",
						  "X-Auto-Reply",
						  "X-Autoreply-From",
						  "X-Mail-Autoreply",
						  "X-AutoReply-Domain",
						  NULL};
	struct robot_signs *signs = &scan->signs;
	const struct {
		const char *name;
		const char **value; /* the first one counts */
	} kept[] = {{"Auto-Submitted", &signs->auto_submitted},
		    {"Precedence", &signs->precedence},
		    {"X-Auto-Response-Suppress", &signs->suppress},
		    {"Return-Path", &signs->return_path},
		    {"In-Reply-To", &scan->in_reply_to},
		    {"References", &scan->references}};

	scan->is_mail |= is_name(name, every);
	signs->is_list |= is_name(name, lists);
	signs->is_autoreply |= is_name(name, autoreplies);
	signs->is_failed |= strcasecmp(name, "X-Failed-Recipients") == 0;
	for (size_t i = 0; i < COUNT(kept); i++)
		if (strcasecmp(name, kept[i].name) == 0 && !*kept[i].value)
			*kept[i].value = arena_strdup(scan->arena, raw);
	if (is_name(name, recipients))
		read_addresses(scan, raw, add_recipient);
	else if (strcasecmp(name, "From") == 0)
		read_from(scan, raw);
	else if (strcasecmp(name, "Subject") == 0 && !scan->letter->subject)
		scan->letter->subject = line_of(scan, value);
	/* Those below were there before the mail came to our server, whoever wrote them. */
	else if (strcasecmp(name, "Authentication-Results") == 0 && scan->results++ == 0)
		authres_read(raw, scan->arena, &scan->letter->authserv, &scan->letter->dmarc);
}

static void read_head(struct scan *scan)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(scan->message));
	const int count = g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);
		const char *raw = g_mime_header_get_raw_value(header);
		const char *value = g_mime_header_get_value(header);

		if (name)
			read_field(scan, name, raw ? raw : "", value ? value : "");
	}
	scan->letter->from = from_of(scan);
	read_references(scan);
	scan->letter->message_id = id_of(scan->arena, g_mime_message_get_message_id(scan->message));
	scan->signs.from = scan->letter->from;
	scan->signs.subject = scan->letter->subject;
}

/* ---- the body ---- */

static bool is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content_type = g_mime_object_get_content_type(object);

	return content_type && g_mime_content_type_is_type(content_type, type, subtype);
}

static const char *parameter(GMimeObject *object, const char *name)
{
	return g_mime_object_get_content_type_parameter(object, name);
}

static bool is_true(const char *value, const char *word)
{
	return value && strcasecmp(value, word) == 0;
}

/* Base64, quoted-printable or what it is, undone. */
static GByteArray *content_of(GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes = g_byte_array_new();

	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), bytes);
	if (wrapper)
		g_mime_data_wrapper_write_to_stream(wrapper, stream);
	g_object_unref(stream);
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return bytes;
}

/* The new lines of one part. */
static const char *part_text(struct scan *scan, GMimeObject *object)
{
	GByteArray *bytes = content_of(GMIME_PART(object));
	struct flow flow = {.flowed = is_true(parameter(object, "format"), "flowed"),
			    .delsp = is_true(parameter(object, "delsp"), "yes")};
	const char *text = charset_decode(scan->charsets, parameter(object, "charset"),
					  (const char *)bytes->data, bytes->len - 1, scan->arena);

	g_byte_array_free(bytes, TRUE);
	if (is_type(object, "text", "html")) {
		text = hypertext_read(text, strlen(text), scan->arena);
		flow.flowed = false;
	}
	return quote_strip(charset_cleaned(text, scan->arena), flow, scan->arena);
}

static bool take_object(struct scan *scan, GMimeObject *object, int depth);

/* The plain one of several forms of the same, or the HTML when that is empty. */
static bool take_alternative(struct scan *scan, GMimeMultipart *multipart, int depth)
{
	static const char *const wanted[] = {"plain", "*"};
	const int count = g_mime_multipart_get_count(multipart);
	bool found = false;

	for (size_t w = 0; w < COUNT(wanted) && !found; w++)
		for (int i = 0; i < count && !found; i++) {
			GMimeObject *part = g_mime_multipart_get_part(multipart, i);

			if (w > 0 || is_type(part, "text", "plain"))
				found = take_object(scan, part, depth);
		}
	return found;
}

static bool take_all(struct scan *scan, GMimeMultipart *multipart, int depth)
{
	const bool only_first = is_type(GMIME_OBJECT(multipart), "multipart", "report") ||
				is_type(GMIME_OBJECT(multipart), "multipart", "signed") ||
				is_type(GMIME_OBJECT(multipart), "multipart", "related");
	const int count = g_mime_multipart_get_count(multipart);
	bool found = false;

	for (int i = 0; i < count && !(found && only_first); i++)
		found |= take_object(scan, g_mime_multipart_get_part(multipart, i), depth);
	return found;
}

/* What has a name is a file, also where it is shown: it says what somebody else wrote. */
static bool is_file(GMimeObject *object, int depth)
{
	return g_mime_part_is_attachment(GMIME_PART(object)) ||
	       (depth > 0 && g_mime_part_get_filename(GMIME_PART(object)));
}

static bool take_part(struct scan *scan, GMimeObject *object, int depth)
{
	const char *text;

	if (!is_type(object, "text", "plain") && !is_type(object, "text", "html"))
		return false;
	if (is_file(object, depth))
		return false;
	text = part_text(scan, object);
	if (!*text)
		return false;
	if (scan->text.len > 0)
		buf_adds(&scan->text, "\n\n");
	buf_adds(&scan->text, text);
	return true;
}

/* Whether text was found in it. A mail within a mail is somebody else's. */
static bool take_object(struct scan *scan, GMimeObject *object, int depth)
{
	if (!object || depth > DEPTH_MAX || ++scan->parts > PARTS_MAX)
		return false;
	if (GMIME_IS_MULTIPART(object) && is_type(object, "multipart", "alternative"))
		return take_alternative(scan, GMIME_MULTIPART(object), depth + 1);
	if (GMIME_IS_MULTIPART(object))
		return take_all(scan, GMIME_MULTIPART(object), depth + 1);
	return GMIME_IS_PART(object) && take_part(scan, object, depth);
}

static bool has_invitation(GMimeObject *object, int depth)
{
	const bool is_multipart = GMIME_IS_MULTIPART(object);
	const int count = is_multipart ? g_mime_multipart_get_count(GMIME_MULTIPART(object)) : 0;

	if (depth > DEPTH_MAX)
		return false;
	if (is_type(object, "text", "calendar"))
		return true;
	for (int i = 0; i < count && i < PARTS_MAX; i++)
		if (has_invitation(g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
				   depth + 1))
			return true;
	return false;
}

/* Cuts what is more than a letter may hold, where a line ends: half of one would say something
 * else.
 */
static void set_text(struct scan *scan)
{
	char *text = charset_cleaned(buf_text(&scan->text), scan->arena);
	char *end = text;
	size_t lines = 0;

	while (*end && lines < LETTER_LINES_MAX) {
		char *const next = end + strcspn(end, "\n");

		if ((size_t)(next - text) > LETTER_TEXT_MAX)
			break;
		end = next + (*next == '\n');
		lines++;
	}
	scan->letter->cut = *end != '\0';
	if (end > text && end[-1] == '\n')
		end--;
	*end = '\0';
	scan->letter->text = text;
}

static void read_body(struct scan *scan)
{
	GMimeObject *body = g_mime_message_get_mime_part(scan->message);

	scan->letter->text = "";
	if (!body)
		return;
	scan->signs.is_report = is_type(body, "multipart", "report");
	scan->signs.report_type = parameter(body, "report-type");
	scan->signs.has_invitation = has_invitation(body, 0);
	scan->text = buf_make(LETTER_BYTES_MAX * 4);
	(void)take_object(scan, body, 0);
	set_text(scan);
	buf_free(&scan->text);
}

/* ---- the mail ---- */

static void ignore_log(const char *domain, GLogLevelFlags level, const char *text, void *arg)
{
	(void)domain;
	(void)level;
	(void)text;
	(void)arg;
}

void mime_begin(void)
{
	static const char *fallbacks[] = {"utf-8", "windows-1252", NULL};

	g_mime_init();
	g_log_set_default_handler(ignore_log, NULL);
	g_mime_parser_options_set_fallback_charsets(g_mime_parser_options_get_default(), fallbacks);
}

/* Some parsers end a field there, and some the whole head: two could find two senders. */
static bool has_stray_end(const char *head, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (head[i] == '\0' || (head[i] == '\r' && (i + 1 == len || head[i + 1] != '\n')))
			return true;
	return false;
}

const char *mime_read(const char *bytes, size_t len, const struct charsets *charsets,
		      struct arena *arena, struct letter *ret_letter)
{
	const size_t skipped = head_envelope(bytes, len);
	GMimeStream *stream;
	GMimeParser *parser;
	struct letter letter = {0};
	struct scan scan = {.charsets = charsets, .arena = arena, .letter = &letter};

	bytes += skipped;
	len -= skipped;
	if (has_stray_end(bytes, head_length(bytes, len)))
		return "it is no mail: a NUL or a carriage return without a line feed stands in "
		       "its head";
	stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	parser = g_mime_parser_new_with_stream(stream);
	letter.references = arena_alloc(arena, LETTER_NAMES_MAX, sizeof(*letter.references));
	letter.recipients = arena_alloc(arena, LETTER_NAMES_MAX, sizeof(*letter.recipients));
	scan.message = g_mime_parser_construct_message(parser, NULL);
	if (scan.message) {
		read_head(&scan);
		read_body(&scan);
		letter.robot = robot_of(&scan.signs);
		g_object_unref(scan.message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	if (!scan.is_mail)
		return "it is no mail: it has neither From, To, Subject, Date nor Message-ID";
	*ret_letter = letter;
	return NULL;
}
