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
// In: desk (what a happening means), route (which conversation), classify (reply, note or command), state, command, rate.
//
// Out: courier (which lanes), step (one part: intend, send, settle), prepare (what of an entry is left to show), failed
// (what the platform did not accept), pace (whose turn it is), lease, guard, retry, notice.
//
// Around: keeper (which instance), catchup (what was missed), porter (the bytes of files), wake (hints), meter.
//
// # A lane
//
// A lane's cursor is the last entry that is settled there, its head the last that matters to it: it has work exactly
// when the cursor is behind. It begins without a thread; the first part sent is then the opening part, the card, whose
// message becomes the thread. Whoever claims a lane gets a lease, which others wait for, and raises its epoch, which
// every later write must name: a worker that was cut off and comes back changes nothing. An endpoint that reads the log
// itself, as a browser does after the last number it has seen, has a lane too, but nothing is ever sent there.
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
// Privacy: the Desk gives the audience [Everyone] to what visitors say, to what classify calls a reply, to edits
// and deletions of these, and to a conversation's being closed or opened again; no other entry is ever given an audience that includes a visitor.
//
// No transaction spans a network call, and nothing is published before its transaction has committed.
//
// # States of a guest conversation
//
//	robot, unassigned  ── take, first reply ────▶ assigned
//	assigned           ── unassign ─────────────▶ unassigned
//	any of these       ── close ────────────────▶ closed
//	closed             ── reopen, reply ────────▶ assigned
//	closed             ── a visitor's new line ─▶ unassigned (robot, where there is one)
//
// A conversation begins as robot where a robot is configured, else as unassigned. The first reply assigns it to whoever
// wrote it, in the transaction that logs the reply. The four lists show All (assigned), Unassigned, Robot and History
// (closed).
package bridge
