/* The table of verbs. --help, cadencectl(1) and completion are made from it. */
#include "ctl/verbs.h"

/* clang-format off: a table is read in columns */
const struct verb ctl_verbs[] = {
    {"status", verb_status, "", "how the daemon is; exit status 1 when something is to be seen to",
     .more = "Says when it looks next, how many partners stand where, what waits or is dead, which "
	     "channels are blocked, and what will hurt later, such as a calendar that ends.",
     .examples = {"status"}},
    {"doctor", verb_doctor, "[--conf FILE]",
     "check all that cadenced depends on, channels too, and send nothing",
     .more = "The configuration, files and their rights, secrets, names, encryption, certificates "
	     "and logins, from within the daemon. Exit status 1 when something failed. Without a "
	     "daemon it checks what it can.",
     .examples = {"doctor"}},
    {"due", verb_due, "[OWNER]", "who is due or cold",
     .more = "The most urgent first, of all owners or of one.", .examples = {"due", "due maria"}},
    {"list", verb_list,
     "[--owner OWNER] [--cadence CADENCE] [--tag TAG] [--state STATE] [--archived] [--by risk]",
     "all partners, or with --archived those that are archived",
     .more = "STATE is on track, due soon, due, cold, to confirm, meeting booked, snoozed or off. "
	     "By risk: who is least likely to resume contact by itself first, see "
	     "cadenced-risk(7).",
     .examples = {"list --owner maria --state cold", "list --by risk"}},
    {"show", verb_show, "PARTNER [--all]", "one partner, its contacts and history",
     .more =
	 "Each contact has a number, which unlog takes. With --all not only the last 10 contacts "
	 "and 20 rows of history.",
     .examples = {"show acme"}},
    {"why", verb_why, "PARTNER [--on DAY]",
     "why it stands where it stands, today or on another day",
     .more = "Every rule with what it went by, what was told, and what comes if nothing happens, "
	     "foretold by the code that will decide it.",
     .examples = {"why acme", "why acme --on 7dec"}},
    {"log", verb_log,
     "PARTNER KIND [DAY] [NOTE…] [--direction in|out|both] [--by OWNER] [--person NAME] "
     "[--minutes N]",
     "a contact happened",
     .more =
	 "It resets the clock, unless it is a call, an email or a message with --direction out: "
	 "nobody answered that. Without a day it was today. Say today before a note that "
	 "begins like a day.",
     .examples = {"log acme call today \"talked, numbers Friday\"",
		  "log borealis meeting 3d --person \"Liv Dahl\" --minutes 45"}},
    {"unlog", verb_unlog, "CONTACT-ID", "take a contact back",
     .more =
	 "The number stands in what log said and in 'cadencectl show PARTNER'. What the contact "
	 "had ended goes on.",
     .examples = {"unlog 17"}},
    {"snooze", verb_snooze, "PARTNER DAY [REASON…]", "be quiet about it until that day",
     .more = "At most 90 days ahead. It comes back with the reason; a contact ends it earlier.",
     .examples = {"snooze borealis 7dec their CFO is on leave"}},
    {"ack", verb_ack, "PARTNER [REASON…]",
     "working on it: skip one review day, tell nobody else for 2 weeks",
     .more = "Only of what is due or cold. It stays in the list.",
     .examples = {"ack acme offer is out"}},
    {"plan", verb_plan, "PARTNER DAY [REASON…]", "a meeting is booked",
     .more =
	 "Quiet until then. On the workday after it the digest asks whether it happened: answer "
	 "with log, noshow or plan.",
     .examples = {"plan acme 2w"}},
    {"unplan", verb_unplan, "PARTNER", "the booked meeting is called off",
     .examples = {"unplan acme"}},
    {"noshow", verb_noshow, "PARTNER", "the booked meeting did not happen",
     .more = "The clock goes on as if it had never been booked.", .examples = {"noshow acme"}},
    {"off", verb_off, "PARTNER [DAY | forever] [REASON…]", "no nudges until that day, or for good",
     .more = "A reason comes after a day or the word forever. What is off for good is asked about "
	     "every 90 days; a contact ends it.",
     .examples = {"off elbe 1mar between two contracts", "off elbe forever their parent decides"}},
    {"on", verb_on, "PARTNER", "nudges again: off and snooze end", .examples = {"on elbe"}},
    {"decide", verb_decide, "PARTNER (keep | fix DAY | end) [REASON…]",
     "what shall become of it: go on, mended by a day, or archived",
     .more = "keep starts the clock today; fix makes it due on the promised day, unless it is due "
	     "later anyway; end archives it "
	     "with its history, and restore brings it back.",
     .examples = {"decide acme keep", "decide acme fix 4w new contract by then",
		  "decide acme end they were bought"}},
    {"restore", verb_restore, "PARTNER | FILE [--conf FILE] | --verify FILE",
     "bring an archived partner back, or a backup",
     .more =
	 "A word with / or . in it is a file: the backup takes the place of the database, while "
	 "cadenced is stopped. With --verify it is only read, and said to be sound or not.",
     .examples = {"restore acme", "restore --verify cadenced-2026-11-24.db"}},
    {"erase", verb_erase, "PARTNER [--yes]", "everything about it goes, after a question",
     .more = "Contacts, answers and history. Nothing brings them back but a backup. A partner that "
	     "the configuration file names has to leave it first.",
     .examples = {"erase delta --yes"}},
    {"owners", verb_owners, "", "who has partners, hears over which channels, and is away",
     .examples = {"owners"}},
    {"away", verb_away, "OWNER FIRST-DAY LAST-DAY | OWNER off | OWNER",
     "an owner is away: the backup hears what turns cold",
     .more = "The rest waits for the first digest after the return. An owner alone is told about.",
     .examples = {"away maria monday 2w", "away maria", "away maria off"}},
    {"partner", verb_partner,
     "(add ID | set PARTNER) [--name NAME] [--owner OWNER] [--cadence CADENCE] [--since DATE] "
     "[--tags TAGS] [--cold-mark SPAN|none] | move PARTNER OWNER",
     "partners that the database keeps",
     .more = "What the configuration file says of a partner is changed there. A DATE is written "
	     "2024-03-01.",
     .examples = {"partner add delta --name \"Delta SA\" --owner maria",
		  "partner set delta --cadence strategic", "partner move delta jon"}},
    {"preview", verb_preview, "OWNER [--channel CHANNEL] [--format text|html|json|raw]",
     "the digest as it would go out now",
     .more = "It is made and not sent. raw is what would go over the wire.",
     .examples = {"preview maria", "preview maria --channel sales --format json"}},
    {"import", verb_import, "partners|contacts FILE.csv [--dry-run]",
     "read a CSV file (- for standard input)",
     .more = "The first line names the columns: id, name, owner, cadence, since, tags, cold_mark "
	     "for partners; "
	     "partner, date, kind, direction, by, person, note, ext_id, minutes for contacts. "
	     "Importing the same file twice changes nothing. A bad row is said with its line, and "
	     "the others are stored.",
     .examples = {"import contacts contacts.csv --dry-run"}},
    {"export", verb_export, "partners|contacts [-o FILE]",
     "write CSV, to standard output or a file", .more = "In the form that import reads.",
     .examples = {"export contacts -o contacts.csv"}},
    {"outbox", verb_outbox, "[list | show DELIVERY | retry [DELIVERY] | drop DELIVERY]",
     "deliveries that are not done",
     .more =
	 "retry without a number tries all that are dead or wait for a blocked channel. What is "
	 "dropped is told by the next digest.",
     .examples = {"outbox", "outbox retry"}},
    {"test", verb_test, "(CHANNEL [--reply] | reply) [--to ADDRESS]", "send a test message",
     .more = "Waits for the answer and says it in words. Mail goes to the first admin unless --to "
	     "names another. With --reply, or as test reply over the first mail channel, it can be "
	     "answered by replying; what is answered changes nothing.",
     .examples = {"test mail --to you@example.com", "test reply --to you@example.com"}},
    {"receive", verb_receive, "", "take a mail that answers a digest, from standard input",
     .more = "For an alias of the mail server. Done when the answer is on disk or put aside; exit "
	     "status 75 says that the mail has to be kept and tried again.",
     .examples = {"receive <mail"}},
    {"rekey", verb_rekey, "", "sign the tokens of replies with a new key",
     .more = "Mails that were sent under the key before it can be answered still, until the next "
	     "rekey.",
     .examples = {"rekey"}},
    {"simulate", verb_simulate,
     "[--conf FILE] [--contacts FILE.csv] [--partners FILE.csv] [--from DAY] [--to DAY] "
     "[--owner OWNER] [--react P,DAYS] [--seed N] [--summary]",
     "what would be sent, in virtual time; needs no daemon",
     .more = "Each digest of a year, or from one day to another, and then how many nudges that "
	     "makes. With --react 0.5,3 half of what is told is answered after 3 days.",
     .examples = {"simulate --conf new.conf --summary --react 0.5,3"}},
    {"reload", verb_reload, "[--yes]", "read the configuration again",
     .more =
	 "A wrong file changes nothing, and every error is said. If more than 3 and more than a "
	 "tenth of the partners would be archived, it wants --yes.",
     .examples = {"reload"}},
    {"check", verb_check, "FILE",
     "what a reload with that configuration would change, before it is done",
     .more = "Every setting that differs, and what becomes of the partners.",
     .examples = {"check /etc/cadenced/cadenced.conf"}},
    {"backup", verb_backup, "[FILE]", "a consistent copy of the database (- for standard output)",
     .more = "Without FILE the backup of the day, verified, in the folder beside the database. An "
	     "earlier backup is replaced, any other file is not.",
     .examples = {"backup", "backup cadenced-copy.db"}},
};
/* clang-format on */

const size_t ctl_verb_count = sizeof(ctl_verbs) / sizeof(ctl_verbs[0]);

size_t verb_piece_length(const char *words)
{
	size_t len = 0;
	int depth = 0;

	for (; words[len] && (words[len] != ' ' || depth > 0); len++)
		depth += (words[len] == '[' || words[len] == '(') -
			 (words[len] == ']' || words[len] == ')');
	return len;
}
