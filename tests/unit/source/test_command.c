/* The lines of an answer: what is understood, what is asked back, and what is left alone. */
#include "source/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/chance.h"
#include "base/text.h"
#include "dump.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define TODAY	    "2026-11-25" /* a Wednesday */
#define DUMP_MAX    65536
#define RANDOM_RUNS 3000
#define RANDOM_MAX  120

static day today_is(void)
{
	day today = 0;

	assert_true(day_parse_iso(TODAY, &today));
	return today;
}

static void expect(const char *text, const char *expected)
{
	struct arena *arena = arena_new();
	struct buf got = buf_make(DUMP_MAX);
	size_t count;
	struct command *commands = commands_read(text, today_is(), arena, &count);

	for (size_t i = 0; i < count; i++)
		dump_command(&got, &commands[i]);
	if (strcmp(buf_text(&got), expected) != 0)
		print_message("of \"%s\"\n", text);
	assert_string_equal(buf_text(&got), expected);
	buf_free(&got);
	arena_free(arena);
}

/* The line is asked back, and the fault says so. */
static void expect_fault(const char *text, const char *part)
{
	struct arena *arena = arena_new();
	size_t count;
	struct command *commands = commands_read(text, today_is(), arena, &count);

	if (count != 1 || commands[0].verb != COMMAND_NONE)
		print_message("of \"%s\"\n", text);
	assert_int_equal(count, 1);
	assert_int_equal(commands[0].verb, COMMAND_NONE);
	assert_non_null(commands[0].fault);
	if (!strstr(commands[0].fault, part))
		print_message("of \"%s\": \"%s\"\n", text, commands[0].fault);
	assert_non_null(strstr(commands[0].fault, part));
	assert_false(commands[0].prose);
	arena_free(arena);
}

static void test_each_verb_is_read_with_its_number(void **state)
{
	(void)state;
	expect("1 call today talked to them, numbers Friday",
	       "log 1 call 2026-11-25 | talked to them, numbers Friday\n");
	expect("2 yes", "yes 2\n");
	expect("2 no", "no 2\n");
	expect("2 noshow", "no 2\n");
	expect("2 moved 4 dec", "moved 2 2026-12-04\n");
	expect("2 plan 4 dec lunch", "moved 2 2026-12-04 | lunch\n");
	expect("3 snooze 7 dec CFO back then", "snooze 3 2026-12-07 | CFO back then\n");
	expect("4 ack", "ack 4\n");
	expect("5 off", "off 5 -\n");
	expect("5 off forever merged", "off 5 - | merged\n");
	expect("5 off for good", "off 5 -\n");
	expect("5 off until 1 mar budget", "off 5 2027-03-01 | budget\n");
	expect("why 1", "why 1\n");
	expect("1 why", "why 1\n");
	expect("help", "help\n");
	expect("Help!", "help\n");
}

static void test_a_name_may_have_several_words_and_the_verb_ends_it(void **state)
{
	(void)state;
	expect("acme meeting yesterday", "log \"acme\" meeting 2026-11-24\n");
	expect("Acme GmbH call", "log \"Acme GmbH\" call -\n");
	expect("The Body Shop call today", "log \"The Body Shop\" call 2026-11-25\n");
	expect("3M call today", "log \"3M\" call 2026-11-25\n");
	expect("Call Centre Ltd call today", "log \"Call Centre Ltd\" call 2026-11-25\n");
	expect("\"Acme GmbH\" snooze friday", "snooze \"Acme GmbH\" 2026-11-27\n");
	expect("Café Müller – ack", "ack \"Café Müller\"\n");
}

static void test_a_verb_may_come_first(void **state)
{
	(void)state;
	expect("snooze 3 until 7 dec", "snooze 3 2026-12-07\n");
	expect("snooze Acme GmbH until 7 dec CFO", "snooze \"Acme GmbH\" 2026-12-07 | CFO\n");
	expect("call with Acme GmbH yesterday: fine", "log \"Acme GmbH\" call 2026-11-24 | fine\n");
	expect("log acme call 2d", "log \"acme\" call 2026-11-23\n");
	expect("log 1 call today", "log 1 call 2026-11-25\n");
	expect("why Acme GmbH?", "why \"Acme GmbH\"\n");
	expect("ack 4: waiting", "ack 4 | waiting\n");
	expect("off acme until 1 mar", "off \"acme\" 2027-03-01\n");
}

