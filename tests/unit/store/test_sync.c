/* The file's partners: taken over, archived, restored, and what a reload may not do. */
#include "road.h"

#define FILE_MAX 40

struct file {
	struct partner_entry entries[FILE_MAX];
	size_t count;
};

/* A file with that many partners, p0, p1, … of maria. */
static struct file *file_of(struct road *road, size_t count)
{
	struct file *file = arena_alloc(road->arena, 1, sizeof(*file));

	file->count = count;
	for (size_t i = 0; i < count; i++) {
		file->entries[i] = (struct partner_entry){
		    .id = arena_printf(road->arena, "p%zu", i),
		    .name = "Partner",
		    .owner = "maria",
		    .cadence = "standard",
		    .origin = arena_printf(road->arena, "cadenced.conf:%zu", i + 10),
		    .since = DAY_NEVER,
		    .last_contact = DAY_NEVER,
		};
	}
	return file;
}

/* As the store does it: what is refused is undone. */
static enum status sync_with(struct road *road, const struct file *file, struct sync_plan *plan,
			     struct error *err)
{
	enum status status;

	plan->entries = file->entries;
	plan->count = file->count;
	assert_int_equal(db_point(road->db), STATUS_OK);
	status = sync_file(road->db, &road->scene, plan, err);
	if (status == STATUS_OK)
		db_point_keep(road->db);
	else
		db_point_undo(road->db);
	db_clear(road->db);
	return status;
}

static struct sync_plan sync_ok(struct road *road, const struct file *file)
{
	struct sync_plan plan = {0};
	struct error err = {{0}};

	if (sync_with(road, file, &plan, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return plan;
}

static void assert_did(struct sync_plan plan, int added, int changed, int archived, int restored)
{
	assert_int_equal(plan.added.count, added);
	assert_int_equal(plan.changed.count, changed);
	assert_int_equal(plan.archived.count, archived);
	assert_int_equal(plan.restored.count, restored);
}

static void assert_refused(struct road *road, const struct file *file, enum status wanted,
			   const char *reason)
{
	struct sync_plan plan = {0};
	struct error err = {{0}};
	const int64_t history = ask(road, "SELECT count(*) FROM history");
	const int64_t owners = ask(road, "SELECT count(*) FROM owner");

	assert_int_equal(sync_with(road, file, &plan, &err), wanted);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" is not in \"%s\"", reason, err.text);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), history);
	assert_int_equal(ask(road, "SELECT count(*) FROM owner"), owners);
}

static void test_the_same_file_again_writes_nothing(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 5);
	int64_t history;

	file->entries[2].last_contact = TODAY - 3;
	assert_did(sync_ok(road, file), 5, 0, 0, 0);
	history = ask(road, "SELECT count(*) FROM history");
	const int64_t changes = ask(road, "SELECT total_changes()");
	assert_did(sync_ok(road, file), 0, 0, 0, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), history);
	assert_int_equal(ask(road, "SELECT total_changes()"), changes);
}

static void test_a_line_that_moves_is_remembered_but_no_news(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);
	int64_t history;

	file->entries[0].last_contact = TODAY - 3;
	sync_ok(road, file);
	history = ask(road, "SELECT count(*) FROM history");
	file->entries[0].origin = "cadenced.conf:99";
	assert_did(sync_ok(road, file), 0, 0, 0, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM history"), history);
	assert_string_equal(ask_text(road, "SELECT origin FROM partner"), "cadenced.conf:99");
	assert_string_equal(ask_text(road, "SELECT origin FROM contact"), "cadenced.conf:99");
}

static void test_an_id_that_enters_is_taken_over_with_its_contacts(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);

	add_partner(road, 7, "p0", TODAY - 2);
	assert_did(sync_ok(road, file), 0, 1, 0, 0);
	assert_int_equal(ask(road, "SELECT row FROM partner"), 7);
	assert_string_equal(ask_text(road, "SELECT name FROM partner"), "Partner");
	assert_int_equal(ask(road, "SELECT count(*) FROM contact WHERE partner = 7"), 1);
	assert_int_equal(
	    ask(road, "SELECT count(*) FROM history WHERE verb = 'partner.taken_over'"), 1);
}

