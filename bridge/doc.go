// Package bridge is the core of Skein: it carries conversations between visitors and the team chats in which they are
// answered, and knows no platform.
//
// # The idea
//
// A conversation is an append-only log of entries ([Entry]). Every place where the conversation must appear, a Slack
// thread, a browser, a chat with a bot, is a lane ([Lane]): one row that remembers how far into the log that place has
// got. The [Desk] is the only writer of logs; adapters ([Adapter]) hand it what happened and acknowledge their platform
// only after it has committed. The [Courier] moves lanes forward: it claims a lane, sends the next entry, records the
// receipt, advances the cursor.
//
//	platform ──Inbound──▶ Desk ──Entry──▶ log ──Delivery──▶ Courier ──Part──▶ platform
//	                       ▲               ▲                   │
//	              classify, route      conversation       lane: cursor, intent,
//	              state, command       visitor, agent     receipt, lease
//
// # Where to read
//
// The words: endpoint, conversation, entry, inbound, delivery, lane, file, adapter, store (the ports), failure.
//
// In: desk (what a happening means), route (which conversation), classify (reply, note or command), state, command.
//
// Out: courier (which lanes), step (one part: intend, send, settle), prepare (what of an entry is left to show), pace
// (whose turn it is), retry, notice.
//
// Around: keeper (which instance), catchup (what was missed), porter (the bytes of files), wake (hints), meter.
//
// # What is promised
//
// Inward: an acknowledged event is in the log, once. The log's unique key (endpoint, key) is the platform's own identity
// of the happening.
//
// Outward: every entry reaches every lane it matters to, in order, or the agents are told why not. The intent of a part
// is written before the platform is asked, and its receipt together with the cursor afterwards; whoever finds an intent
// left behind asks the platform ([Finder]) before sending again.
//
// Privacy: only an entry whose audience is [Everyone] can reach a visitor, and only what classify calls a reply is given
// that audience.
//
// No transaction spans a network call, and nothing is published before its transaction has committed.
//
// # States of a guest conversation
//
//	robot ──▶ unassigned ──▶ assigned ──▶ closed
//	               ▲             │          │
//	               └─────────────┴──────────┘   unassign; a visitor's new line
//
// A conversation begins as robot where a robot is configured, else as unassigned. The first reply assigns it to whoever
// wrote it, in the transaction that logs the reply. The four lists show All (assigned), Unassigned, Robot and History
// (closed).
package bridge