static void test_bullets_numbers_and_stops_may_stand_around_it(void **state)
{
	static const char *const forms[] = {"1 call today",
					    "1. call today",
					    "1) call today",
					    "#1 call today",
					    "1: call today",
					    "(1) call today",
					    "- 1 call today",
					    "* 1. call today",
					    "• 1 call today",
					    "1.call today",
					    "1 CALL Today!",
					    "  1   call\ttoday . ",
					    "*1 call today*",
					    "1 – call, today",
					    "1 - call - today",
					    "\xc2\xa0"
					    "1\xc2\xa0"
					    "call\xe2\x80\x8b today",
					    "“1 call today”",
					    "1. log call today."};

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++)
		expect(forms[i], "log 1 call 2026-11-25\n");
}

static void test_days_are_those_of_the_command_line_in_as_many_words_as_people_use(void **state)
{
	static const struct {
		const char *words, *day;
	} past[] = {{"today", "2026-11-25"},
		    {"yesterday", "2026-11-24"},
		    {"monday", "2026-11-23"},
		    {"on Monday", "2026-11-23"},
		    {"3d", "2026-11-22"},
		    {"2w", "2026-11-11"},
		    {"2 weeks ago", "2026-11-11"},
		    {"two weeks ago", "2026-11-11"},
		    {"a month ago", "2026-10-25"},
		    {"3d ago", "2026-11-22"},
		    {"20 nov", "2026-11-20"},
		    {"20nov", "2026-11-20"},
		    {"20-nov", "2026-11-20"},
		    {"20. November", "2026-11-20"},
		    {"20th of November", "2026-11-20"},
		    {"nov 20", "2026-11-20"},
		    {"November 20th, 2025", "2025-11-20"},
		    {"20 nov 2025", "2025-11-20"},
		    {"Fri 20 Nov", "2026-11-20"},
		    {"2026-11-03", "2026-11-03"}},
	  ahead[] = {{"4 dec", "2026-12-04"},
		     {"until 4 dec", "2026-12-04"},
		     {"Fri 4 Dec", "2026-12-04"},
		     {"friday, 4 december", "2026-12-04"},
		     {"friday", "2026-11-27"},
		     {"wednesday", "2026-12-02"},
		     {"2w", "2026-12-09"},
		     {"2 weeks", "2026-12-09"},
		     {"for two weeks", "2026-12-09"},
		     {"in a month", "2026-12-25"},
		     {"tomorrow", "2026-11-26"},
		     {"4 jan", "2027-01-04"},
		     {"till 14 jan 2027", "2027-01-14"}};
	char text[100], expected[100];

	(void)state;
	for (size_t i = 0; i < COUNT(past); i++) {
		snprintf(text, sizeof(text), "1 call %s fine", past[i].words);
		snprintf(expected, sizeof(expected), "log 1 call %s | fine\n", past[i].day);
		expect(text, expected);
	}
	for (size_t i = 0; i < COUNT(ahead); i++) {
		snprintf(text, sizeof(text), "1 snooze %s", ahead[i].words);
		snprintf(expected, sizeof(expected), "snooze 1 %s\n", ahead[i].day);
		expect(text, expected);
	}
}