static void test_an_id_that_leaves_is_archived_and_one_that_returns_is_restored(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 2);
	const int64_t silent = TODAY - 100;

	file->entries[1].last_contact = (day)silent;
	sync_ok(road, file);
	assert_int_equal(ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL"), 1);
	file->count = 1;
	assert_did(sync_ok(road, file), 0, 0, 1, 0);
	assert_int_equal(ask(road, "SELECT archived FROM partner WHERE id = 'p1'"), TODAY);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL"), 0);
	assert_string_equal(ask_text(road, "SELECT cause FROM nudge"), "archived");
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 1);
	assert_did(sync_ok(road, file), 0, 0, 0, 0);
	file->count = 2;
	assert_did(sync_ok(road, file), 0, 0, 0, 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL"), 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM partner WHERE archived IS NULL"), 2);
}

static void end(struct road *road, const char *id)
{
	struct error err;

	assert_int_equal(partner_end(road->db, &road->scene, id, NULL, &err), STATUS_OK);
}

static void restore(struct road *road, const char *id)
{
	struct error err = {""};

	if (partner_restore(road->db, &road->scene, id, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static void test_an_ended_partner_that_is_restored_is_the_files_at_once(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);
	struct partner_change change = {.id = "p0", .name = "Mine", .since = DAY_NEVER};
	enum change_result result;
	struct error err;

	sync_ok(road, file);
	end(road, "p0");
	restore(road, "p0");
	assert_string_equal(ask_text(road, "SELECT origin FROM partner"), "cadenced.conf:10");
	assert_int_equal(partner_write(road->db, &road->scene, &change, false, &result, &err),
			 STATUS_CONFLICT);
	assert_string_equal(err.text, "p0 is managed by cadenced.conf:10; change it there");
}

static void test_an_ended_partner_is_restored_as_the_file_has_it_by_then(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);

	sync_ok(road, file);
	end(road, "p0");
	file->entries[0].name = "Renamed";
	file->entries[0].origin = "cadenced.conf:99";
	assert_did(sync_ok(road, file), 0, 0, 0, 0);
	assert_int_equal(ask(road, "SELECT archived FROM partner WHERE ended = 1"), TODAY);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched"), 0);
	restore(road, "p0");
	assert_string_equal(ask_text(road, "SELECT origin FROM partner"), "cadenced.conf:99");
	assert_string_equal(ask_text(road, "SELECT name FROM partner"), "Renamed");
	assert_int_equal(ask(road, "SELECT count(*) FROM meta WHERE key LIKE 'ended|%'"), 0);
}

static void test_an_ended_partner_that_left_the_file_is_the_databases(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 2);

	sync_ok(road, file);
	end(road, "p0");
	end(road, "p1");
	file->entries[0] = file->entries[1];
	file->count = 1;
	assert_did(sync_ok(road, file), 0, 0, 0, 0);
	restore(road, "p0");
	restore(road, "p1");
	assert_int_equal(ask(road, "SELECT origin IS NULL FROM partner WHERE id = 'p0'"), 1);
	assert_int_equal(ask(road, "SELECT origin IS NULL FROM partner WHERE id = 'p1'"), 0);
}

static void test_an_ended_partner_that_the_file_has_is_not_erased(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);
	struct error err;

	sync_ok(road, file);
	end(road, "p0");
	assert_int_equal(partner_erase(road->db, &road->scene, "p0", &err), STATUS_CONFLICT);
	file->count = 0;
	sync_ok(road, file);
	assert_int_equal(partner_erase(road->db, &road->scene, "p0", &err), STATUS_OK);
}

