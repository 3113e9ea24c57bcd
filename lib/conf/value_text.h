/* Readers of values that are kept as text; each is the `read` of a kind (value.h). Private to this
 * room. */
#ifndef CADENCE_CONF_VALUE_TEXT_H
#define CADENCE_CONF_VALUE_TEXT_H

#include "conf/value.h"

/* place: const char * */
value_reader value_text_name, value_text_tags, value_text_id, value_text_mail, value_text_mailbox,
    value_text_database, value_text_socket, value_text_folder, value_text_host, value_text_proxy,
    value_text_link;
/* place: struct secret * */
value_reader value_text_secret, value_text_token, value_text_signing, value_text_heartbeat;

#endif