static void test_a_day_that_could_be_two_or_none_is_asked_back(void **state)
{
	(void)state;
	expect_fault("1 call 3/4", "could be two days");
	expect_fault("1 call 3.11.2026", "could be two days");
	expect_fault("1 snooze 03-04", "could be two days");
	expect_fault("1 call 31nov", "there is no day");
	expect_fault("1 call 31 nov", "there is no day");
	expect_fault("1 call 2026-11-31", "there is no day");
	expect_fault("3 snooze next week", "which day is \"next week\"");
	expect_fault("3 snooze until next friday", "which day");
	expect_fault("3 snooze", "until when?");
	expect_fault("3 snooze CFO back then", "until when?");
	expect_fault("1 call last friday", "which day");
	expect_fault("1 call tomorow", "which day");
	expect_fault("1 call tomorrow", "lies ahead");
	expect_fault("1 call 2 weeks", "how long ago?");
	expect_fault("1 snooze 2 weeks ago", "lies ahead");
	expect_fault("1 snooze Mon 4 Dec", "is a Fri, not a Mon");
	expect_fault("2 moved", "to which day?");
	expect_fault("5 off merged with Elbe", "before the reason");
	expect_fault("1 call 4 dec", "in which year?");
	expect_fault("1 off until 20 nov", "in which year?");
	expect_fault("1 snooze 1 nov", "in which year?");
	expect_fault("away until 20 nov", "in which year?");
	expect("1 call 4 dec 2025", "log 1 call 2025-12-04\n");
	expect("1 call 1 mar", "log 1 call 2026-03-01\n");
	expect("1 call 6m ago", "log 1 call 2026-05-25\n");
	expect("1 call 12m ago", "log 1 call 2025-11-25\n");
	expect("1 off until 1 aug", "off 1 2027-08-01\n");
}

static void test_a_note_that_begins_like_no_day_is_a_note(void **state)
{
	(void)state;
	expect("1 call on the phone", "log 1 call - | on the phone\n");
	expect("1 call for an hour", "log 1 call - | for an hour\n");
	expect("1 call 12 people joined", "log 1 call - | 12 people joined\n");
	expect("1 call today 14:00, fine!", "log 1 call 2026-11-25 | 14:00, fine!\n");
	expect("1 call “all fine”", "log 1 call - | all fine\n");
	expect("1 call Maybe next year", "log 1 call - | Maybe next year\n");
}

static void test_away_has_a_last_day_or_ends(void **state)
{
	(void)state;
	expect("away until 4 dec", "away - 2026-12-04\n");
	expect("Away till friday.", "away - 2026-11-27\n");
	expect("away 1 dec - 4 dec", "away 2026-12-01 2026-12-04\n");
	expect("away 1 dec – 4 dec", "away 2026-12-01 2026-12-04\n");
	expect("away 1 dec–4 dec", "away 2026-12-01 2026-12-04\n");
	expect("away 1-4 dec", "away 2026-12-01 2026-12-04\n");
	expect("away 1dec-4dec", "away 2026-12-01 2026-12-04\n");
	expect("away from 1 dec to 4 dec", "away 2026-12-01 2026-12-04\n");
	expect("away 2026-12-28 until 2027-01-04", "away 2026-12-28 2027-01-04\n");
	expect("away 28 dec - 4 jan, Jon covers", "away 2026-12-28 2027-01-04 | Jon covers\n");
	expect("away monday - friday", "away 2026-11-30 2026-12-04\n");
	expect("back", "away - -\n");
	expect("I'm back!", "away - -\n");
	expect("I’m back", "away - -\n");
	expect("not away", "away - -\n");
	expect_fault("away", "away until when?");
	expect_fault("away 4 dec", "away until when?");
	expect_fault("away 4 dec - 2026-12-01", "ends before it begins");
	expect_fault("away until 3/4", "could be two days");
}

static void test_who_is_meant_is_never_guessed(void **state)
{
	(void)state;
	expect_fault("yes", "which partner?");
	expect_fault("call today", "which partner?");
	expect_fault("snooze until friday", "which partner?");
	expect_fault("no, moved to 4 dec", "which partner?");
	expect_fault("1,2 ack", "no number of the digest");
	expect_fault("1-3 ack", "no number of the digest");
	expect_fault("3/4 call", "no number of the digest");
	expect_fault("1", "what about 1?");
	expect_fault("1 cal today", "did you mean 1 call?");
	expect_fault("1 Acme GmbH call", "what about 1?");
	expect_fault("1 log", "what was it?");
}

static void test_no_is_no_no_when_it_was_moved(void **state)
{
	(void)state;
	expect("2 no, moved to 4 dec", "moved 2 2026-12-04\n");
	expect("2 no - they were ill", "no 2 | they were ill\n");
}