static void test_last_contact_is_exactly_one_row(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);
	struct error err;
	int64_t id;

	file->entries[0].last_contact = TODAY - 30;
	sync_ok(road, file);
	id = ask(road, "SELECT id FROM contact");
	assert_int_equal(remove_contact(road, id, &err), STATUS_CONFLICT);
	assert_non_null(strstr(err.text, "comes from cadenced.conf:10; change last_contact there"));
	assert_int_equal(ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL"), 1);
	file->entries[0].last_contact = TODAY - 1;
	assert_did(sync_ok(road, file), 0, 1, 0, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 1);
	assert_int_equal(ask(road, "SELECT day FROM contact"), TODAY - 1);
	assert_int_equal(ask(road, "SELECT count(*) FROM nudge WHERE resolved IS NULL"), 0);
	file->entries[0].last_contact = DAY_NEVER;
	assert_did(sync_ok(road, file), 0, 1, 0, 0);
	assert_int_equal(ask(road, "SELECT count(*) FROM contact"), 0);
}

static void test_last_contact_after_today_refuses_the_whole_file(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 3);

	file->entries[2].last_contact = TODAY + 8;
	assert_refused(road, file, STATUS_INVALID,
		       "cadenced.conf:12: partner p2: last_contact: 2026-12-01 is after today "
		       "(2026-11-23 in UTC); it should be today or before");
	assert_int_equal(ask(road, "SELECT count(*) FROM partner"), 0);
	/* One that was right when it was written stays right when the clock goes back. */
	file->entries[2].last_contact = TODAY;
	sync_ok(road, file);
	set_day(road, TODAY - 5);
	sync_ok(road, file);
}

static void test_too_many_leavers_need_a_yes(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 40);
	struct sync_plan yes = {.accept_archiving = true};
	struct error err;

	sync_ok(road, file);
	file->count = 36; /* four, but a tenth exactly */
	assert_did(sync_ok(road, file), 0, 0, 4, 0);
	file->count = 32;
	assert_refused(road, file, STATUS_CONFLICT,
		       "would archive 4 of 36 partners; if that is meant: cadencectl reload --yes");
	assert_int_equal(ask(road, "SELECT count(*) FROM partner WHERE archived IS NULL"), 36);
	assert_int_equal(sync_with(road, file, &yes, &err), STATUS_OK);
	assert_int_equal(yes.archived.count, 4);
	file->count = 29; /* three are free */
	assert_did(sync_ok(road, file), 0, 0, 3, 0);
}

static void test_a_reload_that_loses_an_owner_of_the_database_is_refused(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 1);
	struct sync_plan starting = {.starting = true};
	struct error err;

	add_partner(road, 7, "acme", TODAY - 1);
	sync_ok(road, file);
	tell(road, "UPDATE partner SET owner = 'gone', hears = 'gone' WHERE id = 'acme'");
	assert_refused(road, file, STATUS_CONFLICT,
		       "partner acme of the database has the owner \"gone\"");
	tell(road, "UPDATE partner SET owner = 'jon', cadence = 'lost' WHERE id = 'acme'");
	assert_refused(road, file, STATUS_CONFLICT, "has the cadence \"lost\"");
	assert_int_equal(sync_with(road, file, &starting, &err), STATUS_OK);
	/* Taken over by the file, it is well again. */
	file->entries[0].id = "acme";
	sync_ok(road, file);
}

static void test_a_lost_owners_backup_hears_until_the_owner_is_back(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 0);
	struct sync_plan starting = {.starting = true};
	struct error err;
	struct facts facts;

	road->owners[1].backup = "jon";
	add_partner(road, 7, "acme", TODAY - 400);
	sync_ok(road, file);
	sweep(road);
	road->roster.owner_count = 1; /* maria is gone */
	assert_int_equal(sync_with(road, file, &starting, &err), STATUS_OK);
	assert_int_equal(partner_facts_row(road->db, &road->scene, 7, road->arena, &facts),
			 STATUS_OK);
	assert_string_equal(facts.partner.owner, "maria");
	assert_ptr_equal(facts.owner, &road->owners[0]);
	/* Nothing would change by itself any more, and yet it is looked at again. */
	assert_int_equal(nudge_next_look(road->db), 0);
	road->roster.owner_count = 2;
	assert_int_equal(sync_with(road, file, &starting, &err), STATUS_OK);
	assert_int_equal(partner_facts_row(road->db, &road->scene, 7, road->arena, &facts),
			 STATUS_OK);
	assert_ptr_equal(facts.owner, &road->owners[1]);
}

