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
// In: desk (what a happening means), route (which conversation), target (what it refers to), classify (reply, note or
// command), amend (edits and deletions), album (several messages that are one line), state, command, rate.
//
// Out: courier (which lanes), step (one part: intend, send, settle), prepare (what of an entry is left to show), attach
// (files, or words in their place), failed (what the platform did not accept), pace (whose turn it is), lease, guard,
// retry, trouble (the condition of an endpoint that does not accept), notice.
//
// What agents keep ready: quick (all of them at hand), quick_pick (a choice on its way), command_quick, command_quick_keep;
// how they are found and filled in: bridge/quickreply.
//
// What the workbench reads: browse (lists by page), transcript, find (search; what a word is: bridge/search), report.
//
// Beside, in and out: card (what a thread's card shows), recall (what was removed where), proof (what has become of a
// line), link (a visitor goes on elsewhere), colleague (what is said in shared channels), typing (who is writing where),
// mail (what visitors get who have left).
//
// Around: keeper (which instance), office (when somebody is there), catchup (what was missed), opening (where, when the thread
// was not known yet), porter (the bytes of files), wake (hints), meter, examine (proof that an endpoint will work).
//
// Languages: hearing (what visitors speak, and which lines wait for a translation), interpret (who has them translated),
// translation (what an entry says at an endpoint), translate (the port behind which translators stand; its engines:
// adapters/translate); which language somebody writes in: bridge/language, what a translator must not touch: bridge/masking.
//
// The robot: thought (what it has thought of, and whether it is said), handoff (who gets a person, and why), robot (the port
// behind which its engines stand; they and its endpoint: adapters/robot); what answers a question: bridge/knowledge.
//
// Before the sink: adapters/intake, which adapters share (order within a thread, another try, reports of health).
//
// # A lane
//
// A lane's cursor is the last entry that is settled there, its head the last that matters to it: it has work exactly
// when the cursor is behind. It begins without a thread; the first part sent is then the opening part, the card, whose
// message becomes the thread. Whoever claims a lane gets a lease, which others wait for, and raises its epoch, which
// every later write must name: a worker that was cut off and comes back changes nothing. The claim also writes the intent
// that most likely comes next; for a moment that stands for the worker's own, which saves a write. An endpoint that reads the log
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
// People are quicker than receipts: what they do in a thread or about a message that is still to be settled is offered
// again (opening, target), and what nobody has offered is read back before anything live is taken (catchup, opening).
//
// Privacy: the Desk gives the audience [Everyone] to what visitors say, to what classify calls a reply, to edits
// and deletions of these, and to a conversation's being closed or opened again. What a visitor is told who came by a link
// is for the endpoint they came to, and what is tried again for the one that did not get it; so is a line said anew because its translation came late. What the
// robot says has a visitor among its audience, too, and what it proposes has not. No other entry is ever given
// an audience that includes a visitor.
//
// No transaction spans a network call, and nothing is published before its transaction has committed.
//
// # Colleagues
//
// The shared channels of several team endpoints are one conversation without a visitor, whose lanes have the channels
// for threads ([Desk.Gather]). An adapter that takes part implements [Commons] and
//
//   - reports what people do in the channel with Inbound.Thread as Commons names it, also for what stands in a thread of
//     the channel; there Inbound.Target is what the line answers, where threads are flat the thread's first message;
//   - reports reactions as InReacted and InUnreacted, without From when somebody has taken away everybody's;
//   - renders a Said entry with Delivery.Landed (what it answers here) or, where threads are flat, Delivery.Root (the
//     first line of the thread) as an answer, if there is one, and otherwise into the channel;
//   - renders mentions of those in Delivery.People so that they are called, and no others;
//   - renders Reacted and Unreacted as one React or Unreact part for Landed[0], of Entry.Emoji; one that the platform does
//     not have is no part. The Desk counts people, so that the one reaction of ours stands while anybody elsewhere has it;
//   - shows Said entries as what a colleague says, though their audience is AgentsOnly, under a name that tells the
//     endpoint they come from: nobody can pass for a colleague of another place;
//   - reads the channel back as its Historian, and, if that may leave out messages, implements [Witness].
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