static void test_no_half_of_a_line_is_done(void **state)
{
	static const char *const lines[] = {"1 yes. 2 no.",
					    "1 call today talked to them 2 no",
					    "1 call today talked,2 no",
					    "1 moved 4 dec and 2 call today",
					    "1 ack, snooze 2 until friday",
					    "yes 1, no 2",
					    "ack 1 ack 2",
					    "why 1, why 2",
					    "why 1 or 3",
					    "1 yes, Elbe Systems no",
					    "away until 4 dec, 2 ack"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		expect_fault(lines[i], "about more than one");
	expect("2 no, moved to 4 dec", "moved 2 2026-12-04\n");
	expect("1 call today talked about 3 other projects",
	       "log 1 call 2026-11-25 | talked about 3 other projects\n");
	expect("1 yes, they said no to it", "yes 1 | they said no to it\n");
	expect("2 no, they called at 10 about the event",
	       "no 2 | they called at 10 about the event\n");
	expect("away until 4 dec, Jon covers", "away - 2026-12-04 | Jon covers\n");
}

static void test_what_is_still_to_come_is_no_contact(void **state)
{
	static const char *const lines[] = {"2 meeting still pending", "2 meeting called off",
					    "2 call later", "2 call please", "2 call tbd"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		expect_fault(lines[i], "as if it took place");
	expect("2 meeting pending contract went through",
	       "log 2 meeting - | pending contract went through\n");
	expect_fault("2 no call yet", "a booked meeting did not happen");
	expect("2 no meeting", "no 2 | meeting\n");
	expect("2 no, email from them: ill", "no 2 | email from them: ill\n");
}

static void test_a_question_tells_of_no_contact(void **state)
{
	(void)state;
	expect_fault("1 call?", "is that a question?");
	expect_fault("1 call today?", "is that a question?");
	expect_fault("2 yes?", "is that a question?");
	expect("1 call today, can you send numbers?",
	       "log 1 call 2026-11-25 | can you send numbers?\n");
}

static void test_nothing_can_be_deleted(void **state)
{
	static const char *const lines[] = {
	    "erase acme", "erase 1",  "1 erase",	"restore acme", "partner move acme jon",
	    "unlog 17",	  "delete 1", "decide acme end"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		expect_fault(lines[i], "cannot be done by mail");
}

static void test_greetings_thanks_and_signatures_are_left_out(void **state)
{
	(void)state;
	expect("Hi Cadence,\n\n1 call today\n\nThanks a lot!\n\nBest regards,\nMaria Silva\n"
	       "12 High Street\n+44 20 7946 0000\n",
	       "log 1 call 2026-11-25\n");
	expect("Hallo,\n2 yes\nViele Grüße\nMaria", "yes 2\n");
	expect("2 yes\n\nMaria Silva\nHead of Partnerships | Example\n+351 21 000\n", "yes 2\n");
	expect("2 yes\n\n-M\n", "yes 2\n");
	expect("", "");
	expect("\n\n  \n", "");
	expect("Thanks, will do!\n\nMaria\n", "");
	expect("Best Western call today", "log \"Best Western\" call 2026-11-25\n");
}

static void test_a_command_below_the_closing_still_counts(void **state)
{
	(void)state;
	expect("1 call today\nBest,\nMaria\n2 yes\n", "log 1 call 2026-11-25\nyes 2\n");
}

static void test_prose_is_one_complaint_however_long_it_is(void **state)
{
	(void)state;
	expect("I spoke with Jana and she was happy.\nThey will send us the numbers.\n"
	       "\nWe should wait until the fair is over.\nWhat do you think?\n",
	       "prose | I spoke with Jana and she was happy.\n");
	expect("I will call them tomorrow", "prose | I will call them tomorrow\n");
	expect("1 call today\nPlease tell Jon that he has it.\n2 yes\n",
	       "log 1 call 2026-11-25\nprose | Please tell Jon that he has it.\nyes 2\n");
}

static void test_a_line_that_the_mailer_broke_goes_on_in_its_note(void **state)
{
	(void)state;
	expect("1 call today talked to Jana about the pricing for 2027, she brings two\n"
	       "customers to the webinar\n2 yes",
	       "log 1 call 2026-11-25 | talked to Jana about the pricing for 2027, she brings two "
	       "customers to the webinar\nyes 2\n");
	/* A number begins something new, and so does an empty line. */
	expect("1 call today talked to Jana about the pricing for 2027, she brings two\n"
	       "3/4 call",
	       "log 1 call 2026-11-25 | talked to Jana about the pricing for 2027, she brings "
	       "two\nunknown | 3/4 call\n");
}

static void test_a_note_too_long_is_refused_not_cut(void **state)
{
	char text[3000] = "1 call today ";

	(void)state;
	memset(text + strlen(text), 'x', TEXT_NOTE_MAX);
	expect_fault((strcat(text, "y"), text), "longer than 2000 characters");
}

static void test_lines_are_counted_and_kept_as_they_were_written(void **state)
{
	struct arena *arena = arena_new();
	size_t count;
	struct command *commands =
	    commands_read("Hi,\n\n1 Call today\n3 snooze\n", today_is(), arena, &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_int_equal(commands[0].line, 3);
	assert_string_equal(commands[0].said, "1 Call today");
	assert_int_equal(commands[1].line, 4);
	assert_string_equal(commands[1].said, "3 snooze");
	arena_free(arena);
}

/* What holds of every result, whatever was written. */
static void check_sound(const char *text)
{
	struct arena *arena = arena_new();
	char scratch[TEXT_FAULT_SIZE];
	size_t count, line = 0;
	struct command *commands = commands_read(text, today_is(), arena, &count);

	for (size_t i = 0; i < count; i++) {
		const struct command *c = &commands[i];

		assert_true(c->line > line);
		line = c->line;
		assert_int_equal(c->verb == COMMAND_NONE, c->fault != NULL);
		assert_true(c->verb == COMMAND_NONE || !c->prose);
		assert_true(c->number >= 0 && c->number <= COMMAND_NUMBER_MAX);
		if (c->verb != COMMAND_NONE && c->verb != COMMAND_AWAY && c->verb != COMMAND_HELP)
			assert_true((c->number > 0) != (c->name != NULL));
		if (c->name)
			assert_null(text_check(c->name, strlen(c->name), TEXT_LINE, 1,
					       TEXT_NAME_MAX, scratch));
		if (c->note)
			assert_null(text_check(c->note, strlen(c->note), TEXT_LINE, 1,
					       TEXT_NOTE_MAX, scratch));
		if (c->verb == COMMAND_LOG)
			assert_true(c->day == DAY_NEVER || c->day <= today_is());
		if (c->verb == COMMAND_SNOOZE || c->verb == COMMAND_MOVED)
			assert_true(c->day != DAY_NEVER);
	}
	arena_free(arena);
}

/* Words in an order that nobody thought of. */
static void test_random_words_give_sound_commands_or_faults(void **state)
{
	static const char *const words[] = {
	    "1",      "2.",    "#3",	  "call",      "meeting", "snooze",	"no",	"yes",
	    "moved",  "until", "4",	  "dec",       "7dec",	  "off",	"why",	"away",
	    "-",      "–",     "acme",	  "Acme GmbH", "ago",	  "2w",		"next", "week",
	    "friday", "3/4",   "log",	  "\n",	       "\n\n",	  ",",		"“",	"”",
	    "(",      ":",     "forever", "help",      "ack",	  "2026-12-04", "\t",	"I",
	    "*",      "•",     "ü",	  "Best",      "thanks",  "back",	"a",	"in",
	    "to",     "moved"};
	const uint64_t seed = 20261125;
	struct chance chance = chance_make(seed);

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (int run = 0; run < RANDOM_RUNS; run++) {
		struct buf text = buf_make(8192);
		const uint32_t count = chance_draw(&chance, RANDOM_MAX);

		for (uint32_t i = 0; i < count; i++) {
			buf_adds(&text, words[chance_draw(&chance, COUNT(words))]);
			if (chance_draw(&chance, 4) > 0)
				buf_addc(&text, ' ');
		}
		check_sound(buf_text(&text));
		buf_free(&text);
	}
}

static void test_half_of_a_line_is_never_done(void **state)
{
	static const char *const lines[] = {"1 yes, 2 no",
					    "1 yes and 2 no",
					    "ack 1, 2",
					    "ack 1 and 2",
					    "ack 1 2",
					    "why 1, 2",
					    "1 ack, 2",
					    "acme yes, elbe no",
					    "acme call, elbe call today",
					    "snooze 1, 2 until 7 dec",
					    "1 call today, 2 meeting yesterday",
					    "1 off 2 off",
					    "call 1 and 2 today",
					    "1 call + 2 call",
					    "log 1 call, 2 call"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		expect_fault(lines[i], "a line for each");
	expect("1 call today talked to 3 people", "log 1 call 2026-11-25 | talked to 3 people\n");
	expect("1 call 2 hours, 4 offers", "log 1 call - | 2 hours, 4 offers\n");
	expect("snooze 1, 7 dec", "snooze 1 2026-12-07\n");
	expect("1 snooze 7 dec 2 of 3 signed", "snooze 1 2026-12-07 | 2 of 3 signed\n");
	expect("1 call today, they call back", "log 1 call 2026-11-25 | they call back\n");
}

static void test_what_did_not_take_place_is_not_logged(void **state)
{
	static const char *const lines[] = {"2 call not yet",
					    "2 meeting cancelled",
					    "2 meeting was cancelled",
					    "2 call yesterday missed",
					    "2 meeting didn\u2019t happen",
					    "2 call no answer",
					    "2 meeting planned",
					    "acme call not yet",
					    "2 call nicht erreicht",
					    "2 meeting no",
					    "2 call off"};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		expect_fault(lines[i], "took place");
	expect("1 meeting moved to 4 dec", "moved 1 2026-12-04\n");
	expect_fault("1 meeting moved", "to which day?");
	expect("1 call today talked, not about money",
	       "log 1 call 2026-11-25 | talked, not about money\n");
	expect("1 call Jana sends the offer, no discount",
	       "log 1 call - | Jana sends the offer, no discount\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_half_of_a_line_is_never_done),
	    cmocka_unit_test(test_what_did_not_take_place_is_not_logged),
	    cmocka_unit_test(test_each_verb_is_read_with_its_number),
	    cmocka_unit_test(test_a_name_may_have_several_words_and_the_verb_ends_it),
	    cmocka_unit_test(test_a_verb_may_come_first),
	    cmocka_unit_test(test_bullets_numbers_and_stops_may_stand_around_it),
	    cmocka_unit_test(
		test_days_are_those_of_the_command_line_in_as_many_words_as_people_use),
	    cmocka_unit_test(test_a_day_that_could_be_two_or_none_is_asked_back),
	    cmocka_unit_test(test_a_note_that_begins_like_no_day_is_a_note),
	    cmocka_unit_test(test_away_has_a_last_day_or_ends),
	    cmocka_unit_test(test_who_is_meant_is_never_guessed),
	    cmocka_unit_test(test_no_is_no_no_when_it_was_moved),
	    cmocka_unit_test(test_no_half_of_a_line_is_done),
	    cmocka_unit_test(test_what_is_still_to_come_is_no_contact),
	    cmocka_unit_test(test_a_question_tells_of_no_contact),
	    cmocka_unit_test(test_nothing_can_be_deleted),
	    cmocka_unit_test(test_greetings_thanks_and_signatures_are_left_out),
	    cmocka_unit_test(test_a_command_below_the_closing_still_counts),
	    cmocka_unit_test(test_prose_is_one_complaint_however_long_it_is),
	    cmocka_unit_test(test_a_line_that_the_mailer_broke_goes_on_in_its_note),
	    cmocka_unit_test(test_a_note_too_long_is_refused_not_cut),
	    cmocka_unit_test(test_lines_are_counted_and_kept_as_they_were_written),
	    cmocka_unit_test(test_random_words_give_sound_commands_or_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