static void test_stand_ins_in_a_circle_leave_nobody_to_hear(void **state)
{
	struct road *road = *state;
	struct sync_plan starting = {.starting = true};
	struct error err;
	struct facts facts;

	road->owners[0].backup = "maria";
	road->owners[1].backup = "jon";
	add_partner(road, 7, "acme", TODAY - 400);
	sync_ok(road, file_of(road, 0));
	road->roster.owner_count = 0;
	assert_int_equal(sync_with(road, file_of(road, 0), &starting, &err), STATUS_OK);
	assert_int_equal(partner_facts_row(road->db, &road->scene, 7, road->arena, &facts),
			 STATUS_OK);
	assert_null(facts.owner);
}

static void test_other_calendars_have_everybody_looked_at_again(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 3);

	file->entries[0].last_contact = TODAY - 400; /* cold: nothing changes by itself any more */
	memset(road->roster.hash, 'a', 64);
	sync_ok(road, file);
	sweep(road);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched WHERE next_check = 0"), 0);
	sync_ok(road, file);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched WHERE next_check = 0"), 0);
	memset(road->roster.hash, 'b', 64);
	sync_ok(road, file);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched WHERE next_check = 0"), 3);
}

static void test_another_way_to_judge_has_everybody_looked_at_again(void **state)
{
	struct road *road = *state;
	struct file *file = file_of(road, 3);

	file->entries[0].last_contact = TODAY - 400; /* cold: nothing changes by itself any more */
	memset(road->roster.hash, 'a', 64);
	sync_ok(road, file);
	sweep(road);
	/* As the first judgement wrote it: without its number. */
	tell(road, "UPDATE meta SET value = substr(value, 1, 64) WHERE key = 'roster_hash'");
	sync_ok(road, file);
	assert_int_equal(ask(road, "SELECT count(*) FROM sched WHERE next_check = 0"), 3);
}

static void test_owners_are_remembered_from_the_day_they_were_first_seen(void **state)
{
	struct road *road = *state;

	sync_ok(road, file_of(road, 0));
	set_day(road, TODAY + 9);
	road->owners[1].manager = "jon";
	sync_ok(road, file_of(road, 0));
	assert_int_equal(ask(road, "SELECT first_seen FROM owner WHERE id = 'maria'"), TODAY);
	assert_string_equal(ask_text(road, "SELECT manager FROM owner WHERE id = 'maria'"), "jon");
}

#define ON_ROAD(test) cmocka_unit_test_setup_teardown(test, road_open, road_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_ROAD(test_the_same_file_again_writes_nothing),
	    ON_ROAD(test_a_line_that_moves_is_remembered_but_no_news),
	    ON_ROAD(test_an_id_that_enters_is_taken_over_with_its_contacts),
	    ON_ROAD(test_an_id_that_leaves_is_archived_and_one_that_returns_is_restored),
	    ON_ROAD(test_an_ended_partner_that_is_restored_is_the_files_at_once),
	    ON_ROAD(test_an_ended_partner_is_restored_as_the_file_has_it_by_then),
	    ON_ROAD(test_an_ended_partner_that_left_the_file_is_the_databases),
	    ON_ROAD(test_an_ended_partner_that_the_file_has_is_not_erased),
	    ON_ROAD(test_last_contact_is_exactly_one_row),
	    ON_ROAD(test_last_contact_after_today_refuses_the_whole_file),
	    ON_ROAD(test_too_many_leavers_need_a_yes),
	    ON_ROAD(test_a_reload_that_loses_an_owner_of_the_database_is_refused),
	    ON_ROAD(test_a_lost_owners_backup_hears_until_the_owner_is_back),
	    ON_ROAD(test_stand_ins_in_a_circle_leave_nobody_to_hear),
	    ON_ROAD(test_other_calendars_have_everybody_looked_at_again),
	    ON_ROAD(test_another_way_to_judge_has_everybody_looked_at_again),
	    ON_ROAD(test_owners_are_remembered_from_the_day_they_were_first_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
